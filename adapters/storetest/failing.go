package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
)

func checkSequence(t testing.TB, h Harness) {
	s := h.Open(t)
	win(t, s, issuing(key("1"), "a", stream("S1")))
	win(t, s, deciding(key("2"), policy.StatusRefused, "a"))
	issue(t, s, issuing(key("1"), "b"))
	issue(t, s, issuing(key("2"), "b"))
	_, _, err := s.Issue(ctx(t), issuing(key("3"), "a", stream("S1")))
	taken(t, "3", err, stream("").Path)
	d := issuing(key("4"), "a")
	d.Complete = func(uint64) (policy.Entry, error) { return policy.Entry{}, errors.New("no") }
	if _, _, err := s.Issue(ctx(t), d); err == nil {
		t.Error("a draft that failed was issued")
	}
	if r := win(t, s, issuing(key("5"), "a")); r.Number != number(2) {
		t.Errorf("the second policy got the number %s, want %s", r.Number, number(2))
	}
	unnumbered := issuing(key("6"), "a")
	unnumbered.Numbered = false
	if r := win(t, s, unnumbered); r.Number != number(0) {
		t.Errorf("a draft that is not numbered got the number %s, want %s", r.Number, number(0))
	}
	unburnt(t, s, 2)
}

func checkNumberUsed(t testing.TB, h Harness) {
	s := h.Open(t)
	first := win(t, s, issuing(key("1"), "a"))
	win(t, s, deciding(key("3"), policy.StatusRefused, "a"))
	before := counted(t, h, s)
	for _, d := range []policy.Draft{
		issuing(key("2"), "b", stream("S2")),
		replacing(issuing(key("3"), "b", stream("S2")), 1),
	} {
		d.Complete = func(uint64) (policy.Entry, error) {
			return entry(d.Key, policy.StatusIssued, first.Number, "b"), nil
		}
		if _, won, err := s.Issue(ctx(t), d); err == nil || won {
			t.Fatal("two policies have one number")
		}
	}
	r, err := s.Policy(ctx(t), first.Number)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "by number", r, first)
	same(t, "to be replaced", find(t, s, key("3")), expected(entry(key("3"), policy.StatusRefused, "", "a"), 1))
	if after := counted(t, h, s); after != before {
		t.Errorf("a draft with a used number wrote something: %+v, then %+v", before, after)
	}
	win(t, s, issuing(key("2"), "b", stream("S2")))
	unburnt(t, s, 2)
}

// checkFailingBeside: of each four drafts at once one fails, one panics and
// two are sound; the sound ones must not notice.
func checkFailingBeside(t testing.TB, h Harness) {
	const drafts = 64
	s := h.Open(t)
	errOwn := make([]error, drafts)
	atOnce(t, drafts, func(i int) error {
		d := issuing(key("k-%d", i), "a", stream(fmt.Sprint(i)))
		sound := d.Complete
		switch i % 4 {
		case 1:
			errOwn[i] = fmt.Errorf("failure %d", i)
			d.Complete = func(uint64) (policy.Entry, error) { return policy.Entry{}, errOwn[i] }
			if _, won, err := s.Issue(ctx(t), d); won || !errors.Is(err, errOwn[i]) {
				t.Errorf("draft %d: got %v, want its own error", i, err)
			}
		case 2:
			d.Complete = func(uint64) (policy.Entry, error) { panic("张三 110105194912310021") }
			_, won, err := s.Issue(ctx(t), d)
			if won || err == nil {
				t.Errorf("draft %d panicked and was issued", i)
			} else if strings.Contains(err.Error(), "1949") {
				t.Errorf("the error quotes what was panicked with: %v", err)
			}
		default:
			// A store may have to repeat its transaction, and with it Complete.
			nonce := 0
			d.Complete = func(seq uint64) (policy.Entry, error) {
				nonce++
				e, err := sound(seq)
				e.Record.Sealed = fmt.Append(e.Record.Sealed, nonce)
				return e, err
			}
			r, won, err := s.Issue(ctx(t), d)
			if err != nil || !won {
				return fmt.Errorf("draft %d, which is sound: won %v, %w", i, won, err)
			}
			kept, err := s.Find(ctx(t), d.Key)
			same(t, "kept", kept, r)
			return err
		}
		return nil
	})
	for i := range drafts {
		if _, err := s.Find(ctx(t), key("k-%d", i)); i%4 == 1 || i%4 == 2 {
			if !errors.Is(err, policy.ErrNotFound) {
				t.Errorf("draft %d failed and left a record (%v)", i, err)
			}
			win(t, s, issuing(key("k-%d", i), "again", stream(fmt.Sprint(i))))
		}
	}
	unburnt(t, s, drafts)
	if got, want := counted(t, h, s), (count{drafts + 1, drafts + 1}); got != want {
		t.Errorf("left %+v, want %+v", got, want)
	}
}

