package sqlite_test

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/sqlite"
	"github.com/chudan-io/chudan/policy"
)

// BenchmarkIssue measures commits per second beside their limits, on the same
// disk and in the same run:
//
//	go test -run '^$' -bench Issue -benchtime 20000x ./adapters/sqlite
//
// Keys count upwards, as those of the platform do, or are random, which is the
// worst that can happen to an index.
func BenchmarkIssue(b *testing.B) {
	rates := rates{}
	rates.run(b, "append/sync=1", "", func(b *testing.B) { appendAndSync(b, 1) })
	rates.run(b, "append/sync=64", "", func(b *testing.B) { appendAndSync(b, 64) })
	rates.run(b, "insert/commit=1", "append/sync=1", insertAndCommit)
	for _, keys := range []string{"counting", "random"} {
		for _, callers := range []int{1, 64} {
			rates.run(b, fmt.Sprintf("issue/%s/callers=%d", keys, callers), "insert/commit=1", func(b *testing.B) {
				s := newStored(b, keys, 0)
				b.ResetTimer()
				s.issue(b, callers, b.N)
			})
		}
	}
}

// BenchmarkGrowth measures 64 callers on an empty store and on a full one, a
// slice of the work on each in turns, so that whatever else the machine does
// meets both. It tells the ratio of the medians:
//
//	CHUDAN_BENCH_ROWS=1000000 go test -run '^$' -bench Growth -benchtime 100000x -timeout 1h ./adapters/sqlite
func BenchmarkGrowth(b *testing.B) {
	rows, _ := strconv.Atoi(os.Getenv("CHUDAN_BENCH_ROWS"))
	if rows == 0 {
		b.Skip("CHUDAN_BENCH_ROWS does not say how many rows are many")
	}
	for _, keys := range []string{"counting", "random"} {
		stores := [2]*stored{newStored(b, keys, 0), newStored(b, keys, rows)}
		b.Run(keys, func(b *testing.B) { b.ReportMetric(inTurns(b, stores, 64), "of:empty") })
	}
}

// BenchmarkListings measures what the indexes that listings need take from 64
// callers, in the same way:
//
//	go test -run '^$' -bench Listings -benchtime 100000x ./adapters/sqlite
func BenchmarkListings(b *testing.B) {
	for _, keys := range []string{"counting", "random"} {
		stores := [2]*stored{newStored(b, keys, 0), newStored(b, keys, 0)}
		if err := stores[0].Exec(b.Context(), `DROP INDEX record_at; DROP INDEX record_pending`); err != nil {
			b.Fatal(err)
		}
		b.Run(keys, func(b *testing.B) { b.ReportMetric(inTurns(b, stores, 64), "of:without") })
	}
}

// inTurns gives the rate of the second store as a share of the first one's.
func inTurns(b *testing.B, stores [2]*stored, callers int) float64 {
	const rounds = 20
	var took [2][]time.Duration
	for round := range rounds {
		for turn := range stores {
			i := (turn + round) % 2 // neither is always the first
			begin := time.Now()
			stores[i].issue(b, callers, max(1, b.N/rounds))
			took[i] = append(took[i], time.Since(begin))
		}
	}
	return float64(median(took[0])) / float64(median(took[1]))
}

func median(d []time.Duration) time.Duration { return slices.Sorted(slices.Values(d))[len(d)/2] }

// rates remembers what was measured, to hold later ones against it.
type rates map[string]float64

func (r rates) run(b *testing.B, name, base string, measure func(*testing.B)) {
	b.Run(name, func(b *testing.B) {
		measure(b)
		b.StopTimer()
		r[name] = float64(b.N) / b.Elapsed().Seconds()
		b.ReportMetric(r[name], "commits/s")
		if r[base] > 0 {
			b.ReportMetric(r[name]/r[base], "of:"+base)
		}
	})
}

// payload is the size of a record as it is sealed; with the event, the audit
// event and the columns beside it makes 2.5 KB.
const payload = 1800

