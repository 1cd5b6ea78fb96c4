package policy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy/money"
)

// Facts are what an insurer knows about an application beside what it says
// itself: by name, each as the text that its FactType reads. They are no part
// of a request's identity. What is in them may tell something about a person,
// so that printing or logging tells their number.
type Facts map[string]string

// String tells how many there are.
func (f Facts) String() string { return fmt.Sprintf("%d facts", len(f)) }

// Format writes String under every verb.
func (f Facts) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(f.String())) }

// MarshalText is String, for encoders of logs.
func (f Facts) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// LogValue is String.
func (f Facts) LogValue() slog.Value { return slog.StringValue(f.String()) }

// FactType is what the text of a fact means.
type FactType string

// The types of facts.
const (
	FactBool  FactType = "bool"  // true or false
	FactMoney FactType = "money" // an unsigned decimal as money.Parse reads it: an amount, a count, a share
	FactText  FactType = "text"  // 1 to 256 characters on one line; taken for personal: never in a message
)

// maxFact is the length of a text in characters.
const maxFact = 256

// Read is a fact's text in its one form, 12.50 as 12.5; "" and false for what is
// no value of the type.
func (t FactType) Read(text string) (canonical string, ok bool) {
	switch t {
	case FactBool:
		ok = text == "true" || text == "false"
	case FactMoney:
		d, err := money.Parse(text)
		if ok = err == nil; ok {
			text = d.String()
		}
	case FactText:
		ok = text != "" && utf8.ValidString(text) && utf8.RuneCountInString(text) <= maxFact && !strings.ContainsFunc(text, unicode.IsControl)
	}
	if !ok {
		return "", false
	}
	return text, true
}

// FactSpec is a fact that an edition declares.
type FactSpec struct {
	Name string // facts.NAME in expressions
	Type FactType

	// PerFields are the paths of fields, for the one kind of fact that comes from
	// the store and not from a FactSource: the sum of amountOfCny, in CNY, of the
	// policies that are issued and in force (until expireTime) where all of these
	// fields say the same as in the application, which itself is not among them.
	// Policies of editions count that declare a fact per the same fields, within
	// the tenant. Empty for any other fact; else Type is FactMoney.
	PerFields []string
}

// FactSource is where facts come from: the insurer's own systems. It is asked
// for each new decision under an edition that declares facts, outside of any
// transaction; a repeated request gets its stored answer and asks nobody.
type FactSource interface {
	// Facts answers those of q.Facts that can be had, each as its type reads
	// it; others are passed over. An error stands for having none. It must be
	// safe for concurrent use, heed ctx, which ends at Config.FactsDeadline, and
	// keep values out of its error.
	Facts(ctx context.Context, q FactQuery) (Facts, error)
}

// FactQuery is what a FactSource is asked. It may be printed: personal data is
// masked in it.
type FactQuery struct {
	Key         Key
	Reference   string       // of the call
	Application *Application // typed, and perhaps faulty (see Sound); not to be changed
	Product     string
	Edition     string
	Facts       []FactSpec // that the edition declares; not to be changed
}

// ErrNoFact is the error of a rule that reads a fact which is not to be had. The
// rule is then neither held nor failed: the product's on_error applies.
var ErrNoFact = errors.New("policy: the fact is not to be had")

// sound are the facts that an edition declares and that are of their types, and
// what is wrong with the others. Names are told, values never.
func (f Facts) sound(specs []FactSpec) (sound Facts, err error) {
	sound = make(Facts, len(specs))
	var lacking []error
	for _, s := range specs {
		text, there := f[s.Name]
		canonical, ok := s.Type.Read(text)
		switch {
		case ok:
			sound[s.Name] = canonical
		case there:
			lacking = append(lacking, fmt.Errorf("policy: fact %s: the source's answer is no %s", s.Name, s.Type))
		default:
			lacking = append(lacking, fmt.Errorf("policy: fact %s: the source has no answer", s.Name))
		}
	}
	return sound, errors.Join(lacking...)
}
