package storetest

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// until is when the exposures of the suite end.
var until = at.AddDate(0, 1, 0)

func subject(n int) policy.Subject {
	return policy.Subject{0: byte(n), 15: 0xff}
}

var errLimit = errors.New("storetest: over the limit")

// exposing has a draft count an amount for subjects, unless more than limit
// would then be in force for one of them; 0 is no limit.
func exposing(d policy.Draft, amount, limit int64, subjects ...policy.Subject) policy.Draft {
	d.Exposure = &policy.Exposure{Subjects: subjects, Amount: amount, Until: until, At: at}
	if limit > 0 {
		d.Exposure.Hold = func(inForce []int64) error {
			if slices.Max(inForce)+amount > limit {
				return errLimit
			}
			return nil
		}
	}
	return d
}

// inForce gives the sums at a time.
func inForce(t testing.TB, s policy.Store, at time.Time, subjects ...policy.Subject) []int64 {
	t.Helper()
	e, ok := s.(policy.Exposer)
	if !ok {
		t.Fatal("the store is no policy.Exposer")
	}
	sums, err := e.InForce(ctx(t), at, subjects)
	if err != nil {
		t.Fatalf("InForce: %v", err)
	}
	return sums
}

func sumsAre(t testing.TB, when string, got []int64, want ...int64) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %d in force, want %d", when, got, want)
	}
}

// checkExposure: an amount counts once for each of its subjects, from the first
// record of its key that holds until that comes to nothing or it has expired.
func checkExposure(t testing.TB, h Harness) {
	s := h.Open(t)
	seller, buyer := subject(1), subject(2)
	k := key("k")
	sumsAre(t, "at first", inForce(t, s, at, seller, buyer), 0, 0)
	win(t, s, exposing(deciding(k, policy.StatusReferred, "a"), 100, 0, seller))
	sumsAre(t, "referred", inForce(t, s, at, seller), 0)
	win(t, s, exposing(booking(k, policy.StatusReserved, "b", 1), 100, 0, seller, buyer))
	sumsAre(t, "reserved", inForce(t, s, at, buyer, subject(3), seller), 100, 0, 100)
	win(t, s, exposing(booking(k, policy.StatusBooked, "c", 2), 100, 0, seller, buyer))
	win(t, s, exposing(numbered(k, "CORE-1", "d", 3), 100, 0, seller, buyer))
	win(t, s, exposing(issuing(key("other"), "a"), 50, 0, seller))
	if h.Reopen != nil {
		s = h.Reopen(t, s)
	}
	sumsAre(t, "issued", inForce(t, s, at, seller, buyer), 150, 100)
	sumsAre(t, "a microsecond before the end", inForce(t, s, until.Add(-time.Microsecond), seller, buyer), 150, 100)
	sumsAre(t, "at the end", inForce(t, s, until, seller, buyer), 0, 0)
	sumsAre(t, "none", inForce(t, s, at))
}

// checkExposureGivenBack: a reservation that comes to nothing counts no longer,
// under whichever name it did.
func checkExposureGivenBack(t testing.TB, h Harness) {
	s := h.Open(t)
	seller, renamed := subject(1), subject(2)
	k := key("k")
	win(t, s, exposing(issuing(key("other"), "a"), 7, 0, seller))
	win(t, s, exposing(booking(k, policy.StatusReserved, "a", 0), 100, 0, seller))
	refused := exposing(replacing(deciding(k, policy.StatusRefused, "b"), 1), 100, 0, renamed)
	refused.Exposure.Former = []policy.Subject{seller}
	win(t, s, refused)
	sumsAre(t, "refused", inForce(t, s, at, seller, renamed), 7, 0)
	again := exposing(replacing(issuing(k, "c"), 2), 100, 0, renamed)
	again.Exposure.Former = []policy.Subject{seller}
	var told []int64
	again.Exposure.Hold = func(inForce []int64) error { told = slices.Clone(inForce); return nil }
	win(t, s, again)
	sumsAre(t, "told of Subjects, then of Former", told, 0, 7)
	sumsAre(t, "issued", inForce(t, s, at, seller, renamed), 7, 100)
}

// checkExposureLimit: whatever comes at once, no more is in force than the limit.
func checkExposureLimit(t testing.TB, h Harness) {
	s := h.Open(t)
	seller, product := subject(1), subject(2)
	var won, over atomic.Int64
	atOnce(t, 64, func(i int) error {
		_, first, err := s.Issue(ctx(t), exposing(issuing(key("k-%d", i), "a"), 1000, 10_999, product, seller))
		switch {
		case errors.Is(err, errLimit):
			over.Add(1)
			return nil
		case first:
			won.Add(1)
		}
		return err
	})
	if won.Load() != 10 || over.Load() != 54 {
		t.Errorf("%d of 64 were issued and %d over the limit, want 10 and 54", won.Load(), over.Load())
	}
	sumsAre(t, "at the end", inForce(t, s, at, seller, product), 10_000, 10_000)
	unburnt(t, s, 10)
}