func appendAndSync(b *testing.B, group int) {
	f, err := os.Create(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	record := make([]byte, 2500)
	b.ResetTimer()
	for i := range b.N {
		if _, err := f.Write(record); err != nil {
			b.Fatal(err)
		}
		if (i+1)%group == 0 || i+1 == b.N {
			if err := f.Sync(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func insertAndCommit(b *testing.B) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "plain.db")+"?_journal_mode=WAL&_synchronous=FULL")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(b.Context(), `CREATE TABLE record (id INTEGER PRIMARY KEY, identifier TEXT NOT NULL UNIQUE, sealed BLOB NOT NULL)`); err != nil {
		b.Fatal(err)
	}
	insert, err := db.PrepareContext(b.Context(), `INSERT INTO record (identifier, sealed) VALUES (?, ?)`)
	if err != nil {
		b.Fatal(err)
	}
	defer insert.Close()
	record := make([]byte, 2500)
	b.ResetTimer()
	for i := range b.N {
		if _, err := insert.ExecContext(b.Context(), identifier("counting", i), record); err != nil {
			b.Fatal(err)
		}
	}
}

func identifier(keys string, i int) string {
	if keys == "random" {
		return rand.Text() + "-"
	}
	return fmt.Sprintf("010101004178221%012d", i)
}

// stored is a store that holds a number of policies.
type stored struct {
	*sqlite.Store
	keys     string
	rows     atomic.Int64
	subjects []policy.Subject // that each policy counts for
}

func newStored(b *testing.B, keys string, rows int) *stored {
	path := filepath.Join(b.TempDir(), "chudan.db")
	if rows > 0 {
		_ = open(b, sqlite.Config{Path: path}).Close()
		fill(b, path, keys, rows)
	}
	s := &stored{Store: open(b, sqlite.Config{Path: path}), keys: keys}
	s.rows.Store(int64(rows))
	return s
}

func (s *stored) issue(b *testing.B, callers, n int) {
	sealed, event := make([]byte, payload), make([]byte, 300)
	_, _ = rand.Read(sealed)
	var left atomic.Int64
	left.Store(int64(n))
	var done sync.WaitGroup
	for range callers {
		done.Go(func() {
			for left.Add(-1) >= 0 {
				i := int(s.rows.Add(1))
				k := policy.Key{Tenant: "23456789", Identifier: identifier(s.keys, i)}
				_, won, err := s.Issue(b.Context(), policy.Draft{
					Key:      k,
					Numbered: true,
					Exposure: s.exposure(i),
					Unique: []policy.BusinessKey{
						{Path: "insureId", Value: identifier(s.keys, i)},
						{Path: "attrs.premiumFundStreamNo", Value: identifier(s.keys, i)},
					},
					Complete: func(seq uint64) (policy.Entry, error) {
						r := policy.Record{
							Key: k, Status: policy.StatusIssued, Number: fmt.Sprintf("PSB20210804%012d", seq), Product: "PERFORMANCE_SURETY_BONDS",
							Edition: "2021-08", Digest: "9f86d081884c7d659a2feaa0c55ad015", Fingerprint: sealed[:34], Sealed: sealed,
							At: time.UnixMicro(int64(i) * 1000),
						}
						return policy.Entry{Record: r, Event: event, Audit: event}, nil
					},
				})
				if err != nil || !won {
					b.Errorf("won %v, %v", won, err)
					return
				}
			}
		})
	}
	done.Wait()
}

// exposure is a limit's, that is never reached; nil where nothing is counted.
func (s *stored) exposure(i int) *policy.Exposure {
	if len(s.subjects) == 0 {
		return nil
	}
	return &policy.Exposure{
		Subjects: s.subjects, Amount: 100_000, At: noon, Until: later.Add(time.Duration(i%1000) * time.Hour),
		Hold: func(inForce []int64) error {
			if inForce[0] > math.MaxInt64/2 {
				return errors.New("over the limit")
			}
			return nil
		},
	}
}

// BenchmarkFind is what a repeated request costs the store.
func BenchmarkFind(b *testing.B) {
	s := newStored(b, "counting", 10_000)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for i := 1; pb.Next(); i++ {
			if _, err := s.Find(b.Context(), policy.Key{Tenant: "23456789", Identifier: identifier("counting", i%10_000+1)}); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkEnter is what the journal of everything that came costs:
//
//	go test -run '^$' -bench Enter -benchtime 20000x ./adapters/sqlite
func BenchmarkEnter(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			s := open(b, sqlite.Config{Path: filepath.Join(b.TempDir(), "chudan.db")})
			sealed := make([]byte, payload)
			_, _ = rand.Read(sealed)
			var left atomic.Int64
			left.Store(int64(b.N))
			var done sync.WaitGroup
			b.ResetTimer()
			for range callers {
				done.Go(func() {
					for i := left.Add(-1); i >= 0; i = left.Add(-1) {
						v := policy.Visit{
							At: time.UnixMicro(int64(b.N) - i), Key: policy.Key{Tenant: "23456789", Identifier: identifier("counting", b.N-int(i))},
							Reference: rand.Text(), Code: "isv.missing-parameter:attrs.agreeOnSendTime", Product: "PERFORMANCE_SURETY_BONDS", Sealed: sealed,
						}
						if err := s.Enter(b.Context(), v); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			done.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "visits/s")
		})
	}
}

// fill writes the rows that so many policies would have left, but for the
// chain, 50,000 at a time and without waiting for the disk.
func fill(b *testing.B, path, keys string, rows int) {
	db := raw(b, path)
	defer db.Close()
	db.SetMaxOpenConns(1)
	id := `printf('010101004178221%012d', i)`
	if keys == "random" {
		id = `hex(randomblob(13))`
	}
	const step = 50_000
	for from := 1; from <= rows; from += step {
		series := fmt.Sprintf(`WITH RECURSIVE series(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM series WHERE i < %d) `, from, min(from+step-1, rows))
		for _, statement := range []string{
			`PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 100000; PRAGMA cache_size = -200000; BEGIN IMMEDIATE`,
			series + `INSERT INTO record SELECT i, ` + id + `, '23456789', 1, 'issued', printf('PSB20210804%012d', i), 'PERFORMANCE_SURETY_BONDS', '2021-08',
				'9f86d081884c7d659a2feaa0c55ad015', zeroblob(34), i, randomblob(` + strconv.Itoa(payload) + `), NULL FROM series`,
			series + `INSERT INTO claim SELECT ` + id + `, 'insureId', '23456789', i FROM series`,
			series + `INSERT INTO claim SELECT ` + id + `, 'attrs.premiumFundStreamNo', '23456789', i FROM series`,
			series + `INSERT INTO journal SELECT i, randomblob(300), randomblob(300), randomblob(32), i FROM series`,
			`COMMIT`,
		} {
			if _, err := db.ExecContext(b.Context(), statement); err != nil {
				b.Fatal(err)
			}
		}
	}
	// Now all of it is to reach the disk, or the measurement would wait for it.
	if _, err := db.ExecContext(b.Context(), `PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		b.Fatal(err)
	}
}
