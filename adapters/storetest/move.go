package storetest

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/chudan-io/chudan/policy"
)

func collect[T any](t testing.TB, all iter.Seq2[T, error]) (list []T) {
	t.Helper()
	for one, err := range all {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, one)
	}
	return list
}

// standing is what whoever copies a store sees of it.
type standing struct {
	Holdings []policy.Holding
	Events   []string // that are not published
	Last     uint64
	Audit    []string
}

func standingOf(t testing.TB, m policy.Mover) (s standing) {
	t.Helper()
	s.Holdings = collect(t, m.Holdings(ctx(t)))
	for _, e := range collect(t, m.PendingEvents(ctx(t))) {
		s.Events = append(s.Events, string(e.Event))
	}
	for _, r := range collect(t, m.Audit(ctx(t))) {
		if r.Position > 0 {
			s.Audit = append(s.Audit, string(r.Event))
		}
	}
	last, err := m.LastNumber(ctx(t))
	if err != nil {
		t.Fatal(err)
	}
	s.Last = last
	return s
}

func sameStanding(t testing.TB, what string, got, want standing) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// again is a draft of what a decision has made, as a copy brings it. Business
// keys come with the last record of a key.
func again(k policy.Key, status policy.Status, number, payload string, replaces int64, unique ...policy.BusinessKey) policy.Draft {
	return policy.Draft{Key: k, Replaces: replaces, Unique: unique, Complete: func(uint64) (policy.Entry, error) {
		return entry(k, status, number, payload), nil
	}}
}

// underway asks a store for bookings that came to each step on their way, to
// none, and for a referral that was accepted; it answers the drafts as a copy
// brings them. No two of a key follow each other.
func underway(t testing.TB, s policy.Store) (drafts []policy.Draft) {
	t.Helper()
	reserved, booked, issued, referred, given := key("reserved"), key("booked"), key("by-core"), key("accepted"), key("given-back")
	for _, d := range []policy.Draft{
		booking(reserved, policy.StatusReserved, "a", 0, stream("R1")),
		booking(booked, policy.StatusReserved, "a", 0, stream("R2")),
		booking(issued, policy.StatusReserved, "a", 0, stream("R4"), stream("R3")),
		deciding(referred, policy.StatusReferred, "a"),
		booking(given, policy.StatusReserved, "a", 0, stream("R5")),
		booking(issued, policy.StatusBooked, "b", 1, stream("R4"), stream("R3")),
		booking(booked, policy.StatusBooked, "b", 1, stream("R2")),
		booking(referred, policy.StatusAccepted, "b", 1),
		numbered(issued, "CORE-7", "c", 2, stream("R4"), stream("R3")),
		replacing(deciding(given, policy.StatusRefused, "b", stream("R5")), 1),
	} {
		holds := map[policy.Key]int64{reserved: 1, booked: 2, issued: 3}
		if win(t, s, d).Revision != holds[d.Key] {
			d.Unique = nil // a copy is told of what is held in the end
		}
		drafts = append(drafts, d)
	}
	return drafts
}

