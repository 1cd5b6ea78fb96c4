package products

import (
	"encoding/xml"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// JUnit is the reports in the XML that build servers read. What is no success
// is a failure there too; coverage below its threshold fails as a case of its
// own.
// Source: the schema of Apache Ant's junitreport, as build servers read it.
func (rs Reports) JUnit(lang policy.Lang) (string, error) {
	all := junitSuites{Suites: make([]junitSuite, 0, len(rs))}
	for _, r := range rs {
		s := junitSuite{Name: r.Product + " " + r.Edition}
		for _, c := range r.Cases {
			s.add(r.Product+"."+r.Edition, c.Name, c.File, c.Line, !c.OK(), c.Text(lang))
		}
		for _, c := range r.Coverage {
			if c.Required > 0 && !r.Partial {
				s.add(r.Product+"."+r.Edition, "require "+c.Of, r.File, 1, c.Below(), c.Text(lang))
			}
		}
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Suites = append(all.Suites, s)
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	return xml.Header + string(text) + "\n", err
}

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	File    string        `xml:"file,attr"`
	Line    int           `xml:"line,attr"`
	Failure *junitFailure `xml:"failure"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func (s *junitSuite) add(class, name, file string, line int, failed bool, text string) {
	c := junitCase{Class: class, Name: name, File: file, Line: line}
	s.Tests++
	if failed {
		first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
		c.Failure = &junitFailure{first, text}
		s.Failures++
	}
	s.Cases = append(s.Cases, c)
}
