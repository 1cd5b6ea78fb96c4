package storetest

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/chudan-io/chudan/policy"
)

func checkReopened(t testing.TB, h Harness) {
	if h.Reopen == nil {
		t.Skip("the store keeps nothing")
	}
	s := h.Open(t)
	const policies = 30
	atOnce(t, policies, func(i int) error {
		_, _, err := s.Issue(ctx(t), issuing(key("k-%d", i), "a", stream(fmt.Sprint(i))))
		return err
	})
	win(t, s, deciding(key("refused"), policy.StatusRefused, "a"))
	second := win(t, s, replacing(deciding(key("refused"), policy.StatusReferred, "b"), 1))
	kept := map[policy.Key]policy.Record{}
	for i := range policies {
		kept[key("k-%d", i)] = find(t, s, key("k-%d", i))
	}
	events, audit := h.Events(t, s), column(h.Audit(t, s), func(r AuditRow) []byte { return r.Event })

	s = h.Reopen(t, s)
	for k, r := range kept {
		same(t, "kept", find(t, s, k), r)
		again, won := issue(t, s, issuing(k, "b"))
		if won {
			t.Fatalf("%s was issued again", k.Identifier)
		}
		same(t, "repeated", again, r)
		byNumber, err := s.Policy(ctx(t), r.Number)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "by number", byNumber, r)
	}
	same(t, "referred", find(t, s, key("refused")), second)
	sameBytes(t, "event", h.Events(t, s), events)
	sameBytes(t, "audit event", column(h.Audit(t, s), func(r AuditRow) []byte { return r.Event }), audit)
	_, _, err := s.Issue(ctx(t), issuing(key("new"), "a", stream("0")))
	taken(t, "new", err, stream("").Path)
	unburnt(t, s, policies)
	if err := VerifyChain(h.Audit(t, s)); err != nil {
		t.Errorf("after going on: %v", err)
	}
}

func checkClosed(t testing.TB, h Harness) {
	s := h.Open(t)
	win(t, s, issuing(key("k"), "a", stream("S1")))
	if !closeStore(t, s) {
		t.Skip("the store cannot be closed")
	}
	_, _, issued := s.Issue(ctx(t), issuing(key("k2"), "a"))
	_, found := s.Find(ctx(t), key("k"))
	_, byNumber := s.Policy(ctx(t), number(1))
	_, byStream := findUnique(ctx(t), s, stream("S1"))
	for what, err := range map[string]error{"Issue": issued, "Find": found, "Policy": byNumber, "FindUnique": byStream} {
		if !errors.Is(err, policy.ErrUnavailable) {
			t.Errorf("%s after Close: got %v, want ErrUnavailable", what, err)
		}
	}
	closeStore(t, s)
}

// checkClosedUnderLoad: what was accepted is finished, the rest is told so, and
// nobody waits for ever.
func checkClosedUnderLoad(t testing.TB, h Harness) {
	const callers, each, enough = 16, 10_000, 100
	s := h.Open(t)
	if _, ok := s.(io.Closer); !ok {
		t.Skip("the store cannot be closed")
	}
	var mu sync.Mutex
	acknowledged := map[policy.Key]policy.Record{}
	underLoad := make(chan struct{})
	atOnce(t, callers+1, func(c int) error {
		if c == callers {
			<-underLoad
			closeStore(t, s)
			return nil
		}
		for i := range each {
			k := key("k-%d-%d", c, i)
			r, _, err := s.Issue(ctx(t), issuing(k, "a"))
			if errors.Is(err, policy.ErrUnavailable) {
				return nil
			}
			if err != nil {
				return err
			}
			mu.Lock()
			if acknowledged[k] = r; len(acknowledged) == enough {
				close(underLoad)
			}
			mu.Unlock()
		}
		return errors.New("was never told that the store is closed")
	})
	if h.Reopen == nil {
		return
	}
	s = h.Reopen(t, s)
	for k, r := range acknowledged {
		same(t, "acknowledged", find(t, s, k), r)
	}
	if got, want := len(h.Events(t, s)), len(acknowledged); got != want {
		t.Errorf("%d were acknowledged, %d were written", want, got)
	}
}

// atOnce calls do n times at the same moment and waits for all of them.
func atOnce(t testing.TB, n int, do func(i int) error) {
	t.Helper()
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			<-start
			if err := do(i); err != nil {
				t.Errorf("caller %d: %v", i, err)
			}
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}
