package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// maxShown is how many problems and changes the log tells of one reload.
const maxShown = 20

// How a reload ends.
const (
	outcomeSwapped    = "swapped"
	outcomeRefused    = "refused"
	outcomeUnreadable = "unreadable" // nobody knows whether it is right
)

// outcomeOf tells what an error makes of a candidate.
func outcomeOf(err error) string {
	var problems products.Problems
	var tests *products.TestsError
	var ended *failure
	switch {
	case err == nil:
		return outcomeSwapped
	case errors.As(err, &problems):
		if slices.ContainsFunc(problems, func(p products.Problem) bool { return p.Code == "unreadable" }) {
			return outcomeUnreadable
		}
		return outcomeRefused
	case errors.As(err, &tests), errors.As(err, &ended):
		return outcomeRefused
	}
	return outcomeUnreadable
}

// tellRefusal logs why what is on sale stays there.
func (h *shelf) tellRefusal(err error) {
	lines := refusalLines(err, h.dir, h.lang)
	h.log.Error("the products were not reloaded; those from before stay in use", "dir", h.dir, "digest", h.seen.Digest, "in-use", h.digest, "problems", len(lines))
	for i, line := range lines {
		if i == maxShown {
			h.log.Error("not reloaded: more problems than are shown", "more", len(lines)-i, "see", "chudan lint, chudan test")
			return
		}
		h.log.Error("not reloaded", "problem", line)
	}
}

// tellUntested warns of editions that could not fail.
func (h *shelf) tellUntested() {
	var names []string
	for _, e := range h.seen.Untested() {
		names = append(names, e.Terms().Product+"@"+e.Terms().Edition)
	}
	if len(names) > 0 {
		h.log.Warn("editions have no tests: nothing but their form was checked", "dir", h.dir, "editions", bounded(names, "; "))
	}
}

// failed is the failure of a server that cannot begin with these products.
func (h *shelf) failed(err error) error {
	code := exitTests
	var wrong *products.TestsError
	if errors.As(err, &wrong) && !wrong.Reports.Failed() {
		code = exitBelow
	}
	why := bounded(refusalLines(err, h.dir, h.lang), "\n    ")
	return &failure{code: code, cause: err, text: say("产品目录 %[1]s 未通过测试，不能用于出单；详见 chudan test %[1]s\n    %[2]s",
		"the products in %[1]s do not pass their tests and are not sold; see chudan test %[1]s\n    %[2]s", h.dir, why)}
}

// refusalLines tell why products are not sold, a line each.
func refusalLines(err error, dir string, lang policy.Lang) (lines []string) {
	var problems products.Problems
	var tests *products.TestsError
	var ended *failure
	switch {
	case errors.As(err, &problems):
		for _, p := range under(problems, dir) {
			p.Source, p.Also = "", nil
			lines = append(lines, joined(p.Text(lang)))
		}
	case errors.As(err, &tests):
		for _, r := range tests.Reports {
			lines = append(lines, testLines(r.Under(dir), lang)...)
		}
	case errors.As(err, &ended):
		lines = []string{ended.text.In(lang)}
	default:
		lines = []string{err.Error()}
	}
	return lines
}

// testLines are the cases that are no success, and what was not seen.
func testLines(r products.Report, lang policy.Lang) (lines []string) {
	for _, c := range r.Cases {
		if !c.OK() {
			lines = append(lines, joined(c.Text(lang)))
		}
	}
	if r.Below() {
		for _, c := range r.Coverage {
			if c.Below() {
				lines = append(lines, r.File+": "+joined(c.Text(lang)))
			}
		}
	}
	return lines
}

// changeLine is what changed, in one line.
func changeLine(changes []products.Change, lang policy.Lang) string {
	if len(changes) == 0 {
		return say("版本与日历未变", "none of editions and calendars").In(lang)
	}
	texts := make([]string, len(changes))
	for i, c := range changes {
		texts[i] = c.Text.In(lang)
	}
	return bounded(texts, "; ")
}

// bounded joins the first of many.
func bounded(texts []string, separator string) string {
	if more := len(texts) - maxShown; more > 0 {
		texts = append(slices.Clone(texts[:maxShown]), fmt.Sprintf("… +%d", more))
	}
	return strings.Join(texts, separator)
}

// joined is a text of several lines in one, of a length that a log bears.
func joined(text string) string {
	const most = 1000
	var parts []string
	for line := range strings.Lines(text) {
		parts = append(parts, strings.TrimSpace(line))
	}
	line := strings.Join(parts, " | ")
	if len(line) > most {
		line = strings.ToValidUTF8(line[:most], "") + "…"
	}
	return line
}
