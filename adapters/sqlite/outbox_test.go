package sqlite_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/sqlite"
	"github.com/chudan-io/chudan/policy"
)

// TestRelayKilled: what a process had published and not marked when it was
// killed is free again when its lease ends, and not before.
func TestRelayKilled(t *testing.T) {
	now := time.Date(2021, 8, 4, 12, 0, 0, 0, time.UTC)
	c := sqlite.Config{Path: filepath.Join(t.TempDir(), "chudan.db"), Lease: time.Minute, Clock: func() time.Time { return now }}
	one, two := open(t, c), open(t, c)
	for _, id := range []string{"1", "2", "3"} {
		issueOne(t, one, id)
	}
	var first []string
	n, err := one.Relay(t.Context(), 2, func(_ context.Context, events [][]byte) error {
		first = texts(events)
		return one.Close() // from here on it neither marks nor gives back
	})
	if n != 0 || !errors.Is(err, policy.ErrUnavailable) {
		t.Fatalf("Relay gives %d, %v", n, err)
	}
	now = now.Add(time.Minute - time.Microsecond)
	if got := relay(t, two, 2); len(got) != 1 || slices.Contains(first, got[0]) {
		t.Errorf("before the lease ended the other process published %q", got)
	}
	now = now.Add(time.Microsecond)
	if got := relay(t, two, 10); !slices.Equal(got, first) {
		t.Errorf("after the lease ended: %q, want %q", got, first)
	}
	if got := relay(t, two, 10); got != nil {
		t.Errorf("published once more: %q", got)
	}
}

// TestRelayLate: one that publishes past its lease shares its events with
// another process, and neither takes the other's mark away.
func TestRelayLate(t *testing.T) {
	for name, outcome := range map[string]error{"and succeeds": nil, "and fails": errors.New("refused")} {
		t.Run(name, func(t *testing.T) {
			now := time.Date(2021, 8, 4, 12, 0, 0, 0, time.UTC)
			c := sqlite.Config{Path: filepath.Join(t.TempDir(), "chudan.db"), Clock: func() time.Time { return now }}
			one, two := open(t, c), open(t, c)
			for _, id := range []string{"1", "2", "3"} {
				issueOne(t, one, id)
			}
			_, err := one.Relay(t.Context(), 2, func(_ context.Context, mine [][]byte) error {
				now = now.Add(time.Hour)
				n, err := two.Relay(t.Context(), 3, func(_ context.Context, theirs [][]byte) error {
					if got, want := texts(theirs), texts(mine); !slices.Equal(got[:2], want) {
						t.Errorf("the other process got %q, want %q first", got, want)
					}
					return nil
				})
				if n != 3 || err != nil {
					t.Errorf("the other process: %d, %v", n, err)
				}
				return outcome
			})
			if !errors.Is(err, outcome) {
				t.Errorf("Relay: %v", err)
			}
			if got := relay(t, two, 10); got != nil {
				t.Errorf("published once more: %q", got)
			}
			if left := read(t, c.Path, `SELECT CAST(event AS TEXT) FROM relaying`, scanText); len(left) != 0 {
				t.Errorf("nothing is in flight, and relaying holds %q", left)
			}
		})
	}
}

// TestRelayIdle: a relay that finds nothing to do writes nothing.
func TestRelayIdle(t *testing.T) {
	s := open(t, sqlite.Config{Path: filepath.Join(t.TempDir(), "chudan.db")})
	commits := 0
	s.OnCommit(func(commit func() error) error { commits++; return commit() })
	issueOne(t, s, "1")
	relay(t, s, 10)
	before := commits
	for range 10 {
		relay(t, s, 10)
	}
	if commits != before || before != 3 {
		t.Errorf("a policy and its event took %d commits, ten looks at nothing %d", before, commits-before)
	}
}

func relay(t testing.TB, s *sqlite.Store, limit int) (published []string) {
	t.Helper()
	if _, err := s.Relay(t.Context(), limit, func(_ context.Context, events [][]byte) error {
		published = texts(events)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return published
}

func texts(events [][]byte) (all []string) {
	for _, e := range events {
		all = append(all, string(e))
	}
	return all
}
