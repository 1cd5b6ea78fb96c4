package storm_test

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestCrash: the database itself is crashed and comes back, again and again,
// under load from all nodes. (Trust, test 2.)
func TestCrash(t *testing.T) {
	identifiers, crashes := size(150, 5000), size(2, 20)
	everywhere(t, func(t *testing.T, a arena) {
		s := a.new(t)
		if s.crash == nil {
			return // it is a part of the nodes, and TestDuplicates crashes those
		}
		began := time.Now()
		f := newFleet(t, s.dsn, a.nodes)
		random := rand.New(rand.NewPCG(1, 2))
		f.give(flood(identifiers))
		step := identifiers * copies / (crashes + 1)
		for i := range crashes {
			f.await(i*step + 1 + random.IntN(step))
			s.crash()
		}
		f.await(identifiers * copies)
		v := f.examine(t)
		t.Logf("%d × %d, %d crashes of the database, sent again after trouble %d: %s, in %v",
			identifiers, copies, crashes, f.troubles(), v, time.Since(began).Round(time.Second))
		if !v.sound() || v.identifiers != identifiers || v.acknowledged != identifiers*copies {
			t.Error(v)
		}
	})
}

// TestCommitsUnanswered: the database commits, and its answer never arrives: the
// connection is cut instead. Every caller ends with one number. (Trust, test 3.
// MySQL's wire is cut in the tests of its own package.)
func TestCommitsUnanswered(t *testing.T) {
	const wave = 100
	cuts := size(25, 1000)
	everywhere(t, func(t *testing.T, a arena) {
		s := a.new(t)
		if s.lossy == nil {
			return
		}
		began := time.Now()
		f := newFleet(t, s.dsn, 0)
		through, proxy := s.lossy()
		f.dsn = through
		f.join(a.nodes)
		proxy.CutReplies(committed, func(n int) bool { return n%3 == 0 && proxy.Cuts() < cuts })
		identifiers := 0
		for ; proxy.Cuts() < cuts; identifiers += wave {
			f.give(floodFrom(identifiers, wave))
			f.await((identifiers + wave) * copies)
		}
		f.dsn = s.dsn
		v := f.examine(t)
		t.Logf("%d answers to COMMIT cut off, %d × %d, sent again after trouble %d: %s, in %v",
			proxy.Cuts(), identifiers, copies, f.troubles(), v, time.Since(began).Round(time.Second))
		if !v.sound() || v.identifiers != identifiers || v.acknowledged != identifiers*copies {
			t.Error(v)
		}
	})
}
