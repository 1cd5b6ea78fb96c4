package products

import (
	"path"
	"path/filepath"
	"slices"

	"github.com/chudan-io/chudan/policy"
)

// Report is what became of the tests of one edition.
type Report struct {
	Product  string     `json:"product"`
	Edition  string     `json:"edition"`
	File     string     `json:"file"`
	Cases    []Result   `json:"cases"` // those that were asked for, in the file's order
	Coverage []Coverage `json:"coverage"`
	Partial  bool       `json:"partial"` // cases were left out on demand: no threshold is held against the rest
}

// Result is what became of one case.
type Result struct {
	Name        string       `json:"name"`
	File        string       `json:"file"`
	Line        int          `json:"line"`
	Outcome     Outcome      `json:"outcome"`
	Focused     bool         `json:"focused,omitempty"` // it says only
	Reason      policy.Text  `json:"reason,omitzero"`   // why it was skipped
	Differences []Difference `json:"differences,omitempty"`

	expect *expectation // of a case that failed, and
	came   string       // what it would have to be
}

// Outcome is how a case ended.
type Outcome string

// The outcomes of a case.
const (
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped"
)

// OK tells whether the case counts as a success: it ran, it passed, and it
// keeps no other from running.
func (r Result) OK() bool { return r.Outcome == Passed && !r.Focused }

// Under is the report with the names of files as they are from where the
// directory of products is called dir.
func (r Report) Under(dir string) Report {
	r.File = path.Join(filepath.ToSlash(dir), r.File)
	r.Cases = slices.Clone(r.Cases)
	for i := range r.Cases {
		r.Cases[i].File = path.Join(filepath.ToSlash(dir), r.Cases[i].File)
	}
	return r
}

// Failed tells whether a case is no success: one that failed, was skipped or
// is focused.
func (r Report) Failed() bool { return r.count(Result.OK) < len(r.Cases) }

// Below tells whether the cases saw less of the edition than its tests require.
func (r Report) Below() bool {
	for _, c := range r.Coverage {
		if c.Below() {
			return !r.Partial
		}
	}
	return false
}

func (r Report) count(is func(Result) bool) (n int) {
	for _, c := range r.Cases {
		if is(c) {
			n++
		}
	}
	return n
}

// Reports are what became of the tests of several editions.
type Reports []Report

// Failed tells whether a case of any of them is no success.
func (rs Reports) Failed() bool {
	for _, r := range rs {
		if r.Failed() {
			return true
		}
	}
	return false
}

// Below tells whether any of them saw less than is required.
func (rs Reports) Below() bool {
	for _, r := range rs {
		if r.Below() {
			return true
		}
	}
	return false
}
