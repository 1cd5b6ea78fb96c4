package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/policy"
)

// auditOptions are the flags of verify-audit.
type auditOptions struct {
	options
	anchors []string
	records bool
}

func newVerifyAudit(c *console) *cobra.Command {
	o := new(auditOptions)
	format := newChoice("text", "json")
	cmd := &cobra.Command{
		Use:   "verify-audit",
		Short: "tell whether the audit chain holds, and where it breaks",
		Long: `verify-audit follows the audit chain of a store from its first row: each decision's event is hashed with the hash of the one before it, so that
an event that was altered, deleted, inserted or swapped breaks the chain. It needs no keys and changes nothing. Exit code 7 where the chain does
not hold.

The head that it prints, HASH@POSITION, stands for all rows up to it. Keep it where whoever can write to the database cannot: rows that were
cut off at the end, or a chain that was computed anew, are found by --anchor with a head from before, and by nothing else. On PostgreSQL every
writing connection has a chain, and heads are HASH@CHAIN.POSITION; keep all that are printed.

--records holds the records against the chain too: that each is there, and sealed, numbered and dated as its event says, or was erased as another one
says; and that the legal holds are those of the chain. It looks up one record for each event.`,
		Example: `  chudan verify-audit >> heads.txt
  chudan verify-audit --records --anchor 3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b@1200`,
		Args: wants(0, noArguments),
		RunE: act(func(cmd *cobra.Command, _ []string) error {
			return c.verifyAudit(cmd.Context(), o, format.value)
		}),
	}
	f := cmd.Flags()
	o.add(f, "store")
	f.StringArrayVar(&o.anchors, "anchor", nil, "`HASH@POSITION` that must still be in the chain; may be given again")
	f.BoolVar(&o.records, "records", false, "hold the records against the chain too")
	f.Var(format, "format", "how it is told")
	return cmd
}

func (c *console) verifyAudit(ctx context.Context, o *auditOptions, format string) error {
	v := &verification{console: c, records: o.records, reported: time.Now()}
	for _, text := range o.anchors {
		a, err := parseAnchor(text)
		if err != nil {
			return err
		}
		v.Anchors = append(v.Anchors, a)
	}
	s, err := openKept(ctx, &o.options)
	if err != nil {
		return err
	}
	defer s.Close()
	auditor, ok := s.(policy.Auditor)
	if !ok {
		return usage("%s 没有可核对的审计链", "%s has no audit chain to verify", o.store)
	}
	if err := v.run(ctx, s, auditor); err != nil {
		return err
	}
	if format == "json" {
		err = c.printJSON(v)
	} else {
		err = c.print(v.text(c.language()))
	}
	if err == nil && !v.Holds {
		return &failure{code: exitBroken}
	}
	return err
}

// verification follows an audit chain and notes what is wrong.
type verification struct {
	*console
	check    policy.AuditCheck
	records  bool
	reported time.Time
	keys     int // in the chain
	erased   int // of them, as the chain tells
	holds    heldKeys

	Holds    bool        `json:"holds"`
	Rows     int         `json:"rows"`
	Problems int         `json:"problems"`
	First    []auditFlaw `json:"firstProblems"` // of them
	Heads    []string    `json:"heads"`         // none where the chain does not hold
	Anchors  []*anchor   `json:"anchors,omitempty"`
}

func (v *verification) add(f auditFlaw) {
	if v.Problems++; v.Problems <= maxShown {
		v.First = append(v.First, f)
	}
}

