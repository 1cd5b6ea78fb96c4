package main

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// collation holds a copy against the store that it was made of: both are read
// once more, from the beginning.
type collation struct {
	*move
	Rows, Keys, Records, Policies, Claims, Pending, Editions, Visits int
	Erased, Held                                                     int

	last      uint64            // number that the copy has drawn, or started behind
	heads     []string          // of the copy's own chain
	different int               // things
	first     []policy.Text     // of them
	chain     [32]byte          // ChainHash over the copied events, from the beginning
	own       policy.AuditCheck // of the copy's own chain
}

func (c *collation) run(ctx context.Context) error {
	for _, compare := range []func(context.Context) error{c.audit, c.holdings, c.holds, c.events, c.editions, c.visits, c.numbers} {
		if err := compare(ctx); err != nil {
			return err
		}
	}
	c.bar.clear()
	if err := c.print(c.text(c.language())); err != nil {
		return err
	}
	if c.different > 0 {
		return errRefused
	}
	return nil
}

func (c *collation) differ(zh, en string, values ...any) {
	if c.different++; c.different <= maxShown {
		c.first = append(c.first, say(zh, en, values...))
	}
}

// pairs gives what two sequences have at the same place. ok tells that both
// have something; the last pair of sequences that are not equally long is not.
func pairs[T any](a, b iter.Seq2[T, error]) iter.Seq2[[2]T, pairing] {
	return func(yield func([2]T, pairing) bool) {
		one, stop := iter.Pull2(a)
		defer stop()
		other, stopOther := iter.Pull2(b)
		defer stopOther()
		for {
			x, err, more := one()
			y, bad, moreToo := other()
			if err == nil {
				err = bad
			}
			if err == nil && !more && !moreToo || !yield([2]T{x, y}, pairing{more && moreToo, err}) || err != nil || !more || !moreToo {
				return
			}
		}
	}
}

type pairing struct {
	ok  bool
	err error
}

// audit compares the events of the two chains and computes the hash of the
// source's over those of the copy: whoever has kept its head finds it in the
// copy in the same way.
func (c *collation) audit(ctx context.Context) error {
	var last policy.AuditRow
	own := func(yield func(policy.AuditRow, error) bool) {
		for r, err := range c.into.Audit(ctx) {
			if err == nil && !c.own.Add(r) {
				c.differ("副本的审计链在第 %d 行断裂", "the copy's audit chain breaks at row %d", r.Position)
			}
			if !yield(r, err) {
				return
			}
		}
	}
	same := true
	for p, pair := range pairs(c.from.Audit(ctx), positions(own)) {
		if pair.err != nil {
			return pair.err
		}
		if c.Rows == c.rows && len(p[0].Event) == 0 && strings.Contains(string(p[1].Event), storeCopied) {
			continue // the copy's own
		}
		c.Rows++
		same = same && pair.ok && bytes.Equal(p[0].Event, p[1].Event)
		c.chain, last = policy.ChainHash(c.chain, p[1].Event), p[0]
		c.compared++
		c.progress(time.Now())
	}
	if !same || c.Rows != c.rows || c.Rows > 0 && !bytes.Equal(last.Hash, c.chain[:]) {
		c.differ("审计事件不同", "the audit events differ")
	}
	for _, head := range c.own.Heads() {
		c.heads = append(c.heads, headName(head))
	}
	return nil
}

func (c *collation) holdings(ctx context.Context) error {
	for p, pair := range pairs(c.from.Holdings(ctx), c.into.Holdings(ctx)) {
		if pair.err != nil {
			return pair.err
		}
		c.Keys++
		h := &p[0]
		c.Records += len(h.Records)
		c.Claims += len(h.Claims)
		if n := len(h.Records); n > 0 && h.Records[n-1].Status == policy.StatusIssued {
			c.Policies++
		}
		if n := len(h.Records); n > 0 && h.Records[n-1].Erased() {
			c.Erased++
		}
		if !pair.ok || !slices.EqualFunc(h.Records, p[1].Records, sameRecord) {
			c.differ("第 %d 个标识的记录不同", "the records of identifier number %d differ", c.Keys)
		} else if !slices.Equal(h.Claims, p[1].Claims) {
			c.differ("第 %d 个标识的业务号不同", "the business keys of identifier number %d differ", c.Keys)
		}
		c.compared++
		c.progress(time.Now())
	}
	return nil
}

func (c *collation) holds(ctx context.Context) error {
	for p, pair := range pairs(c.from.store.Holds(ctx), c.into.store.Holds(ctx)) {
		if pair.err != nil {
			return pair.err
		}
		if c.Held++; !pair.ok || p[0] != p[1] {
			c.differ("第 %d 项法律保全不同", "legal hold number %d differs", c.Held)
		}
	}
	return nil
}

