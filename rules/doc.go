// Package rules compiles and runs the rules that a product is written in.
//
// A [Spec] is the rules as they stand in a product's file, [Compile] turns it
// into a [Ruleset] or tells everything that is wrong with it, and
// [Ruleset.Evaluate] answers an application's faults.
//
//	rs, found := rules.Compile(rules.Spec{
//		Coverages: []string{"QUALITY", "DELIVERY"},
//		Define:    []rules.Definition{{Name: "amountCny", Expr: "amount * currencyRate"}},
//		Rules: []rules.Rule{
//			{Code: "SEND_TIME_REQUIRED", When: "DELIVERY in insuranceTypes", Require: []string{"attrs.agreeOnSendTime"}},
//			{Code: "LARGE_SUM", ReferIf: "amountCny > 100000", To: "underwriting"},
//		},
//	})
//
// # Rules
//
// A rule applies where its `when` is true, or always. It then asks for exactly
// one thing:
//
//	require    fields or objects that must be there; a missing one is rejected
//	must       a condition; false is rejected
//	reject_if  a condition; true is rejected
//	refer_if   a condition; true goes to an underwriter
//	note_if    a condition; true is noted and issued (the fault has no Kind: it never reaches the wire)
//
// Every rule is run, and the worst verdict counts, so their order means
// nothing. A fault blames the fields that its condition reads.
//
// A rule is skipped where a field that it reads is faulty, or is one that a
// require rule asks for and is missing: the application has a fault for that
// already. A rule that cannot be computed (a division by zero, or a fact that is
// not to be had) is a fault of the severity that Spec.OnError names; it never passes.
//
// # Values
//
// Names are the API page's own: amount, attrs.agreeOnSendTime. insuranceTypes
// stands for attrs.insuranceTypes and is empty where that was not sent;
// insurePeriod and amountOfCny are always there, derived where they were not
// sent. The coverages are texts by their own name: DELIVERY. What the insurer
// knows beside the request is read as facts.NAME, where Spec.Facts declares it: a
// bool is a condition, money a number, and so is what is in force per fields of
// the request. A fact is never absent: a rule that comes to read one that is not
// to be had cannot be computed. The rating reads none.
//
//	number     amount, insurePeriod, 100000, 0.5, 0.300%, 1.25‰
//	text       currency, "CNY", 'CNY'
//	time       effectTime, attrs.agreeOnSendTime
//	list       insuranceTypes; after `in` also [a, b]
//	condition  true, false, every comparison
//
// Numbers are exact decimals and compare by value: 100.00 == 100.0, and 0.1 +
// 0.2 == 0.3. There are no floats, so there is no number with an exponent and
// no bare division. A literal has at most 15 digits and 10 decimals, and an
// expression whose result could have more than 200 digits is refused.
//
// # Operators
//
// From the loosest to the tightest:
//
//	c ? a : b                         a and b of one kind
//	or ||
//	and &&
//	== !=                             numbers, texts, times, conditions
//	< <= > >=                         numbers, times; a < b < c is a < b and b < c
//	in, not in                        a text in a list; a number or a text in [a, b]
//	contains, startsWith, endsWith    texts; not contains …
//	matches                           a text and a constant RE2 pattern, found anywhere unless ^ and $ say otherwise
//	+ -                               numbers
//	not !                             a condition; it takes only what follows at once: not (a > b)
//	*                                 numbers
//	-x                                a number
//
// == to matches bind alike.
//
// # Functions
//
//	has(path)                 whether a field was sent or derived; has(attrs): whether any field of the object was
//	calendarDays(from, to)    days at +08:00, both ends counted
//	div(a, b, scale, mode)    a ÷ b with scale decimals, rounded once
//	round(x, scale, mode)     modes: half_up, half_even, down, up
//	min(a, b, …) max(a, b, …) abs(x)
//	len(x)                    characters of a text, items of a list
//
// # Definitions
//
// A definition names an expression. It is computed when it is first read, and
// once for an application. Definitions may use each other, not in a circle.
//
// # Tables
//
// A table gives a number for each combination of values of its columns:
//
//	match: {coverage: coverages, days: 1..365}
//	rows:
//	  - [QUALITY,  1..90,   0.300%]
//	  - [QUALITY,  91..365, 0.420%]
//	  - [DELIVERY, '*',     2‰]
//
// A column is named after what it reads, a field or a definition that is a
// number, a text or a condition; one that is named otherwise is filled by who
// asks. Its domain is coverages, a range, or the values one by one: [CNY, USD].
// A cell is a value, a range, a set [A, B], or '*' for all of the domain; the
// last cell is the value.
//
// Ranges are closed. A column of numbers goes by the last decimal that its
// domain is written with: 1..365 are whole numbers, so that nothing lies
// between 1..90 and 91..365, and 0.01..500.00 goes by 0.01. A cell may not be
// finer than that, and a number between two steps is outside of the domain.
//
// Exactly one row must fit each combination; a gap or an overlap is found when
// the table is compiled. A value outside of its domain is a fault of the field
// that is read or, of several, of the one that the caller decides about:
// expireTime, amount, or else the last on the page.
//
// An expression calls a table by its name, with a value for each column that
// nothing else fills: rate(QUALITY), load().
//
// # The premium
//
// The rate of a product is an expression, or the sum of a table over the
// coverages of the request; the premium is amount × rate, rounded once. The
// parts of a sum are the weights by which the premium is allocated to the
// coverages. Steps take the place of amount × rate:
//
//	steps:
//	  - {name: base, value: amount * rate}
//	  - {name: loaded, value: base * 1.1, round: 2}
//
// A step reads rate and the steps before it; the last one is the premium before
// its rounding to the minor unit. It rounds only where it says to how many
// decimals. Rules and definitions do not see the steps. A minimum is compared
// last, after the rounding.
//
// # Optional fields
//
// An optional field may be read only where something proves it present: has
// to the left of an `and` (or in `when`, or before a `?`, or negated to the
// left of an `or`), or a require rule whose `when` is absent or made of
// conditions that the reading rule's `when` joins by `and` too. What a
// definition reads unproven, each of its readers has to prove.
//
// # Messages
//
// A message shows values as {path} or {definition}; {{ and }} are braces.
// Personal data cannot be shown, nor a field that may be absent. Without a
// message a rule has a standard one.
//
// # Why
//
// [Ruleset.Trace] tells for one application what became of every rule, and the
// value of each part of its expressions or why it was not computed; personal
// data is masked in it. A [Coverage] collects over many applications which
// rules were seen to hold and to fail, and which conditions to be true and
// false. [Lint] names what cannot come out otherwise at all. None of them costs
// [Ruleset.Evaluate] anything: they have a tree of the expressions beside the
// closures that decide, and ask the closure of each part. [Ruleset.Tree] reads
// an expression for whoever says it in other words.
//
// # How it works
//
// Expressions are parsed by expr-lang/expr. Its checker and virtual machine are
// left out: a walk over the tree knows each construct that the language has,
// and turns it into closures typed by kind. Thus no float, method call, loop or
// growing text can exist, rather than being hunted for; and ten rules with
// exact decimals take 0.4 of the time that the machine takes with doubles, and
// 0.15 of its time with decimals by operator overloading, without allocating.
package rules
