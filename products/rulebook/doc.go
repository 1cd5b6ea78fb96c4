// Package rulebook writes the rule book of an edition (规则书): what a
// compliance officer, an underwriter or an auditor reads in place of YAML.
//
//	book := rulebook.New(rulebook.Source{Edition: edition, Schedule: &schedule, Tests: spec})
//	text := book.Markdown(policy.Chinese)
//	page, err := book.HTML(policy.English)
//
// A [Book] is data in both languages. It says what the edition says and what
// the engine does with it, in the order in which a reader asks: what it is and
// when it is sold, what a request carries, how the premium is computed, how
// declared sums are held against it, the checks, each rule, what is answered,
// and examples.
//
// A condition stands there as it is written and, where that can be said so that
// it stays true, in words; where it cannot, the expression speaks for itself.
// The examples are the cases of the edition's own tests, decided by the engine
// when the book is made, so that it shows nothing that the engine does not do.
// Personal data in them is masked.
//
// The same edition, calendar and tests give the same bytes.
package rulebook