func sameRecord(a, b policy.Record) bool {
	return a.Key == b.Key && a.Revision == b.Revision && a.Status == b.Status && a.Number == b.Number && a.Product == b.Product &&
		a.Edition == b.Edition && a.Digest == b.Digest && a.At.Equal(b.At) && a.ErasedAt.Equal(b.ErasedAt) && bytes.Equal(a.Fingerprint, b.Fingerprint) && bytes.Equal(a.Sealed, b.Sealed)
}

func (c *collation) events(ctx context.Context) error {
	for p, pair := range pairs(c.from.PendingEvents(ctx), c.into.PendingEvents(ctx)) {
		if pair.err != nil {
			return pair.err
		}
		if c.Pending++; !pair.ok || !bytes.Equal(p[0].Event, p[1].Event) {
			c.differ("第 %d 个待发布的事件不同", "event number %d of those to be published differs", c.Pending)
		}
	}
	return nil
}

func (c *collation) editions(ctx context.Context) error {
	used, err := editionsOf(ctx, c.from.store)
	if err != nil {
		return err
	}
	kept, err := editionsOf(ctx, c.into.store)
	if err != nil {
		return err
	}
	if c.Editions = len(used); !slices.EqualFunc(used, kept, sameEdition) {
		c.differ("版本不同", "the editions differ")
	}
	return nil
}

func (c *collation) visits(ctx context.Context) error {
	all := policy.VisitSelection{}
	n := 0
	for p, pair := range pairs(c.from.store.Visits(ctx, all), c.into.store.Visits(ctx, all)) {
		if pair.err != nil {
			return pair.err
		}
		if n++; !pair.ok || !sameVisit(p[0], p[1]) {
			c.differ("请求日志第 %d 行不同", "row %d of the journal of requests differs", n)
		}
	}
	return nil
}

func (c *collation) numbers(ctx context.Context) error {
	drawn, err := c.from.LastNumber(ctx)
	if err != nil {
		return err
	}
	if c.last, err = c.into.LastNumber(ctx); err == nil && c.last < drawn {
		c.differ("下一个保单号将重复", "the next policy number would be one that was drawn before")
	}
	return err
}

// text is the collation for people.
func (c *collation) text(lang policy.Lang) string {
	var b strings.Builder
	line := func(zh, en string, values ...any) { b.WriteString(say(zh, en, values...).In(lang) + "\n") }
	if c.different > 0 {
		line("%[2]s 与 %[1]s 不同，不得投入使用：", "%[2]s is not what %[1]s is, and must not be used:", c.from.name, c.into.name)
		for _, d := range c.first {
			line("  %s", "  %s", d.In(lang))
		}
		if more := c.different - len(c.first); more > 0 {
			fmt.Fprintf(&b, "  … +%d\n", more)
		}
		return b.String()
	}
	line("%[2]s 与 %[1]s 相同；其中 %[3]s 条决定此前已复制。已逐一比较：", "%[2]s is what %[1]s is; %[3]s of its decisions were there before. Compared one by one:", c.from.name, c.into.name, thousands(c.there))
	line("  审计事件 %[1]s 行，顺序与字节相同；据此重新计算的链头 %[2]s", "  %[1]s audit events, in their order; the head that they come to is %[2]s", thousands(c.Rows), headName(c.head))
	line("  记录 %[1]s 条（标识 %[2]s 个，保单 %[3]s 张），逐字节", "  %[1]s records (%[2]s identifiers, %[3]s policies), byte for byte", thousands(c.Records), thousands(c.Keys), thousands(c.Policies))
	line("  业务号 %[1]s 个，待发布的事件 %[2]s 个，版本 %[3]s 个，请求日志 %[4]s 行", "  %[1]s business keys, %[2]s events to be published, %[3]s editions, %[4]s rows of the journal of requests",
		thousands(c.Claims), thousands(c.Pending), thousands(c.Editions), thousands(c.Visits))
	if c.Erased > 0 || c.Held > 0 {
		line("  已清除的标识 %[1]s 个，法律保全 %[2]s 项", "  %[1]s erased identifiers, %[2]s legal holds", thousands(c.Erased), thousands(c.Held))
	}
	line("  最后的序号 %d，下一个更大", "  the last number is %d; the next is larger", c.last)
	for _, head := range c.heads {
		line("副本的链头：%s", "head of the copy: %s", head)
	}
	return b.String()
}