// checkExposureCrosswise: those who name their subjects in another order wait
// for each other and not in a circle.
func checkExposureCrosswise(t testing.TB, h Harness) {
	s := h.Open(t)
	var want [4]int64
	for i := range 64 {
		want[i%4]++
		want[(i+1+i/4%3)%4]++
	}
	atOnce(t, 64, func(i int) error {
		_, _, err := s.Issue(ctx(t), exposing(issuing(key("k-%d", i), "a"), 1, 1<<40, subject(i%4), subject((i+1+i/4%3)%4)))
		return err
	})
	sumsAre(t, "at the end", inForce(t, s, at, subject(0), subject(1), subject(2), subject(3)), want[:]...)
}

// checkExposureFails: what is not written counts for nothing.
func checkExposureFails(t testing.TB, h Harness) {
	s := h.Open(t)
	seller := subject(1)
	win(t, s, exposing(issuing(key("first"), "a", stream("S1")), 5, 0, seller))
	failing := exposing(issuing(key("second"), "a"), 100, 0, seller)
	failing.Complete = func(uint64) (policy.Entry, error) { return policy.Entry{}, errLimit }
	if _, _, err := s.Issue(ctx(t), failing); !errors.Is(err, errLimit) {
		t.Errorf("an entry that cannot be made answers %v", err)
	}
	_, _, err := s.Issue(ctx(t), exposing(issuing(key("second"), "a", stream("S1")), 100, 0, seller))
	taken(t, "second", err, stream("").Path)
	if _, won, err := s.Issue(ctx(t), exposing(issuing(key("first"), "b"), 100, 0, seller)); won || err != nil {
		t.Errorf("the same key again: won %v, %v", won, err)
	}
	sumsAre(t, "at the end", inForce(t, s, at, seller), 5)
}

// checkExposureEnds: however many have expired since somebody last asked, what is
// left is right, and stays so.
func checkExposureEnds(t testing.TB, h Harness) {
	s := h.Open(t)
	seller := subject(1)
	atOnce(t, 8, func(i int) error {
		for j := range 100 {
			d := exposing(issuing(key("old-%d-%d", i, j), "a"), 10, 0, seller)
			d.Exposure.Until = at.Add(time.Duration(j) * time.Minute)
			if _, _, err := s.Issue(ctx(t), d); err != nil {
				return err
			}
		}
		return nil
	})
	now := at.Add(90 * time.Minute) // the last nine of each hundred are in force
	for i := range int64(5) {
		var told int64
		d := exposing(issuing(key("new-%d", i), "a"), 1, 0, seller)
		d.Exposure.At = now
		d.Exposure.Hold = func(inForce []int64) error { told = inForce[0]; return nil }
		win(t, s, d)
		sumsAre(t, "told", []int64{told}, 8*9*10+i)
		sumsAre(t, "asked", inForce(t, s, now, seller), 8*9*10+i+1)
	}
	sumsAre(t, "in the end", inForce(t, s, at.Add(99*time.Minute), seller), 5)
}

// checkExpose: a policy that did not count is counted in once, and nothing else.
func checkExpose(t testing.TB, h Harness) {
	s := h.Open(t)
	e, ok := s.(policy.Exposer)
	if !ok {
		t.Fatal("the store is no policy.Exposer")
	}
	seller, buyer := subject(1), subject(2)
	k := key("k")
	win(t, s, exposing(issuing(k, "a"), 100, 0, seller))
	win(t, s, deciding(key("refused"), policy.StatusRefused, "a"))
	x := policy.Exposure{Subjects: []policy.Subject{seller, buyer}, Amount: 100, Until: until, At: at}
	for i, want := range []bool{true, false} {
		added, err := e.Expose(ctx(t), k, x)
		if added != want || err != nil {
			t.Errorf("time %d: added %v, %v", i+1, added, err)
		}
	}
	for _, k := range []policy.Key{key("refused"), key("nobody")} {
		if _, err := e.Expose(ctx(t), k, x); !errors.Is(err, policy.ErrNotFound) {
			t.Errorf("%s: %v", k.Identifier, err)
		}
	}
	sumsAre(t, "at the end", inForce(t, s, at, seller, buyer), 100, 100)
	atOnce(t, 8, func(i int) error {
		k := key("more-%d", i)
		if _, _, err := s.Issue(ctx(t), exposing(issuing(k, "a"), 1, 0, seller)); err != nil {
			return err
		}
		_, err := e.Expose(ctx(t), k, policy.Exposure{Subjects: []policy.Subject{buyer, seller}, Amount: 1, Until: until, At: at})
		return err
	})
	sumsAre(t, "at once", inForce(t, s, at, seller, buyer), 108, 108)

	renamed := policy.Exposure{Subjects: []policy.Subject{subject(3), subject(4)}, Former: []policy.Subject{seller, buyer}, Amount: 100, Until: until, At: at}
	for i, want := range []bool{true, false} {
		added, err := e.Expose(ctx(t), k, renamed)
		if added != want || err != nil {
			t.Errorf("under other names, time %d: added %v, %v", i+1, added, err)
		}
	}
	sumsAre(t, "under other names", inForce(t, s, at, seller, buyer, subject(3), subject(4)), 8, 8, 100, 100)
}
