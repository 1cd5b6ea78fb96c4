package postgres_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/postgres"
	"github.com/chudan-io/chudan/internal/pgtest"
	"github.com/chudan-io/chudan/policy"
)

func visitsError(t testing.TB, s *postgres.Store) error {
	for _, err := range s.Visits(t.Context(), policy.VisitSelection{}) {
		if err != nil {
			return err
		}
	}
	return nil
}

// TestVisitPlans: a reference, an identifier and a time are each found without
// reading the rest.
func TestVisitPlans(t *testing.T) {
	dsn := shared.Database(t)
	s := open(t, postgres.Config{DSN: dsn})
	exec(t, pgtest.Connect(t, dsn), `INSERT INTO chudan_visit (at, identifier, tenant, reference, code, product, edition, digest, replayed, sealed)
		SELECT '2021-08-04 00:00+00'::timestamptz + i * interval '1 min', 'k-' || i % 5000, 'app-1', 'R' || i, 'SUCCESS', 'P', '1', 'd', false, 's'
		FROM generate_series(1, 20000) i; ANALYZE`)
	for query, c := range map[string]struct{ args, index, rows string }{
		"visits":            {`'2021-08-08 00:00+00', 0, '2021-08-08 01:00+00', 256`, "chudan_visit_at", "rows=60"},
		"visits/reference":  {`NULL, 0, NULL, 256, 'R777'`, "chudan_visit_reference", "rows=1"},
		"visits/identifier": {`NULL, 0, NULL, 256, 'k-777'`, "chudan_visit_identifier", "rows=4"},
		"visits/forget":     {`'2021-08-08 00:00+00', 100`, "chudan_visit_at", "rows=100"},
	} {
		plan, err := s.Explain(t.Context(), query, c.args)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		if !strings.Contains(plan, c.index) || !strings.Contains(plan, c.rows) || strings.Contains(plan, "Seq Scan") || strings.Contains(plan, "Removed by Filter") {
			t.Errorf("%s: want %s and %s alone:\n%s", query, c.index, c.rows, plan)
		}
	}
}

// TestEnterBeside: what the database does not take fails its own caller alone,
// among many at once.
func TestEnterBeside(t *testing.T) {
	const callers, each = 8, 20
	s := open(t, postgres.Config{DSN: shared.Database(t)})
	long := incompressible(1 << 14) // longer than an index takes
	var done sync.WaitGroup
	for c := range callers {
		done.Go(func() {
			for i := range each {
				v := policy.Visit{At: at.Add(time.Duration(c*each+i) * time.Second), Key: key("k-%d-%d", c, i), Reference: fmt.Sprint(c, "-", i)}
				if c == 0 {
					v.Reference = long
				}
				err := s.Enter(t.Context(), v)
				if c != 0 && err != nil || c == 0 && (err == nil || errors.Is(err, policy.ErrUnavailable)) {
					t.Errorf("caller %d: %v", c, err)
				}
			}
		})
	}
	done.Wait()
	n := 0
	for _, err := range s.Visits(t.Context(), policy.VisitSelection{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != (callers-1)*each {
		t.Errorf("%d visits, want %d", n, (callers-1)*each)
	}
	if err := s.Enter(t.Context(), policy.Visit{Reference: "a\x00"}); err == nil {
		t.Error("a zero byte was entered")
	}
}

// TestEnterUnanswered: where the answer is lost, nobody is told that nothing
// was entered.
func TestEnterUnanswered(t *testing.T) {
	dsn := shared.Database(t)
	proxy, through := proxied(t, dsn)
	s := open(t, postgres.Config{DSN: through})
	if err := s.Enter(t.Context(), policy.Visit{At: at, Key: key("before")}); err != nil {
		t.Fatal(err)
	}
	proxy.CutReplies([]byte("INSERT 0 1\x00"), func(int) bool { return true })
	if err := s.Enter(t.Context(), policy.Visit{At: at, Key: key("k")}); !errors.Is(err, policy.ErrResultUnknown) {
		t.Errorf("got %v, want ErrResultUnknown", err)
	}
	if n := scalar(t, dsn, `SELECT count(*) FROM chudan_visit WHERE identifier = 'k'`); n == 0 {
		t.Error("it was not entered: the proxy cuts too early")
	}
}
