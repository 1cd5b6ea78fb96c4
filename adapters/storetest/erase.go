package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/chudan-io/chudan/policy"
)

func eraserOf(t testing.TB, s policy.Store) policy.Eraser {
	t.Helper()
	e, ok := s.(policy.Eraser)
	if !ok {
		t.Fatal("the store is no policy.Eraser")
	}
	return e
}

// later is when things are erased and held: with microseconds, as at is.
var later = at.AddDate(10, 0, 0).Add(time.Microsecond)

func erased(r policy.Record) policy.Record {
	r.Sealed, r.Fingerprint, r.ErasedAt = nil, nil, later
	return r
}

func holdOf(k policy.Key) policy.Hold {
	return policy.Hold{Key: k, By: "法务部", Why: "case (2031) 沪 74", At: later}
}

// checkErase: what is erased is gone for good, and all else stays: its key is
// never won again and its number never given to another.
func checkErase(t testing.TB, h Harness) {
	s := h.Open(t)
	e := eraserOf(t, s)
	k, beside := key("k"), win(t, s, issuing(key("beside"), "secret"))
	win(t, s, deciding(k, policy.StatusReferred, "secret"))
	win(t, s, replacing(deciding(k, policy.StatusRefused, "secret"), 1))
	whole := win(t, s, replacing(issuing(k, "secret", stream("S1")), 2))
	refusal := win(t, s, deciding(key("refused"), policy.StatusRefused, "secret"))
	before := counted(t, h, s)
	for _, r := range []policy.Record{whole, refusal} {
		if err := e.Erase(ctx(t), r.Key, r.Revision, later, []byte("erased "+r.Key.Identifier)); err != nil {
			t.Fatal(err)
		}
	}
	if h.Reopen != nil {
		s = h.Reopen(t, s)
		e = eraserOf(t, s)
	}
	whole, refusal = erased(whole), erased(refusal)
	same(t, "found", find(t, s, k), whole)
	same(t, "the refusal", find(t, s, refusal.Key), refusal)
	same(t, "another's", find(t, s, beside.Key), beside)
	if byNumber, err := s.Policy(ctx(t), whole.Number); err != nil {
		t.Error(err)
	} else {
		same(t, "by its number", byNumber, whole)
	}
	if holder, err := findUnique(ctx(t), s, stream("S1")); err != nil {
		t.Error(err)
	} else {
		same(t, "by its business key", holder, whole)
	}
	if m, ok := s.(policy.Mover); ok {
		for _, held := range collect(t, m.Holdings(ctx(t))) {
			for _, r := range held.Records {
				empty := len(r.Sealed) == 0 && len(r.Fingerprint) == 0
				if gone := r.Key != beside.Key; empty != gone || r.Erased() != gone {
					t.Errorf("revision %d of %s has %q, erased at %v", r.Revision, r.Key.Identifier, r.Sealed, r.ErasedAt)
				}
			}
		}
	}

	for _, r := range []policy.Record{whole, refusal} {
		if err := e.Erase(ctx(t), r.Key, r.Revision, later.Add(time.Hour), []byte("again")); !errors.Is(err, policy.ErrErased) {
			t.Errorf("%s erased once more: %v, want ErrErased", r.Key.Identifier, err)
		}
		if err := e.Hold(ctx(t), holdOf(r.Key), []byte("held")); !errors.Is(err, policy.ErrErased) {
			t.Errorf("%s held when it was erased: %v, want ErrErased", r.Key.Identifier, err)
		}
		for _, revision := range []int64{0, r.Revision} {
			got, won := issue(t, s, replacing(issuing(r.Key, "b"), revision))
			if won {
				t.Errorf("%s was won once more", r.Key.Identifier)
			}
			same(t, "answered", got, r)
		}
	}
	if got := counted(t, h, s); got != (count{before.Events, before.Audit + 2}) {
		t.Errorf("two erasures left %+v, before there was %+v", got, before)
	}
	if _, _, err := s.Issue(ctx(t), numbered(key("other"), whole.Number, "b", 0)); err == nil {
		t.Error("the number of an erased policy was used again")
	}
	_, _, err := s.Issue(ctx(t), issuing(key("other"), "b", stream("S1")))
	taken(t, "the business key", err, stream("").Path)
	unburnt(t, s, 2)
	if err := VerifyChain(h.Audit(t, s)); err != nil {
		t.Error(err)
	}
}

// checkErasePages: whoever goes through a listing and erases what he is given is
// given all of it.
func checkErasePages(t testing.TB, h Harness) {
	const policies = 600 // more than two pages
	s := h.Open(t)
	e := eraserOf(t, s)
	atOnce(t, 12, func(c int) error {
		for n := range policies / 12 {
			if _, _, err := s.Issue(ctx(t), issuing(key("k-%d-%d", c, n), "a")); err != nil {
				return err
			}
		}
		return nil
	})
	passed := 0
	for r, err := range s.(policy.Lister).List(ctx(t), policy.Selection{From: at, To: at.Add(time.Microsecond)}) {
		if err == nil {
			err = e.Erase(ctx(t), r.Key, r.Revision, later, []byte("erased "+r.Key.Identifier))
		}
		if err != nil {
			t.Fatal(err)
		}
		passed++
	}
	left := 0
	for r, err := range s.(policy.Lister).List(ctx(t), policy.Selection{}) {
		if err != nil {
			t.Fatal(err)
		}
		if !r.Erased() || len(r.Sealed) > 0 {
			left++
		}
	}
	if passed != policies || left > 0 {
		t.Errorf("%d of %d were given, and %d are left", passed, policies, left)
	}
	if err := VerifyChain(h.Audit(t, s)); err != nil {
		t.Error(err)
	}
}