// checkMove: what one store was asked to decide, and another one received,
// cannot be told apart. A store that forgets need not be a Mover.
func checkMove(t testing.TB, h Harness) {
	s, into := h.Open(t), h.Open(t)
	from, ok := s.(policy.Mover)
	if !ok {
		return
	}
	mover := into.(policy.Mover)
	empty := standingOf(t, mover)
	sameStanding(t, "a new store", empty, standing{})

	// Not in the order of their words, so that one who sorts them is found out.
	win(t, s, deciding(key("9"), policy.StatusReferred, "a"))
	win(t, s, issuing(key("8"), "a", stream("S2"), stream("S1")))
	win(t, s, replacing(deciding(key("9"), policy.StatusRefused, "b"), 1))
	win(t, s, issuing(key("1"), "a"))
	win(t, s, replacing(issuing(key("9"), "c", stream("S0")), 2))
	drafts := []policy.Draft{
		again(key("9"), policy.StatusReferred, "", "a", 0),
		again(key("8"), policy.StatusIssued, number(1), "a", 0, stream("S2"), stream("S1")),
		again(key("9"), policy.StatusRefused, "", "b", 1),
		again(key("1"), policy.StatusIssued, number(2), "a", 0),
		again(key("9"), policy.StatusIssued, number(3), "c", 2, stream("S0")),
	}
	drafts = append(drafts, underway(t, s)...)
	for i := range 300 { // more than any page holds
		k := key("k-%d", 1000-i)
		win(t, s, issuing(k, "many", stream(fmt.Sprintf("M%d", i%10*30+i/10))))
		drafts = append(drafts, again(k, policy.StatusIssued, number(uint64(4+i)), "many", 0, stream(fmt.Sprintf("M%d", i%10*30+i/10))))
	}
	for _, n := range []int{2, 3, 6, 150} { // a key more than once in one transaction, and in several
		if err := mover.Receive(ctx(t), drafts[:n]); err != nil {
			t.Fatalf("Receive %d: %v", n, err)
		}
		drafts = drafts[n:]
	}
	if h.Reopen != nil {
		into = h.Reopen(t, into)
		mover = into.(policy.Mover)
	}
	if err := mover.Receive(ctx(t), drafts); err != nil {
		t.Fatal(err)
	}
	want := standingOf(t, from)
	want.Last = 0 // numbers have not been told of
	got := standingOf(t, mover)
	sameStanding(t, "received", got, want)
	const without = 7 // audit rows of what is on its way, and no event yet
	if n := len(want.Holdings); n != 308 || len(want.Holdings[0].Records) != 3 || len(want.Holdings[1].Claims) != 2 || len(want.Events)+without != len(want.Audit) {
		t.Fatalf("%d holdings, the first with %d records; %d events, %d audit rows", n, len(want.Holdings[0].Records), len(want.Events), len(want.Audit))
	}
	notReceived(t, mover, got)
	goesOn(t, into)
	got = standingOf(t, mover)

	if err := mover.Note(ctx(t), []byte("note"), 303); err != nil {
		t.Fatal(err)
	}
	if err := mover.Note(ctx(t), []byte("another"), 7); err != nil { // no less than it was
		t.Fatal(err)
	}
	got.Audit, got.Last = append(got.Audit, "note", "another"), 303
	sameStanding(t, "noted", standingOf(t, mover), got)
	if err := VerifyChain(h.Audit(t, into)); err != nil {
		t.Error(err)
	}
	unburnt(t, into, 303)
	replayed, won := issue(t, into, issuing(key("9"), "c", stream("S0")))
	if won {
		t.Error("what was received can be won once more")
	}
	same(t, "answered", replayed, find(t, s, key("9")))
	relay(t, into, 2)
	left := slices.Clone(got.Events[min(2, len(got.Events)):])
	left = append(left, string(entry(key("probe-303"), policy.StatusIssued, number(304), "probe").Event))
	if events := standingOf(t, mover).Events; !slices.Equal(events, left) {
		t.Errorf("after two were published %d events are left, want %d", len(events), len(left))
	}
}

// goesOn: what was on its way when it was received goes on, and what it claims
// is held.
func goesOn(t testing.TB, into policy.Store) {
	t.Helper()
	for _, status := range []policy.Status{policy.StatusReserved, policy.StatusBooked, policy.StatusAccepted} {
		if found := listed(t, into, policy.Selection{Status: status}); !slices.Equal(found, []policy.Key{key("%s", status)}) {
			t.Errorf("whoever goes on with what is %s is given %v", status, found)
		}
	}
	for _, held := range []string{"R1", "R2", "R3", "R4"} {
		_, _, err := into.Issue(ctx(t), booking(key("late"), policy.StatusReserved, "a", 0, stream(held)))
		taken(t, held, err, stream("").Path)
	}
	win(t, into, booking(key("reserved"), policy.StatusBooked, "b", 1, stream("R1")))
	win(t, into, numbered(key("booked"), "CORE-8", "c", 2, stream("R2")))
	win(t, into, numbered(key("accepted"), "CORE-9", "c", 2, stream("R5"))) // which was given back
}

// notReceived: what does not continue the store is refused as a whole.
func notReceived(t testing.TB, m policy.Mover, before standing) {
	t.Helper()
	fits := again(key("new"), policy.StatusIssued, number(900), "a", 0)
	for what, d := range map[string]policy.Draft{
		"a key that is issued":         again(key("9"), policy.StatusIssued, number(901), "d", 3),
		"a key that is there":          again(key("1"), policy.StatusRefused, "", "d", 0),
		"a revision that is not there": again(key("newer"), policy.StatusRefused, "", "d", 1),
		"the same key again":           again(key("new"), policy.StatusIssued, number(902), "d", 0),
		"a number of another":          again(key("newer"), policy.StatusIssued, number(1), "d", 0),
		"a business key of another":    again(key("newer"), policy.StatusIssued, number(901), "d", 0, stream("S0")),
	} {
		if err := m.Receive(ctx(t), []policy.Draft{fits, d}); !errors.Is(err, policy.ErrNotReceived) {
			t.Errorf("%s: %v, want ErrNotReceived", what, err)
		}
	}
	sameStanding(t, "after what was not received", standingOf(t, m), before)
}
