package policy_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// shelf is an archive that a test can look at and disturb.
type shelf struct {
	kept    map[string]policy.ArchivedEdition // by product and edition
	asked   int
	trouble error

	entered, release chan struct{} // where they are set, KeepEdition says that it is there, and waits
}

func (s *shelf) KeepEdition(_ context.Context, e policy.ArchivedEdition) error {
	s.asked++
	if s.entered != nil {
		close(s.entered)
		<-s.release
	}
	old, there := s.kept[e.Product+" "+e.Edition]
	switch {
	case s.trouble != nil:
		return s.trouble
	case there && old.Digest != e.Digest:
		return &policy.EditionChangedError{Product: e.Product, Edition: e.Edition, Kept: old.Digest, Digest: e.Digest}
	case !there:
		if s.kept == nil {
			s.kept = make(map[string]policy.ArchivedEdition)
		}
		s.kept[e.Product+" "+e.Edition] = e
	}
	return nil
}

func (s *shelf) KeptEdition(context.Context, string) (policy.ArchivedEdition, error) {
	return policy.ArchivedEdition{}, policy.ErrNotFound
}

func (s *shelf) KeptEditions(context.Context) (all []policy.ArchivedEdition, err error) {
	for _, e := range s.kept {
		all = append(all, e)
	}
	return all, s.trouble
}

func archiving(s *shelf) func(*policy.Config) {
	return func(c *policy.Config) { c.Archive = s }
}

// TestArchive: no decision is kept without its edition, and an edition is
// brought once.
func TestArchive(t *testing.T) {
	l, s := newLedger(), &shelf{}
	l.before = func(policy.Draft) error {
		if len(s.kept) != 1 {
			t.Error("the decision comes before its edition")
		}
		return nil
	}
	i := issuerOf(t, l, archiving(s))
	for n := range 3 {
		r := sample(t)
		r.Identifier, r.InsureID = fmt.Sprint(n), fmt.Sprint(n)
		r.Attrs.PremiumFundStreamNo = fmt.Sprint(n)
		issue(t, i, r)
	}
	want := policy.ArchivedEdition{Product: "PERFORMANCE_SURETY_BONDS", Edition: "2021.2", Digest: "go", At: noon.Truncate(time.Microsecond)}
	if got := s.kept["PERFORMANCE_SURETY_BONDS 2021.2"]; got.Digest != want.Digest || !got.At.Equal(want.At) || s.asked != 1 {
		t.Errorf("kept %+v after %d calls, want %+v after 1", got, s.asked, want)
	}
}

// TestArchiveAtOnce: 64 callers who are the first bring the edition once; one
// whose time ends while another brings it is told so.
func TestArchiveAtOnce(t *testing.T) {
	s := &shelf{entered: make(chan struct{}), release: make(chan struct{})}
	i := issuerOf(t, newLedger(), archiving(s))
	var all sync.WaitGroup
	call := func(ctx context.Context, n int) error {
		r := sample(t)
		r.Identifier, r.InsureID, r.Attrs.PremiumFundStreamNo = fmt.Sprint(n), fmt.Sprint(n), fmt.Sprint(n)
		_, err := i.Issue(ctx, acme, r)
		return err
	}
	for n := range 64 {
		all.Go(func() {
			if err := call(context.Background(), n); err != nil {
				t.Error(err)
			}
		})
	}
	<-s.entered
	ended, end := context.WithCancel(context.Background())
	all.Go(func() {
		if err := call(ended, 64); !errors.Is(err, context.Canceled) {
			t.Errorf("whose time ended: %v", err)
		}
	})
	end()
	close(s.release)
	all.Wait()
	if s.asked != 1 {
		t.Errorf("the archive was asked %d times", s.asked)
	}
}

// TestArchiveChanged: under an edition that has changed since it was used
// nothing is issued, and the answer is trouble of ours, not a refusal.
func TestArchiveChanged(t *testing.T) {
	l, s := newLedger(), &shelf{}
	issue(t, issuerOf(t, l, archiving(s)), sample(t))
	s.kept["PERFORMANCE_SURETY_BONDS 2021.2"] = policy.ArchivedEdition{Product: "PERFORMANCE_SURETY_BONDS", Edition: "2021.2", Digest: "before"}
	i := issuerOf(t, l, archiving(s))
	var changed *policy.EditionChangedError
	_, err := i.Issue(context.Background(), acme, with(t, "identifier", "another"))
	if !errors.As(err, &changed) || changed.Kept != "before" || changed.Digest != "go" || policy.TroubleKind(err) != policy.KindInternal {
		t.Errorf("got %v, want an EditionChangedError", err)
	}
	// What was decided is answered all the same.
	if issue(t, i, sample(t)); l.writes != 1 {
		t.Errorf("%d writes", l.writes)
	}
}

func TestArchiveTrouble(t *testing.T) {
	l, s := newLedger(), &shelf{trouble: policy.ErrUnavailable}
	i := issuerOf(t, l, archiving(s))
	if _, err := i.Issue(context.Background(), acme, sample(t)); !errors.Is(err, policy.ErrUnavailable) || l.writes > 0 {
		t.Errorf("got %v and %d writes, want ErrUnavailable and none", err, l.writes)
	}
	s.trouble = nil
	issue(t, i, sample(t))
	if l.writes != 1 || len(s.kept) != 1 {
		t.Errorf("once it is back: %d writes, %d editions", l.writes, len(s.kept))
	}
	if s.asked != 2 {
		t.Errorf("the archive was asked %d times", s.asked)
	}
}

// TestArchiveLeavesWhatIsNotKept: a refusal that leaves no record uses no
// edition.
func TestArchiveLeavesWhatIsNotKept(t *testing.T) {
	s := &shelf{}
	i := issuerOf(t, newLedger(), archiving(s))
	refused(t, i, with(t, "premium", "6.37"), "isv.parameters-mismatch:premium")
	if s.asked != 0 {
		t.Errorf("the archive was asked %d times", s.asked)
	}
}

func TestCheckEditions(t *testing.T) {
	edition := func(name, digest string) policy.Terms {
		return policy.Terms{Product: "P", Edition: name, Digest: digest}
	}
	s := &shelf{kept: map[string]policy.ArchivedEdition{
		"P 1": {Product: "P", Edition: "1", Digest: "d1"},
		"P 2": {Product: "P", Edition: "2", Digest: "d2"},
	}}
	if err := policy.CheckEditions(t.Context(), s, edition("1", "d1"), edition("3", "x")); err != nil {
		t.Errorf("as they were, one new and one gone: %v", err)
	}
	err := policy.CheckEditions(t.Context(), s, edition("1", "e1"), edition("2", "e2"), edition("3", "x"))
	joined, ok := err.(interface{ Unwrap() []error }) // the shape is what is promised
	if !ok || len(joined.Unwrap()) != 2 {
		t.Errorf("two have changed: %v", err)
	}
	s.trouble = policy.ErrUnavailable
	if err := policy.CheckEditions(t.Context(), s); !errors.Is(err, policy.ErrUnavailable) {
		t.Errorf("trouble: %v", err)
	}
}
