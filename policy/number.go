package policy

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Numbering makes policy numbers by the institution's template. The sequence
// number alone makes a number unique; everything else is for people.
type Numbering struct {
	parts    []numberPart
	prefixes map[string]string
}

type numberPart struct {
	literal string
	holder  string // prefix, date, sequence or check; "" for a literal
	width   int    // of the sequence
}

// DefaultNumberTemplate is PBDI-like: class prefix, date, sequence, check
// character. Source: the shape of the API page's example, PBDI20211201Q000Fxxxx.
const DefaultNumberTemplate = "{prefix}{date}{sequence:8}{check}"

var (
	numberToken = regexp.MustCompile(`\{[^{}]*\}|[^{}]+`)
	numberText  = regexp.MustCompile(`^[A-Z0-9]{1,16}$`)
)

// ParseNumbering reads a template of capital letters, digits and the
// placeholders {prefix}, {date} (yyyyMMdd of insureTime at +08:00),
// {sequence:N} (zero-padded to N digits, 1 to 18; it grows beyond when it has
// to) and, last, {check} (ISO/IEC 7064 MOD 37,36). A sequence is required.
//
// prefixes gives the {prefix} of a product by its code; the one under
// "default" serves all others. All are of one length: otherwise two numbers
// could be equal once the sequence outgrows its width.
func ParseNumbering(template string, prefixes map[string]string) (Numbering, error) {
	n := Numbering{prefixes: maps.Clone(prefixes)}
	tokens := numberToken.FindAllString(template, -1)
	if strings.Join(tokens, "") != template || len(template) > 64 {
		return Numbering{}, fmt.Errorf("policy: number template %q: unbalanced braces, or longer than 64", template)
	}
	for i, token := range tokens {
		part, err := parseNumberPart(token)
		if err != nil {
			return Numbering{}, fmt.Errorf("policy: number template %q: %w", template, err)
		}
		if part.holder == "check" && i != len(tokens)-1 {
			return Numbering{}, fmt.Errorf("policy: number template %q: {check} must stand last", template)
		}
		if n.has(part.holder) {
			return Numbering{}, fmt.Errorf("policy: number template %q: {%s} stands twice", template, part.holder)
		}
		n.parts = append(n.parts, part)
	}
	if !n.has("sequence") {
		return Numbering{}, fmt.Errorf("policy: number template %q: needs {sequence:N}", template)
	}
	if err := n.checkPrefixes(); err != nil {
		return Numbering{}, err
	}
	return n, nil
}

func parseNumberPart(token string) (numberPart, error) {
	switch name, width, sized := strings.Cut(strings.Trim(token, "{}"), ":"); {
	case token[0] != '{':
		if !numberText.MatchString(token) {
			return numberPart{}, fmt.Errorf("%q: want capital letters and digits", token)
		}
		return numberPart{literal: token}, nil
	case (name == "prefix" || name == "date" || name == "check") && !sized:
		return numberPart{holder: name}, nil
	case name == "sequence" && sized:
		w, err := strconv.ParseUint(width, 10, 8)
		if err != nil || w < 1 || w > 18 {
			return numberPart{}, fmt.Errorf("%s: want a width of 1 to 18", token)
		}
		return numberPart{holder: name, width: int(w)}, nil
	}
	return numberPart{}, fmt.Errorf("%s: want {prefix}, {date}, {sequence:N} or {check}", token)
}

func (n *Numbering) checkPrefixes() error {
	standard, ok := n.prefixes["default"]
	if n.has("prefix") && !ok {
		return errors.New("policy: the number template has {prefix}, so a prefix for \"default\" is needed")
	}
	for product, prefix := range n.prefixes {
		if !numberText.MatchString(prefix) {
			return fmt.Errorf("policy: number prefix of %s: want 1 to 16 capital letters and digits, have %q", product, prefix)
		}
		if ok && len(prefix) != len(standard) {
			return fmt.Errorf("policy: number prefix of %s: %q and the default %q must be of one length", product, prefix, standard)
		}
	}
	return nil
}

func (n *Numbering) has(holder string) bool {
	for _, p := range n.parts {
		if holder != "" && p.holder == holder {
			return true
		}
	}
	return false
}

// Number is the policy number of a sequence number.
func (n *Numbering) Number(product string, insured time.Time, sequence uint64) string {
	var b []byte
	for _, p := range n.parts {
		switch p.holder {
		case "prefix":
			prefix, ok := n.prefixes[product]
			if !ok {
				prefix = n.prefixes["default"]
			}
			b = append(b, prefix...)
		case "date":
			b = insured.In(zone).AppendFormat(b, "20060102")
		case "sequence":
			b = fmt.Appendf(b, "%0*d", p.width, sequence)
		case "check":
			b = append(b, checkCharacter(b))
		default:
			b = append(b, p.literal...)
		}
	}
	return string(b)
}

const checkDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// checkCharacter finds every single wrong character and nearly every swap of
// neighbours. Source: ISO/IEC 7064, hybrid system MOD 37,36.
func checkCharacter(number []byte) byte {
	product := 36
	for _, c := range number {
		sum := (product + strings.IndexByte(checkDigits, c)) % 36
		if sum == 0 {
			sum = 36
		}
		product = sum * 2 % 37
	}
	return checkDigits[(37-product)%36]
}
