package storetest

import (
	"bytes"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/chudan-io/chudan/policy"
)

// booking drafts a record on the way to a policy that a core system books. It
// has no event: nothing is issued yet.
func booking(k policy.Key, status policy.Status, payload string, replaces int64, unique ...policy.BusinessKey) policy.Draft {
	return policy.Draft{Key: k, Unique: unique, Replaces: replaces, Complete: func(uint64) (policy.Entry, error) {
		e := entry(k, status, "", payload)
		e.Event = nil
		return e, nil
	}}
}

// numbered drafts a policy whose number somebody else has made.
func numbered(k policy.Key, number, payload string, replaces int64, unique ...policy.BusinessKey) policy.Draft {
	return policy.Draft{Key: k, Unique: unique, Replaces: replaces, Complete: func(uint64) (policy.Entry, error) {
		return entry(k, policy.StatusIssued, number, payload), nil
	}}
}

// checkBooking: the business keys are held from the reservation on, and no
// number of ours is drawn.
func checkBooking(t testing.TB, h Harness) {
	s := h.Open(t)
	k := key("k")
	reserved := win(t, s, booking(k, policy.StatusReserved, "a", 0, stream("S1")))
	same(t, "reserved", reserved, expected(entry(k, policy.StatusReserved, "", "a"), 1))
	_, _, err := s.Issue(ctx(t), issuing(key("other"), "b", stream("S1")))
	taken(t, "while it is reserved", err, stream("").Path)
	holder, err := findUnique(ctx(t), s, stream("S1"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "holder", holder, reserved)

	booked := win(t, s, booking(k, policy.StatusBooked, "b", 1, stream("S1")))
	same(t, "booked", booked, expected(entry(k, policy.StatusBooked, "", "b"), 2))
	_, _, err = s.Issue(ctx(t), issuing(key("other"), "b", stream("S1")))
	taken(t, "while it is booked", err, stream("").Path)

	issued := win(t, s, numbered(k, "CORE-1", "c", 2, stream("S1")))
	same(t, "issued", issued, expected(entry(k, policy.StatusIssued, "CORE-1", "c"), 3))
	same(t, "found", find(t, s, k), issued)
	_, _, err = s.Issue(ctx(t), booking(key("other"), policy.StatusReserved, "b", 0, stream("S1")))
	taken(t, "when it is issued", err, stream("").Path)
	_, _, err = s.Issue(ctx(t), numbered(key("another"), "CORE-1", "b", 0))
	if err == nil {
		t.Error("two policies have the number CORE-1")
	}
	if got := counted(t, h, s); got != (count{1, 3}) {
		t.Errorf("a booking left %+v", got)
	}
	unburnt(t, s, 0)
}

// checkGivenBack: a reservation that comes to nothing gives its business keys
// back, and nobody else's.
func checkGivenBack(t testing.TB, h Harness) {
	s := h.Open(t)
	k := key("k")
	win(t, s, issuing(key("before"), "a", stream("S0")))
	win(t, s, booking(k, policy.StatusReserved, "a", 0, stream("S1"), stream("S2")))
	win(t, s, replacing(deciding(k, policy.StatusRefused, "b", stream("S1"), stream("S2")), 1))
	for _, value := range []string{"S1", "S2"} {
		if r, err := findUnique(ctx(t), s, stream(value)); !errors.Is(err, policy.ErrNotFound) {
			t.Errorf("%s is held by %v after the refusal (%v)", value, r.Key, err)
		}
	}
	if _, err := findUnique(ctx(t), s, stream("S0")); err != nil {
		t.Errorf("the business key of another policy: %v", err)
	}
	win(t, s, issuing(key("other"), "c", stream("S1")))
	_, _, err := s.Issue(ctx(t), booking(k, policy.StatusReserved, "d", 2, stream("S1")))
	taken(t, "reserved once more", err, stream("").Path)
	again := win(t, s, booking(k, policy.StatusReserved, "d", 2, stream("S2")))
	if again.Revision != 3 {
		t.Errorf("reserved once more as revision %d", again.Revision)
	}
}

// checkReplyLost: the core booked and its answer was lost, so that several
// resume one reservation. One of them goes on at each step; the others see how
// far it came.
func checkReplyLost(t testing.TB, h Harness) {
	s := h.Open(t)
	k := key("k")
	reserved := win(t, s, booking(k, policy.StatusReserved, "a", 0, stream("S1")))
	if h.Reopen != nil {
		s = h.Reopen(t, s)
	}
	same(t, "after the end of the process", find(t, s, k), reserved)
	if found := listed(t, s, policy.Selection{Status: policy.StatusReserved}); !slices.Equal(found, []policy.Key{k}) {
		t.Fatalf("whoever resumes is given %v", found)
	}
	for step, d := range []policy.Draft{booking(k, policy.StatusBooked, "b", 1, stream("S1")), numbered(k, "CORE-1", "c", 2, stream("S1"))} {
		var won atomic.Int64
		atOnce(t, 8, func(int) error {
			r, first, err := s.Issue(ctx(t), d)
			if first {
				won.Add(1)
			}
			if err == nil && r.Revision != int64(step)+2 {
				t.Errorf("answered with revision %d, want %d", r.Revision, step+2)
			}
			return err
		})
		if won.Load() != 1 {
			t.Fatalf("%d of 8 went on from revision %d", won.Load(), step+1)
		}
	}
	if got := find(t, s, k); got.Number != "CORE-1" || !bytes.Equal(got.Sealed, []byte("sealed c")) {
		t.Errorf("ended with %s %q", got.Number, got.Sealed)
	}
	if found := listed(t, s, policy.Selection{Status: policy.StatusReserved}); len(found) > 0 {
		t.Errorf("%v are still to be resumed", found)
	}
}

// checkPending: who is to do something is given what there is to do, and no
// more than that.
func checkPending(t testing.TB, h Harness) {
	s := h.Open(t)
	want := map[policy.Status][]policy.Key{}
	for _, status := range []policy.Status{policy.StatusReferred, policy.StatusReserved, policy.StatusIssued, policy.StatusBooked, policy.StatusRefused, policy.StatusReferred} {
		k := key("%s-%d", status, len(want[status]))
		want[status] = append(want[status], k)
		if status == policy.StatusIssued {
			win(t, s, issuing(k, "a"))
		} else {
			win(t, s, booking(k, status, "a", 0))
		}
	}
	moved := want[policy.StatusReferred][0]
	win(t, s, booking(moved, policy.StatusAccepted, "b", 1))
	want[policy.StatusReferred], want[policy.StatusAccepted] = want[policy.StatusReferred][1:], []policy.Key{moved}
	check := func(when string) {
		t.Helper()
		for _, status := range []policy.Status{policy.StatusReferred, policy.StatusAccepted, policy.StatusReserved, policy.StatusBooked, policy.StatusReopened, policy.StatusIssued, policy.StatusRefused} {
			if got := listed(t, s, policy.Selection{Status: status, Tenant: tenant}); !slices.Equal(got, want[status]) {
				t.Errorf("%s, %s: %v, want %v", when, status, got, want[status])
			}
		}
	}
	check("first")
	win(t, s, replacing(issuing(moved, "c"), 2))
	want[policy.StatusAccepted], want[policy.StatusIssued] = nil, append([]policy.Key{moved}, want[policy.StatusIssued]...)
	win(t, s, booking(want[policy.StatusRefused][0], policy.StatusReopened, "d", 1))
	want[policy.StatusReopened], want[policy.StatusRefused] = want[policy.StatusRefused], nil
	check("moved on")
}