func (v *verification) run(ctx context.Context, s store, auditor policy.Auditor) error {
	v.First, v.Heads = []auditFlaw{}, []string{}
	kept, left := 0, 0
	if err := v.holds.before(ctx, v.records, s); err != nil {
		return err
	}
	if v.records { // counted first: what is decided meanwhile is in the chain as well
		for rec, err := range s.List(ctx, policy.Selection{}) {
			if err != nil {
				return err
			}
			if kept++; rec.Erased() {
				left++
			}
			v.progress()
		}
	}
	for r, err := range auditor.Audit(ctx) {
		if err != nil {
			return err
		}
		if err := v.row(ctx, s, r); err != nil {
			return err
		}
	}
	for _, r := range v.check.Missing() {
		v.add(auditFlaw{Chain: r.Chain, Position: r.Position, Problem: "cut-off"})
	}
	if v.records && kept > v.keys {
		v.add(auditFlaw{Problem: "unaudited"})
	}
	if v.records && left > v.erased {
		v.add(auditFlaw{Problem: "unerased"})
	}
	if err := v.holds.after(ctx, v, s); err != nil {
		return err
	}
	v.Holds = v.Problems == 0
	for _, a := range v.Anchors {
		v.Holds = v.Holds && a.Result == "found"
	}
	if v.Holds {
		for _, head := range v.check.Heads() {
			v.Heads = append(v.Heads, headName(head))
		}
	}
	return nil
}

func (v *verification) row(ctx context.Context, s store, r policy.AuditRow) error {
	v.progress()
	var e auditedDecision
	readable := json.Unmarshal(r.Event, &e) == nil && e.Type != ""
	flaw := auditFlaw{Chain: r.Chain, Position: r.Position, Event: e.Type, PolicyNo: e.PolicyNo}
	if readable {
		flaw.Key = e.Tenant + "/" + e.Identifier
	}
	v.Rows++
	if !v.check.Add(r) {
		flaw.Problem = "breaks"
		v.add(flaw)
	}
	for _, a := range v.Anchors {
		if a.row.Chain == r.Chain && a.row.Position == r.Position {
			a.Result = "altered"
			if string(a.row.Hash) == string(r.Hash) {
				a.Result = "found"
			}
		}
	}
	if !v.records || r.Position == 0 && r.Chain != 0 {
		return nil
	}
	problem := "unreadable"
	if readable {
		var err error
		if problem, err = e.against(ctx, s); err != nil {
			return err
		}
	}
	switch {
	case e.Type == policyErased:
		v.erased++
	case e.ofRetention():
		v.holds.note(&e)
	case e.Revision == 1:
		v.keys++
	}
	if problem != "" {
		flaw.Problem = problem
		v.add(flaw)
	}
	return nil
}

func (v *verification) progress() {
	if now := time.Now(); now.Sub(v.reported) >= time.Second {
		v.reported = now
		v.note("已核对 %[1]s 行", "%[1]s rows verified", thousands(v.Rows))
	}
}

// text is the verification for people.
func (v *verification) text(lang policy.Lang) string {
	var b strings.Builder
	line := func(zh, en string, values ...any) { b.WriteString(say(zh, en, values...).In(lang) + "\n") }
	switch {
	case v.Problems == 0 && !v.Holds:
		line("审计链现有各行相互衔接：%s 行；但与锚点不符", "the rows that are there hold together: %s rows; but they are not those of the anchor", thousands(v.Rows))
	case v.Problems == 0:
		line("审计链完好：%s 行", "the audit chain holds: %s rows", thousands(v.Rows))
	default:
		line("审计链不完好：%[1]s 行，%[2]s 处问题", "the audit chain does not hold: %[1]s rows, %[2]s problems", thousands(v.Rows), thousands(v.Problems))
	}
	for _, f := range v.First {
		b.WriteString("  " + f.text(lang) + "\n")
	}
	if more := v.Problems - len(v.First); more > 0 {
		fmt.Fprintf(&b, "  … +%d\n", more)
	}
	for _, a := range v.Anchors {
		switch a.Result {
		case "found":
			line("锚点仍在链中：%s", "the anchor is in the chain: %s", a.Anchor)
		case "altered":
			line("锚点处的哈希已不同，此前的历史被重写：%s", "another hash stands where the anchor was, history was written anew: %s", a.Anchor)
		default:
			line("锚点处已没有此行，链的末尾被截断：%s", "there is no row where the anchor was, the end of the chain was cut off: %s", a.Anchor)
		}
	}
	for _, head := range v.Heads {
		line("链头：%s", "head: %s", head)
	}
	return b.String()
}
