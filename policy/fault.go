package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Lang is the language of a message.
type Lang string

// The two languages, of equal standing.
const (
	Chinese Lang = "zh"
	English Lang = "en"
)

// Text is a message in both languages.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// In is the text in lang; where it is not written in lang, the other one.
func (t Text) In(lang Lang) string {
	if lang == English && t.EN != "" || t.ZH == "" {
		return t.EN
	}
	return t.ZH
}

// Verdict is what underwriting says; the worst of all rules is the
// application's.
type Verdict uint8

// The verdicts, from the mildest to the worst.
const (
	Accept Verdict = iota
	Note           // issued; the insurer wants to know
	Refer          // an underwriter has to decide
	Reject
)

var verdicts = [...]string{Accept: "accept", Note: "note", Refer: "refer", Reject: "reject"}

// String is accept, note, refer or reject.
func (v Verdict) String() string {
	if int(v) < len(verdicts) {
		return verdicts[v]
	}
	return "Verdict(" + strconv.Itoa(int(v)) + ")"
}

// MarshalText writes String.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads what String writes.
func (v *Verdict) UnmarshalText(text []byte) error {
	i := slices.Index(verdicts[:], string(text))
	if i < 0 {
		return fmt.Errorf("policy: unknown verdict %q", text)
	}
	*v = Verdict(i) //nolint:gosec // four values
	return nil
}

// Fault is one thing that is wrong with an application, or worth a note.
type Fault struct {
	Kind     Kind     `json:"kind"`
	Severity Verdict  `json:"severity"` // Note, Refer or Reject
	Code     string   `json:"code"`     // the rule's own, or the kind's
	Paths    []string `json:"paths,omitempty"`
	Message  Text     `json:"message"`      // names fields and limits, never a personal value
	To       string   `json:"to,omitempty"` // the queue of a referral

	// Err is set where a rule could not be evaluated: trouble of ours, which
	// is therefore never pinned.
	Err error `json:"-"`
}

// newFault is a rejecting fault of our own checks: its code is its kind.
func newFault(kind Kind, zh, en string, paths ...string) Fault {
	return Fault{Kind: kind, Severity: Reject, Code: string(kind), Paths: paths, Message: Text{zh, en}}
}

// Missing is the fault of a required field that is absent.
func Missing(path string) Fault {
	return newFault(KindMissingParameter, "必填字段缺失", "required field is missing", path)
}

// Invalid is the fault of a field that is wrong by itself.
func Invalid(path, zh, en string) Fault { return newFault(KindInvalidParameter, zh, en, path) }

// Mismatch is the fault of a field that does not fit to others.
func Mismatch(path, zh, en string) Fault { return newFault(KindParametersMismatch, zh, en, path) }

// maxCode is the longest errorCode in bytes.
const maxCode = 96

// ErrorCode is the fault in the words of the wire: its kind and, where the
// kind takes one, the first field or the rule's code. At most 96 ASCII bytes.
func (f Fault) ErrorCode() string {
	suffix := ""
	switch info, _ := f.Kind.Info(); info.Suffix {
	case SuffixField:
		if len(f.Paths) > 0 {
			suffix = f.Paths[0]
		}
	case SuffixRule:
		suffix = f.Code
	case SuffixNone:
	}
	if suffix == "" || len(f.Kind)+1+len(suffix) > maxCode || !ascii(suffix) {
		return string(f.Kind)
	}
	return string(f.Kind) + ":" + suffix
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// Faults are all the faults of one request.
type Faults []Fault

// sort puts the faults in page order; those without a path come last, in the
// order of the rules. The paths of each fault come in page order too.
func (fs Faults) sort() {
	for i := range fs {
		if len(fs[i].Paths) > 1 {
			fs[i].Paths = slices.Clone(fs[i].Paths)
			slices.SortStableFunc(fs[i].Paths, func(a, b string) int { return pageOrder(a) - pageOrder(b) })
		}
	}
	slices.SortStableFunc(fs, func(a, b Fault) int { return a.order() - b.order() })
}

func (f Fault) order() int {
	if len(f.Paths) == 0 {
		return len(fields) + 1
	}
	return pageOrder(f.Paths[0])
}

// Verdict is the worst severity; Accept where there are no faults.
func (fs Faults) Verdict() Verdict {
	worst := Accept
	for _, f := range fs {
		worst = max(worst, f.Severity)
	}
	return worst
}

// Worst is the fault that gives the answer its code: the first among those of
// the worst severity. ok is false where nothing stands against issuing.
func (fs Faults) Worst() (worst Fault, ok bool) {
	for _, f := range fs {
		if f.Severity > max(worst.Severity, Note) {
			worst, ok = f, true
		}
	}
	return worst, ok
}

// maxMessage is the length of an errorMessage in characters, the reference
// number and the count of the rest aside.
const maxMessage = 512

// Message tells all the faults that stand against issuing, "paths: message"
// joined by "; ", and ends with the reference number. What does not fit into
// 512 characters is counted. Notes are the insurer's own and are left out.
func (fs Faults) Message(lang Lang, reference string) string {
	var b strings.Builder
	count, told, length := 0, 0, 0
	for _, f := range fs {
		if f.Severity <= Note {
			continue
		}
		part := f.line(lang)
		if count > 0 {
			part = "; " + part
		} else {
			part = cut(part, maxMessage) // the first is told, however long
		}
		if length += utf8.RuneCountInString(part); length <= maxMessage {
			b.WriteString(part)
			told++
		}
		count++
	}
	if told < count {
		b.WriteString(Text{
			ZH: fmt.Sprintf("; 共 %d 处", count),
			EN: fmt.Sprintf("; %d faults in all", count),
		}.In(lang))
	}
	return withReference(b.String(), lang, reference)
}

func (f Fault) line(lang Lang) string {
	if len(f.Paths) == 0 {
		return f.Message.In(lang)
	}
	return strings.Join(f.Paths, ", ") + ": " + f.Message.In(lang)
}

func cut(s string, runes int) string {
	r := []rune(s)
	if len(r) <= runes {
		return s
	}
	return string(r[:runes-1]) + "…"
}

func withReference(message string, lang Lang, reference string) string {
	if reference == "" {
		return message
	}
	return message + Text{ZH: " (参考号 ", EN: " (reference "}.In(lang) + reference + ")"
}
