package postgres_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chudan-io/chudan/adapters/postgres"
	"github.com/chudan-io/chudan/internal/pgtest"
	"github.com/chudan-io/chudan/policy"
)

var (
	decided  = time.Date(2021, 8, 4, 15, 23, 28, 0, time.UTC)
	errLimit = errors.New("over the limit")
)

func subject(n byte) policy.Subject { return policy.Subject{0: n, 15: 1} }

// exposing has a draft count an amount, unless that makes more than a limit.
func exposing(d policy.Draft, amount, limit int64, subjects ...policy.Subject) policy.Draft {
	d.Exposure = &policy.Exposure{
		Subjects: subjects, Amount: amount, At: decided, Until: decided.AddDate(0, 1, 0),
		Hold: func(inForce []int64) error {
			if inForce[0]+amount > limit {
				return errLimit
			}
			return nil
		},
	}
	return d
}

// sumsFollow holds the sums that are kept against the rows that they are of.
func sumsFollow(t testing.TB, dsn string) {
	t.Helper()
	if n := scalar(t, dsn, `SELECT count(*)::int FROM chudan_exposure_sum s WHERE amount <>
		(SELECT coalesce(sum(amount), 0) FROM chudan_exposure e WHERE e.subject = s.subject AND until > settled)`); n > 0 {
		t.Errorf("%d sums are not those of their rows", n)
	}
}

// TestExposureOfNodes: two nodes and a host, 64 at once, one limit.
func TestExposureOfNodes(t *testing.T) {
	dsn := shared.Database(t)
	nodes := []*postgres.Store{open(t, postgres.Config{DSN: dsn}), open(t, postgres.Config{DSN: dsn})}
	var issued, over atomic.Int64
	var done sync.WaitGroup
	for i := range 64 {
		d := exposing(issuing(key("k-%d", i), "a"), 1000, 10_500, subject(1), subject(byte(2+i%3)))
		if i%2 == 1 {
			d.Exposure.Subjects[0], d.Exposure.Subjects[1] = subject(byte(2+i%3)), subject(1)
			d.Exposure.Hold = func(inForce []int64) error {
				if inForce[1]+1000 > 10_500 {
					return errLimit
				}
				return nil
			}
		}
		done.Go(func() {
			var err error
			if i%8 == 0 {
				err = issueHosted(t, nodes[0], dsn, d)
			} else {
				_, _, err = nodes[i%2].Issue(t.Context(), d)
			}
			switch {
			case err == nil:
				issued.Add(1)
			case errors.Is(err, errLimit):
				over.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	done.Wait()
	if issued.Load() != 10 || over.Load() != 54 {
		t.Errorf("%d issued and %d over the limit, want 10 and 54", issued.Load(), over.Load())
	}
	sums, err := nodes[1].InForce(t.Context(), decided, []policy.Subject{subject(1)})
	if err != nil || sums[0] != 10_000 {
		t.Errorf("%d in force (%v)", sums, err)
	}
	sumsFollow(t, dsn)
}

// issueHosted issues in a transaction of its own.
func issueHosted(t testing.TB, s *postgres.Store, dsn string, d policy.Draft) error {
	t.Helper()
	conn := pgtest.Connect(t, dsn)
	defer conn.Close(t.Context())
	return pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
		_, _, err := s.Within(tx).Issue(t.Context(), d)
		return err
	})
}

// TestExposureAnyhow: whatever is reserved, given back and issued by several at
// once, at times that differ, the sums are those of the rows, and of what holds.
func TestExposureAnyhow(t *testing.T) {
	dsn := shared.Database(t)
	nodes := []*postgres.Store{open(t, postgres.Config{DSN: dsn}), open(t, postgres.Config{DSN: dsn})}
	var done sync.WaitGroup
	for c := range 16 {
		done.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(c)))
			for i := range 12 {
				k, revision := key("k-%d-%d", c, i), int64(0)
				for _, status := range []policy.Status{policy.StatusReserved, policy.StatusRefused, policy.StatusReserved} {
					if random.IntN(3) == 0 && revision > 0 {
						break
					}
					d := exposing(issuing(k, fmt.Sprint(revision)), int64(i), 1<<40, subject(byte(c%3)), subject(byte(3+i%3)))
					d.Numbered, d.Replaces = false, revision
					d.Exposure.At = decided.Add(time.Duration(random.IntN(90)) * time.Second)
					d.Exposure.Until = decided.Add(time.Duration(i*10) * time.Second)
					d.Complete = func(uint64) (policy.Entry, error) { return entry(k, status, "", "x"), nil }
					r, won, err := nodes[random.IntN(2)].Issue(t.Context(), d)
					if err != nil || !won {
						t.Errorf("%s: won %v, %v", k.Identifier, won, err)
						return
					}
					revision = r.Revision
				}
			}
		})
	}
	done.Wait()
	sumsFollow(t, dsn)
	// Nothing is trimmed: all ended within minutes of their decision.
	if n := scalar(t, dsn, `SELECT count(*)::int FROM chudan_exposure e FULL JOIN (SELECT k.id, s.n FROM chudan_key k CROSS JOIN (VALUES (1), (2)) s (n)
		CROSS JOIN LATERAL (SELECT status FROM chudan_record WHERE key = k.id ORDER BY revision DESC LIMIT 1) r WHERE r.status = 'reserved') h
		ON h.id = e.key AND h.n = CASE WHEN get_byte(e.subject, 0) < 3 THEN 1 ELSE 2 END WHERE e.key IS NULL OR h.id IS NULL`); n > 0 {
		t.Errorf("%d rows count for nothing that holds, or are lacking", n)
	}
}

