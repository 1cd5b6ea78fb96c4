package qimen

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Nothing stands between the names, values and body that are signed, so that
// the same text, and the same signature, may be cut in many ways: the head of a
// body moves into a parameter, a version into a name. The checks here leave one
// way. Whatever is accepted, timestamp, method, target and body are the
// signer's.

// What a request may hold, form and body aside. The platform sends a dozen
// parameters of a few hundred bytes.
const (
	maxParams = 64
	maxQuery  = 8 << 10 // bytes of the query and the list of signed headers
	maxValue  = 1 << 10 // bytes of an unknown parameter's value
)

// strict are the parameters whose form lets nothing be added to their value or
// taken from it without notice; loose are the other known ones.
// Source: official SDK and the platform's documents, public parameters.
var (
	strict = map[string]grammar{
		"app_key":      digits,
		"format":       oneOf("json", "xml"),
		paramMethod:    dotted,
		paramSign:      upperHex,
		"sign_method":  oneOf("md5", "hmac-sha256", "hmac"),
		"simplify":     oneOf("true", "false"),
		paramTarget:    digits,
		paramTimestamp: stamp,
		"v":            version,
	}
	loose = map[string]grammar{
		"customerId":  token,
		"customer_id": token,
		"partner_id":  token,
		"session":     token,
	}
)

// checkPairs refuses what the official class leaves out of the signature.
func checkPairs(rawQuery string) error {
	for pair := range strings.SplitSeq(rawQuery, "&") {
		if pair == "" || strings.Count(pair, "=") > 1 {
			return errors.New("a pair of the query is empty or holds a second =, so that it is not signed")
		}
	}
	return nil
}

// checkParams holds sorted parameters against the forms of their names. Errors
// tell no values, and no name that has not the form of one: a piece of a body
// may have been moved there.
func checkParams(params []param, signable func(header string) bool) error {
	plain := true
	for i, p := range params {
		g, known := strict[p.name]
		if !known {
			g, known = loose[p.name]
			plain = false
		}
		switch {
		case !isName(p.name):
			return errors.New("the name of a parameter is malformed")
		case i > 0 && params[i-1].name == p.name:
			return fmt.Errorf("the parameter %s stands twice", p.name)
		case p.from == fromHeader && !signable(p.name):
			return fmt.Errorf("the header %s is none that may be signed", p.name)
		case known && g(p.value) != len(p.value), !known && !isTolerable(p.value):
			return fmt.Errorf("the value of the parameter %s is malformed", p.name)
		}
	}
	if plain {
		return nil
	}
	return checkDisguise(params)
}

// checkDisguise finds known parameters that were made part of others. An
// unknown one may not begin as a known one with its value does (v2=.0 is v=2.0),
// and a loose value may hold none. Where the method is absent nothing may hold
// one, for another call would be taken for ours; and where an unknown parameter
// follows it, so that none can tell where it ends, it must be ours.
func checkDisguise(params []param) error {
	text, at := string(signedText(nil, params)), 0
	named := slices.ContainsFunc(params, func(p param) bool { return p.name == paramMethod })
	var before param
	for _, p := range params {
		if p.name == paramSign {
			continue
		}
		value, end := at+len(p.name), at+len(p.name)+len(p.value)
		disguised := false
		switch {
		case strict[p.name] != nil:
		case loose[p.name] != nil:
			disguised = anywhere(text, value, end, beginsKnown)
		case !named:
			disguised = beginsKnown(text[at:]) || anywhere(text, at, end, beginsMethod)
		default:
			disguised = beginsKnown(text[at:]) || before.name == paramMethod && before.value != MethodPolicyIssuing
		}
		if disguised {
			return fmt.Errorf("the parameter %s holds a part of another", p.name)
		}
		at, before = end, p
	}
	return nil
}

func anywhere(text string, from, to int, begins func(string) bool) bool {
	for i := from; i < to; i++ {
		if begins(text[i:]) {
			return true
		}
	}
	return false
}

// beginsKnown tells whether text begins with a strict parameter and a value of
// its form.
func beginsKnown(text string) bool {
	for name, g := range strict {
		if rest, ok := strings.CutPrefix(text, name); ok && g(rest) > 0 {
			return true
		}
	}
	return false
}

func beginsMethod(text string) bool {
	rest, ok := strings.CutPrefix(text, paramMethod)
	return ok && dotted(rest) > 0
}

// isName tells whether s is [A-Za-z][A-Za-z0-9_.-]{0,63}.
func isName(s string) bool {
	return s != "" && isLetter(s[0]) && len(s) <= 64 && word(s) == len(s)
}

// isTolerable tells whether an unknown parameter may have this value: without
// braces and quotation marks, so that the first { marks the body.
func isTolerable(s string) bool {
	if len(s) > maxValue {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == 0x7f || c == '{' || c == '}' || c == '"' {
			return false
		}
	}
	return true
}