func checkMisfits(t testing.TB, h Harness) {
	s := h.Open(t)
	k := key("k")
	for what, e := range map[string]policy.Entry{
		"another key":             entry(key("other"), policy.StatusIssued, "N1", "a"),
		"no status":               entry(k, "", "N1", "a"),
		"unknown status":          entry(k, "pending", "N1", "a"),
		"a policy without number": entry(k, policy.StatusIssued, "", "a"),
		"a number without policy": entry(k, policy.StatusRefused, "N1", "a"),
	} {
		d := issuing(k, "a", stream("S1"))
		d.Complete = func(uint64) (policy.Entry, error) { return e, nil }
		if _, won, err := s.Issue(ctx(t), d); err == nil || won {
			t.Errorf("%s was written", what)
		}
	}
	win(t, s, issuing(k, "a", stream("S1")))
	unburnt(t, s, 1)
}

func checkEndedBefore(t testing.TB, h Harness) {
	s := h.Open(t)
	c, cancel := context.WithCancel(ctx(t))
	cancel()
	_, _, issued := s.Issue(c, issuing(key("k"), "a", stream("S1")))
	_, found := s.Find(c, key("k"))
	_, byNumber := s.Policy(c, number(1))
	_, byStream := findUnique(c, s, stream("S1"))
	for what, err := range map[string]error{"Issue": issued, "Find": found, "Policy": byNumber, "FindUnique": byStream} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s under a context that has ended: %v", what, err)
		}
	}
	if got := counted(t, h, s); got != (count{}) {
		t.Errorf("left %+v", got)
	}
	unburnt(t, s, 0)
}

// checkEndedMeanwhile ends the context of every second caller in the midst of
// his own draft, where it shares a transaction with others if the store has
// that. He may be told of it or get his record; either way his neighbours get
// theirs, and a second attempt finds the key in order.
func checkEndedMeanwhile(t testing.TB, h Harness) {
	const drafts = 64
	s := h.Open(t)
	atOnce(t, drafts, func(i int) error {
		c, cancel := context.WithCancel(ctx(t))
		defer cancel()
		d := issuing(key("k-%d", i), "a", stream(fmt.Sprint(i)))
		sound := d.Complete
		d.Complete = func(seq uint64) (policy.Entry, error) {
			if i%2 == 1 {
				cancel()
			}
			return sound(seq)
		}
		r, won, err := s.Issue(c, d)
		switch {
		case i%2 == 1 && errors.Is(err, context.Canceled):
		case err != nil:
			return fmt.Errorf("draft %d: %w", i, err)
		case !won || r.Key != d.Key:
			t.Errorf("draft %d: won %v with the record of %s", i, won, r.Key.Identifier)
		}
		return nil
	})
	for i := range drafts {
		d := issuing(key("k-%d", i), "b", stream(fmt.Sprint(i)))
		r, _ := issue(t, s, d)
		same(t, "found", find(t, s, d.Key), r)
	}
	if got, want := counted(t, h, s), (count{drafts, drafts}); got != want {
		t.Errorf("%d keys left %+v, want %+v", drafts, got, want)
	}
	unburnt(t, s, drafts)
}
