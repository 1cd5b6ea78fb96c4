package rules

import (
	"errors"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// env is what a running expression sees: one application, and the definitions
// computed so far. A failure is kept aside and makes the whole check void, so
// that the closures need not hand it up through each other.
type env struct {
	app   *policy.Application
	slots []slot // by definition
	err   error

	rating *policy.Rating // takes the rows of tables that are used; nil where nobody asks
}

// errDivision is the one failure that an expression can bring about.
var errDivision = errors.New("division by zero")

func (e *env) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// slot holds the value of a definition for the application at hand.
type slot struct {
	done    bool
	err     error
	boolean bool
	number  decimal
	text    string
	moment  time.Time
	list    []string
}

// memo computes a definition at most once for an application, however often it
// is used: doubling definitions cost no more than they are long.
func memo[T any](index int, compute func(*env) T, value func(*slot) *T) func(*env) T {
	return func(e *env) T {
		s := &e.slots[index]
		if !s.done {
			before := e.err
			e.err = nil
			*value(s) = compute(e)
			s.done, s.err, e.err = true, e.err, before
		}
		if s.err != nil {
			e.fail(s.err)
		}
		return *value(s)
	}
}

// remembered is t as a definition with a slot.
func (t term) remembered(index int) term {
	switch t.kind {
	case boolean:
		t.boolean = memo(index, t.boolean, func(s *slot) *bool { return &s.boolean })
	case number:
		t.number = memo(index, t.number, func(s *slot) *decimal { return &s.number })
	case text:
		t.text = memo(index, t.text, func(s *slot) *string { return &s.text })
	case moment:
		t.moment = memo(index, t.moment, func(s *slot) *time.Time { return &s.moment })
	case list:
		t.list = memo(index, t.list, func(s *slot) *[]string { return &s.list })
	case invalid:
	}
	return t
}

// The coverages are the one list of the page. Rules may call it by the name of
// its leaf alone; it is always there, and empty where it was not sent.
const (
	typesPath = "attrs.insuranceTypes"
	typesName = "insuranceTypes"
)

var (
	// page are the fields, in page order.
	page = policy.Fields()
	// fieldPaths are their names, for suggestions.
	fieldPaths = func() []string {
		paths := []string{typesName}
		for _, f := range page {
			paths = append(paths, f.Path)
		}
		return paths
	}()
	// derived are the fields that are filled in where they were left out.
	derived = policy.SetOf("insurePeriod", "amountOfCny")
	// always are the fields that a sound application has.
	always = func() policy.FieldSet {
		set := derived | policy.SetOf(typesPath)
		for _, f := range page {
			if f.Required {
				set = set.With(f)
			}
		}
		return set
	}()
)

// fieldNamed finds a field by its path or, the coverages, by their short name.
func fieldNamed(path string) (policy.Field, bool) {
	if path == typesName {
		path = typesPath
	}
	return policy.FieldNamed(path)
}

// fieldTerm reads a field. Its text is of its form's grammar: a check is made
// only where all its operands are sound.
func fieldTerm(f policy.Field) term {
	t := term{key: f.Path, size: fieldDigits}
	switch f.Form {
	case policy.FormDecimal, policy.FormNumber:
		t.kind, t.number = number, numberOf(f)
		if derived.Has(f) {
			t.size = fieldDigits.times(fieldDigits)
		}
	case policy.FormTime:
		t.kind, t.moment = moment, momentOf(f)
	case policy.FormList:
		t.kind, t.list = list, func(e *env) []string { return e.app.InsuranceTypes }
	case policy.FormText:
		t.kind, t.text = text, func(e *env) string { return f.Text(e.app.Request) }
	}
	return t
}

func numberOf(f policy.Field) func(*env) decimal {
	switch f.Path {
	case "insurePeriod":
		return func(e *env) decimal { return whole(e.app.InsurePeriod) }
	case "amountOfCny":
		return func(e *env) decimal {
			if sent := e.app.Request.AmountOfCny; sent != "" {
				return parse(sent)
			}
			return fromMoney(e.app.AmountOfCny)
		}
	}
	return func(e *env) decimal { return parse(f.Text(e.app.Request)) }
}

func momentOf(f policy.Field) func(*env) time.Time {
	switch f.Path {
	case "insureTime":
		return func(e *env) time.Time { return e.app.InsureTime }
	case "effectTime":
		return func(e *env) time.Time { return e.app.EffectTime }
	case "expireTime":
		return func(e *env) time.Time { return e.app.ExpireTime }
	case "attrs.agreeOnSendTime":
		return func(e *env) time.Time { return e.app.AgreeOnSendTime }
	}
	return nil // a time that Application does not have: a test reads every field of the page
}

// has tells whether each of these fields was sent, or derived.
func (e *env) has(fields []policy.FieldSet) bool {
	for _, f := range fields {
		if !e.app.HasAny(f) {
			return false
		}
	}
	return true
}