// checkEraseRefused: what must stay does, to the byte, and the chain too.
func checkEraseRefused(t testing.TB, h Harness) {
	s := h.Open(t)
	e := eraserOf(t, s)
	issued := win(t, s, issuing(key("issued"), "a"))
	held := win(t, s, issuing(key("held"), "a"))
	reserved := win(t, s, booking(key("reserved"), policy.StatusReserved, "a", 0))
	booked := win(t, s, booking(key("booked"), policy.StatusBooked, "a", 0))
	if err := e.Hold(ctx(t), holdOf(held.Key), []byte("held")); err != nil {
		t.Fatal(err)
	}
	before := counted(t, h, s)
	for name, c := range map[string]struct {
		key      policy.Key
		revision int64
		want     func(error) bool
	}{
		"under legal hold": {held.Key, 1, func(err error) bool {
			refused := (*policy.HeldError)(nil)
			return errors.As(err, &refused) && refused.Hold == holdOf(held.Key)
		}},
		"reserved":               {reserved.Key, 1, isStatus(policy.StatusReserved, 1)},
		"booked":                 {booked.Key, 1, isStatus(policy.StatusBooked, 1)},
		"another revision":       {issued.Key, 2, isStatus(policy.StatusIssued, 1)},
		"no revision":            {issued.Key, 0, isStatus(policy.StatusIssued, 1)},
		"no record":              {key("nobody"), 1, isNotFound},
		"of another tenant":      {policy.Key{Tenant: "app-2", Identifier: "issued"}, 1, isNotFound},
		"a name with a zero":     {key("is\x00sued"), 1, isNotFound},
		"the beginning of a key": {key("issue"), 1, isNotFound},
	} {
		if err := e.Erase(ctx(t), c.key, c.revision, later, []byte("erased")); !c.want(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, r := range []policy.Record{issued, held, reserved, booked} {
		same(t, r.Key.Identifier, find(t, s, r.Key), r)
	}
	if got := counted(t, h, s); got != before {
		t.Errorf("refusals left %+v, before there was %+v", got, before)
	}
	ended, end := context.WithCancel(ctx(t))
	end()
	if err := e.Erase(ended, issued.Key, 1, later, []byte("erased")); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
	if closeStore(t, s) {
		if err := e.Erase(ctx(t), issued.Key, 1, later, []byte("erased")); !errors.Is(err, policy.ErrUnavailable) {
			t.Errorf("after Close: %v, want ErrUnavailable", err)
		}
	}
}

func isNotFound(err error) bool { return errors.Is(err, policy.ErrNotFound) }

func isStatus(s policy.Status, revision int64) func(error) bool {
	return func(err error) bool {
		status := (*policy.StatusError)(nil)
		return errors.As(err, &status) && status.Status == s && status.Revision == revision
	}
}

func holds(t testing.TB, e policy.Eraser) []policy.Hold {
	t.Helper()
	return collect(t, e.Holds(ctx(t)))
}

// checkMoveErased: a copy erases and holds where its source did, and cannot be
// told from it.
func checkMoveErased(t testing.TB, h Harness) {
	s, into := h.Open(t), h.Open(t)
	from, ok := s.(policy.Mover)
	if !ok {
		return
	}
	mover, erasing := into.(policy.Mover), eraserOf(t, into)
	e, held, gone := eraserOf(t, s), key("held"), key("gone")
	win(t, s, issuing(held, "a"))
	win(t, s, deciding(gone, policy.StatusRefused, "a"))
	win(t, s, replacing(issuing(gone, "b", stream("S1")), 1))
	for _, of := range []policy.Eraser{e, erasing} {
		if of == erasing {
			first, last := again(gone, policy.StatusRefused, "", "a", 0), again(gone, policy.StatusIssued, number(2), "b", 1, stream("S1"))
			if err := mover.Receive(ctx(t), []policy.Draft{again(held, policy.StatusIssued, number(1), "a", 0), emptied(first), emptied(last)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := of.Hold(ctx(t), holdOf(held), []byte("held")); err != nil {
			t.Fatal(err)
		}
		if err := of.Erase(ctx(t), gone, 2, later, []byte("erased")); err != nil {
			t.Fatal(err)
		}
	}
	want := standingOf(t, from)
	want.Last = 0 // numbers have not been told of
	sameStanding(t, "received", standingOf(t, mover), want)
	if diff := cmp.Diff(holds(t, e), holds(t, erasing)); diff != "" {
		t.Errorf("holds (-want +got):\n%s", diff)
	}
	if err := mover.Receive(ctx(t), []policy.Draft{again(gone, policy.StatusRefused, "", "c", 2)}); !errors.Is(err, policy.ErrNotReceived) {
		t.Errorf("received in the place of what was erased: %v", err)
	}
}

// emptied is a draft of what was erased where it comes from.
func emptied(d policy.Draft) policy.Draft {
	complete := d.Complete
	d.Complete = func(seq uint64) (policy.Entry, error) {
		e, err := complete(seq)
		e.Record.Sealed, e.Record.Fingerprint = nil, nil
		return e, err
	}
	return d
}

// checkHold: a hold stands until it is released, whatever becomes of the record.
func checkHold(t testing.TB, h Harness) {
	s := h.Open(t)
	e := eraserOf(t, s)
	if got := holds(t, e); len(got) > 0 {
		t.Fatalf("a new store has holds: %v", got)
	}
	var want []policy.Hold
	for i := range 300 { // more than a page
		k := key("k-%d", 300-i)
		win(t, s, deciding(k, policy.StatusRefused, "a"))
		if i%3 == 0 {
			want = append(want, holdOf(k))
		}
	}
	for i := range want { // not in the order of the keys
		one := want[(i*7)%len(want)]
		if err := e.Hold(ctx(t), one, []byte("held "+one.Key.Identifier)); err != nil {
			t.Fatal(err)
		}
	}
	if h.Reopen != nil {
		s = h.Reopen(t, s)
		e = eraserOf(t, s)
	}
	if diff := cmp.Diff(want, holds(t, e), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("holds (-want +got):\n%s", diff)
	}
	k := want[0].Key
	again := holdOf(k)
	again.Why = "another case"
	held := (*policy.HeldError)(nil)
	if err := e.Hold(ctx(t), again, []byte("held")); !errors.As(err, &held) || held.Hold != want[0] {
		t.Errorf("held twice: %v", err)
	}
	if err := e.Hold(ctx(t), holdOf(key("nobody")), []byte("held")); !isNotFound(err) {
		t.Errorf("held without a record: %v", err)
	}
	if err := e.Release(ctx(t), key("nobody"), []byte("released")); !isNotFound(err) {
		t.Errorf("released without a record: %v", err)
	}
	if err := e.Release(ctx(t), key("k-299"), []byte("released")); !isNotFound(err) {
		t.Errorf("released without a hold: %v", err)
	}
	replaced := win(t, s, replacing(issuing(k, "b"), 1))
	if err := e.Erase(ctx(t), k, 2, later, []byte("erased")); !errors.As(err, &held) {
		t.Errorf("a hold did not outlast the record that it was placed on: %v", err)
	}
	same(t, "held", find(t, s, k), replaced)
	if err := e.Release(ctx(t), k, []byte("released")); err != nil {
		t.Fatal(err)
	}
	if err := e.Erase(ctx(t), k, 2, later, []byte("erased")); err != nil {
		t.Errorf("after the release: %v", err)
	}
	if got := holds(t, e); !slices.Equal(got, want[1:]) {
		t.Errorf("%d holds are left, want %d", len(got), len(want)-1)
	}
	if got := counted(t, h, s); got != (count{301, 301 + len(want) + 2}) {
		t.Errorf("left %+v", got)
	}
	if err := VerifyChain(h.Audit(t, s)); err != nil {
		t.Error(err)
	}
}

// checkHoldAtOnce: of one who holds and one who erases, one is first; what a
// hold stands on is whole.
func checkHoldAtOnce(t testing.TB, h Harness) {
	s := h.Open(t)
	e := eraserOf(t, s)
	var heldFirst, erasedFirst atomic.Int64
	for i := range 30 {
		k := key("k-%d", i)
		win(t, s, issuing(k, "a"))
		atOnce(t, 4, func(c int) error {
			var held *policy.HeldError
			var err error
			if c%2 == 0 {
				err = e.Hold(ctx(t), holdOf(k), []byte("held"))
			} else {
				err = e.Erase(ctx(t), k, 1, later, []byte("erased"))
			}
			switch {
			case err == nil && c%2 == 0:
				heldFirst.Add(1)
			case err == nil:
				erasedFirst.Add(1)
			case !errors.As(err, &held) && !errors.Is(err, policy.ErrErased):
				return fmt.Errorf("%d: %w", c, err)
			}
			return nil
		})
		if r := find(t, s, k); r.Erased() == (len(r.Sealed) > 0) {
			t.Fatalf("%s is half erased", k.Identifier)
		}
	}
	standing := holds(t, e)
	for _, one := range standing {
		if r := find(t, s, one.Key); r.Erased() {
			t.Errorf("%s is held and erased", one.Key.Identifier)
		}
	}
	if heldFirst.Load()+erasedFirst.Load() != 30 || int(heldFirst.Load()) != len(standing) {
		t.Errorf("%d were held and %d erased of 30; %d holds stand", heldFirst.Load(), erasedFirst.Load(), len(standing))
	}
	if err := VerifyChain(h.Audit(t, s)); err != nil {
		t.Error(err)
	}
}
