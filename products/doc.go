// Package products reads insurance products that are written in YAML, and
// serves them as a [policy.Catalog].
//
// A directory holds one directory for each product, named after its code in
// lower case:
//
//	performance_surety_bonds/
//	  calendar.yaml     which edition is sold when
//	  2021.2.yaml       an edition: immutable once it was used
//	  2021.2_test.yaml  its tests
//	  rate.csv          a table of an edition that names it; it counts towards the edition's digest
//
// [Load] reads all of it and answers either a catalog or [Problems]: everything
// that is wrong, each with its file, line and column, the source line and what
// was probably meant. Nothing is left to find out when a request comes.
// [Library] holds worked examples.
//
// A table in CSV has its columns and "value" in the first line. It may be UTF-8,
// with or without a byte order mark, or GBK; a set stands in one cell, parted by
// commas. Full-width characters count as the plain ones that they stand for, and
// spaces and empty rows do not count at all. Problems in it name the cell: B7.
// [Edition.ExportTable] writes one that spreadsheets keep as it is, and
// [ImportTable] takes it back into the edition.
//
// # Tests
//
// An edition is tested in YAML too, by whoever writes it: [LoadSpecs] reads the
// tests, [Spec.Run] runs them, from the command line (chudan test) as from go
// test (package productstest).
//
//	product: PERFORMANCE_SURETY_BONDS
//	edition: 2021.2
//	require: {rules: 100%, conditions: 100%, rows: 100%}
//	fixtures: {sample: testdata/sample.json}
//	cases:
//	  delivery without a send time:
//	    given: sample
//	    with: {attrs.agreeOnSendTime: ~}
//	    expect: reject SEND_TIME_REQUIRED
//	  limits:
//	    given: sample
//	    fill: declared
//	    each:
//	      - {amount: 100000.00, expect: accept}
//	      - {amount: 100000.01, expect: refer LARGE_SUM}
//
// A case is a fixture (given) with fields set by their paths (with), ~ taking
// one away. fill: declared lets the engine fill in what an honest caller
// declares: premium, premiumOfCny, amountOfCny, premiumRate and insurePeriod,
// except what the case sets itself. each makes a case of each row. Cases and
// rows may stand in a CSV file: cases: limits.csv, each: limits.csv.
//
// An expectation is a verdict and all faults, in short reject CODE CODE, where
// a field may follow a code as on the wire (isv.missing-parameter:premium), or
// at length {verdict, premium, rate, premiumOfCny, allocation, steps, faults}.
// Verdict and faults are exact, a sum is looked at where it is written. What
// names no rule, and a case that expects nothing, does not load; one that says
// skip or only never ends in success.
//
// # Editors
//
// [Schema] describes each kind of files to editors, as chudan schema prints it;
// the files of the library name their schema in the first line.
//
// # Leniency
//
// Reading is strict, and lenient only where the meaning cannot change: quotes
// never matter, because values are read from their text (2021.2 stays text and
// 0.300% is exact), and one value may stand for a list of one.
//
// # While requests come
//
// [Live] is a catalog that can be exchanged under the decisions that are being
// made. [Examine] reads a directory once, loads and tests what it read, and says
// whether it may be sold; [Candidate.Current] says whether it still stands there.
// [Catalog.Changes] tells what differs from the catalog before. When to look is
// the caller's: chudan serve watches its directory.
package products
