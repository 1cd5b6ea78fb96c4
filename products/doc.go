// Package products reads insurance products that are written in YAML, and
// serves them as a [policy.Catalog].
//
// A directory holds one directory for each product, named after its code in
// lower case:
//
//	performance_surety_bonds/
//	  calendar.yaml     which edition is sold when
//	  2021.2.yaml       an edition: immutable once it was used
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
//
// Reading is strict, and lenient only where the meaning cannot change: quotes
// never matter, because values are read from their text (2021.2 stays text and
// 0.300% is exact), and one value may stand for a list of one.
package products