// TestExposureTrimmed: what ended long before goes by and by, and is in force no
// more for that.
func TestExposureTrimmed(t *testing.T) {
	dsn := shared.Database(t)
	s := open(t, postgres.Config{DSN: dsn})
	exec(t, pgtest.Connect(t, dsn), fmt.Sprintf(`INSERT INTO chudan_exposure SELECT '\x%x', %d + n, n, 5 FROM generate_series(1, 600) n;
		INSERT INTO chudan_exposure_sum VALUES ('\x%x', 3000, 0)`, subject(1), decided.UnixMicro(), subject(1)))
	for i, left := range []int{600 - 256 + 1, 600 - 512 + 2, 3} {
		d := exposing(issuing(key("k-%d", i), "a"), 1, 1<<40, subject(1))
		d.Exposure.At = decided.Add(time.Hour)
		if _, _, err := s.Issue(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if n := scalar(t, dsn, `SELECT count(*)::int FROM chudan_exposure`); n != left {
			t.Errorf("%d rows after draft %d, want %d", n, i+1, left)
		}
		sums, err := s.InForce(t.Context(), decided.Add(time.Hour), []policy.Subject{subject(1)})
		if err != nil || sums[0] != int64(i)+1 {
			t.Errorf("%d in force (%v)", sums, err)
		}
	}
	sumsFollow(t, dsn)
}

// TestExposureReadsRanges: however many are in force, nobody reads them.
func TestExposureReadsRanges(t *testing.T) {
	dsn := shared.Database(t)
	s := open(t, postgres.Config{DSN: dsn})
	exec(t, pgtest.Connect(t, dsn), fmt.Sprintf(`INSERT INTO chudan_exposure SELECT '\x%x', %d + n, n, 5 FROM generate_series(1, 20000) n;
		INSERT INTO chudan_exposure_sum VALUES ('\x%x', 100000, %d); ANALYZE`, subject(1), decided.UnixMicro(), subject(1), decided.UnixMicro()))
	name := fmt.Sprintf(`ARRAY['\x%x'::bytea]`, subject(1))
	rows := regexp.MustCompile(`rows=(\d+)`)
	for query, args := range map[string]string{
		"sums":  fmt.Sprintf("%s, %d", name, decided.UnixMicro()+3),
		"ended": fmt.Sprintf("%s, %d, 256", name, decided.UnixMicro()+3),
	} {
		plan, err := s.Explain(t.Context(), query, args)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range rows.FindAllStringSubmatch(plan, -1) {
			if len(m[1]) > 1 {
				t.Errorf("%s reads %s rows:\n%s", query, m[1], plan)
			}
		}
		if strings.Contains(plan, "Seq Scan on chudan") {
			t.Errorf("%s reads a table:\n%s", query, plan)
		}
	}
}

// TestExposureTooMuch: a sum that cannot be kept fails its draft alone.
func TestExposureTooMuch(t *testing.T) {
	s := open(t, postgres.Config{DSN: shared.Database(t)})
	for i, c := range []struct {
		amount int64
		fails  bool
	}{{1 << 62, false}, {1 << 62, true}, {-1, true}, {1, false}} {
		_, won, err := s.Issue(t.Context(), exposing(issuing(key("k-%d", i), "a"), c.amount, 1<<63-1, subject(1)))
		if won == c.fails || (err != nil) != c.fails || errors.Is(err, policy.ErrUnavailable) {
			t.Errorf("amount %d: won %v, %v", i, won, err)
		}
	}
}
