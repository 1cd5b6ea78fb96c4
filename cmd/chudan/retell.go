package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// retold is a decision explained once more, under an edition as it was kept.
type retold struct {
	*explanation
	Differs []policy.Text `json:"differs,omitempty"` // what comes out otherwise than it was decided
	Why     policy.Text   `json:"why,omitzero"`      // why there is no explanation
}

// retell explains a decision under the edition that was archived with it or,
// with a moment, under the one that is on sale then.
func (h *house) retell(ctx context.Context, held *policy.Case, asOf moment) (*retold, error) {
	if !asOf.IsZero() {
		e, err := explainDecoded(h.catalog.Catalog().AsOf(asOf.Time), held.Request)
		return &retold{explanation: e}, err
	}
	kept, err := h.store.KeptEdition(ctx, held.Record.Digest)
	switch {
	case errors.Is(err, policy.ErrNotFound):
		return &retold{Why: say("该版本未存档", "its edition was not archived")}, nil
	case err != nil:
		return nil, err
	case len(kept.Source) == 0:
		return &retold{Why: say("该产品由程序实现", "its product is written in a program")}, nil
	}
	edition, err := products.LoadSource(kept.Source)
	if err != nil {
		return &retold{Why: say("本程序无法再装载存档的版本：%v", "this program does not take the archived edition any more: %v", err)}, nil
	}
	e, err := explainDecoded(edition.Alone(), held.Request)
	if err != nil {
		return nil, err
	}
	return &retold{explanation: e, Differs: differences(held, e)}, nil
}

// differences tells what comes out otherwise than it was decided. An edition
// stays as it was; the program may have changed.
func differences(held *policy.Case, e *explanation) []policy.Text {
	var all []policy.Text
	ruled := len(held.Ruled) > 0 // what people, or a core system, made of it does not follow from the rules
	if was := statusOf(e.Verdict); !ruled && was != held.Record.Status && !(was == policy.StatusIssued && held.Record.Status.Holds()) {
		all = append(all, say("结论：当时 %[1]s，现为 %[2]s", "the verdict: %[1]s then, %[2]s now", held.Record.Status, was))
	}
	if e.Premium != nil && !e.Premium.Rounded.Equal(held.Premium.Rounded) {
		all = append(all, say("保费：当时 %[1]s，现为 %[2]s", "the premium: %[1]s then, %[2]s now", held.Premium.Rounded, e.Premium.Rounded))
	}
	if then, now := faultCodes(held.Faults), faultCodes(e.Faults); !ruled && then != now {
		all = append(all, say("问题：当时 [%[1]s]，现为 [%[2]s]", "the faults: [%[1]s] then, [%[2]s] now", then, now))
	}
	return all
}

func statusOf(v policy.Verdict) policy.Status {
	switch v {
	case policy.Reject:
		return policy.StatusRefused
	case policy.Refer:
		return policy.StatusReferred
	case policy.Accept, policy.Note:
	}
	return policy.StatusIssued
}

func faultCodes(faults policy.Faults) string {
	codes := make([]string, len(faults))
	for i, f := range faults {
		codes[i] = f.Code
	}
	slices.Sort(codes)
	return strings.Join(codes, " ")
}

// text tells why the rules came out as they did.
func (r *retold) text(lang policy.Lang, asOf moment) string {
	var b strings.Builder
	switch {
	case r.explanation == nil:
		b.WriteString(say("核保过程：无（%s）\n", "rules: none (%s)\n", r.Why.In(lang)).In(lang))
	case !asOf.IsZero():
		b.WriteString(say("若按 %s 在售的版本：\n", "under the edition on sale at %s:\n", asOf.String()).In(lang))
		b.WriteString(indented(r.explanation.text(lang)))
	case r.Rules == nil:
		b.WriteString(say("核保过程（按存档版本）：未到规则\n", "rules, under the archived edition: they were not reached\n").In(lang))
	default:
		b.WriteString(say("核保过程（按存档版本）：\n", "rules, under the archived edition:\n").In(lang))
		b.WriteString(indented(r.Rules.Text(lang)))
	}
	for _, d := range r.Differs {
		b.WriteString(say("注意：本程序按存档版本重新计算，%s\n", "note: computed anew under the archived edition, this program finds otherwise: %s\n", d.In(lang)).In(lang))
	}
	return b.String()
}
