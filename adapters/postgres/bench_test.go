package postgres_test

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chudan-io/chudan/adapters/postgres"
	"github.com/chudan-io/chudan/internal/pgtest"
	"github.com/chudan-io/chudan/policy"
)

// BenchmarkIssue measures policies per second beside their limits, on the same
// server and in the same run:
//
//	go test -run '^$' -bench Issue -benchtime 20000x ./adapters/postgres
//
// The limits are one row of the same size with one unique key for each policy:
// committed one by one over 64 connections, and 64 at a time over one.
func BenchmarkIssue(b *testing.B) {
	rates := map[string]float64{}
	run := func(name, base string, measure func(*testing.B)) {
		b.Run(name, func(b *testing.B) {
			measure(b)
			b.StopTimer()
			rates[name] = float64(b.N) / b.Elapsed().Seconds()
			b.ReportMetric(rates[name], "commits/s")
			if rates[base] > 0 {
				b.ReportMetric(rates[name]/rates[base], "of:"+base)
			}
		})
	}
	run("insert/connections=1", "", func(b *testing.B) { insertOneByOne(b, 1) })
	run("insert/connections=64", "", func(b *testing.B) { insertOneByOne(b, 64) })
	run("insert/group=64", "", func(b *testing.B) { insertGroups(b, 64) })
	for _, c := range []struct {
		name, base     string
		nodes, callers int
		keys           string
	}{
		{"issue/counting/callers=1", "insert/connections=1", 1, 1, "counting"},
		{"issue/counting/callers=64", "insert/connections=64", 1, 64, "counting"},
		{"issue/random/callers=64", "insert/connections=64", 1, 64, "random"},
		{"issue/two-nodes/callers=64", "issue/counting/callers=64", 2, 64, "counting"},
	} {
		run(c.name, c.base, func(b *testing.B) {
			s := newStored(b, c.keys, c.nodes, 0)
			b.ResetTimer()
			s.issue(b, c.callers, b.N)
		})
	}
}

// BenchmarkGrowth measures 64 callers on an empty store and on a full one, a
// slice of the work on each in turns, so that whatever else the machine does
// meets both. It tells the ratio of the medians:
//
//	CHUDAN_BENCH_ROWS=1000000 go test -run '^$' -bench Growth -benchtime 100000x -timeout 1h ./adapters/postgres
func BenchmarkGrowth(b *testing.B) {
	rows, _ := strconv.Atoi(os.Getenv("CHUDAN_BENCH_ROWS"))
	if rows == 0 {
		b.Skip("CHUDAN_BENCH_ROWS does not say how many rows are many")
	}
	for _, keys := range []string{"counting", "random"} {
		stores := [2]*stored{newStored(b, keys, 1, 0), newStored(b, keys, 1, rows)}
		inTurns(b, keys, stores[0], stores[1], "of:empty")
	}
}

// BenchmarkNodes measures two nodes beside one, in turns.
func BenchmarkNodes(b *testing.B) {
	inTurns(b, "two", newStored(b, "counting", 1, 0), newStored(b, "counting", 2, 0), "of:one")
}

// BenchmarkFound measures what finding records by time and by what is pending
// costs those that are issued at once: beside a database that has neither, in
// turns.
func BenchmarkFound(b *testing.B) {
	without := newStored(b, "counting", 1, 0)
	exec(b, pgtest.Connect(b, without.dsn), `DROP INDEX chudan_record_at; DROP TRIGGER chudan_pends ON chudan_record`)
	inTurns(b, "both", without, newStored(b, "counting", 1, 0), "of:without")
}

// BenchmarkExposure measures what it takes from 64 callers that their policies
// count for somebody, beside policies that count for nobody, in turns: for one of
// a thousand sellers, or all for one, which has one transaction at a time; and for
// one that has 100,000 in force already, beside one that has none:
//
//	go test -run '^$' -bench Exposure -benchtime 10000x ./adapters/postgres
func BenchmarkExposure(b *testing.B) {
	counting := func(sellers, rows int) *stored {
		s := newStored(b, "counting", 1, 0)
		s.sellers = sellers
		if rows > 0 {
			until := at.AddDate(0, 1, 0).UnixMicro()
			exec(b, pgtest.Connect(b, s.dsn), fmt.Sprintf(`INSERT INTO chudan_exposure SELECT '\x%x', %d, -n, 100 FROM generate_series(1, %d) n;
				INSERT INTO chudan_exposure_sum VALUES ('\x%x', 100 * %d, 0); ANALYZE`, policy.Subject{}, until, rows, policy.Subject{}, rows))
		}
		return s
	}
	inTurns(b, "thousand", counting(0, 0), counting(1000, 0), "of:none")
	inTurns(b, "one", counting(0, 0), counting(1, 0), "of:none")
	inTurns(b, "growth", counting(1, 0), counting(1, 100_000), "of:empty")
}

func inTurns(b *testing.B, name string, base, other *stored, unit string) {
	b.Run(name, func(b *testing.B) {
		const rounds = 20
		var took [2][]time.Duration
		for range rounds {
			for i, s := range []*stored{base, other} {
				begin := time.Now()
				s.issue(b, 64, max(1, b.N/rounds))
				took[i] = append(took[i], time.Since(begin))
			}
		}
		b.ReportMetric(float64(median(took[0]))/float64(median(took[1])), unit)
	})
}

func median(d []time.Duration) time.Duration { return slices.Sorted(slices.Values(d))[len(d)/2] }

// payload is the size of a record as it is sealed; with the event, the audit
// event and the columns beside it makes 2.5 KB.
const payload = 1800

func insertOneByOne(b *testing.B, connections int) {
	dsn := shared.Database(b)
	exec(b, pgtest.Connect(b, dsn), `CREATE TABLE plain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, identifier text NOT NULL UNIQUE, sealed bytea NOT NULL)`)
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		b.Fatal(err)
	}
	config.MaxConns = int32(connections)
	pool, err := pgxpool.NewWithConfig(b.Context(), config)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	record := make([]byte, 2500)
	_, _ = rand.Read(record)
	var next atomic.Int64
	b.ResetTimer()
	var done sync.WaitGroup
	for range connections {
		done.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				if _, err := pool.Exec(b.Context(), `INSERT INTO plain (identifier, sealed) VALUES ($1, $2)`, identifier("counting", int(i)), record); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	done.Wait()
}

func insertGroups(b *testing.B, group int) {
	conn := pgtest.Connect(b, shared.Database(b))
	exec(b, conn, `CREATE TABLE plain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, identifier text NOT NULL UNIQUE, sealed bytea NOT NULL)`)
	record := make([]byte, 2500)
	_, _ = rand.Read(record)
	b.ResetTimer()
	for from := 0; from < b.N; from += group {
		var identifiers []string
		var records [][]byte
		for i := from; i < min(from+group, b.N); i++ {
			identifiers, records = append(identifiers, identifier("counting", i)), append(records, record)
		}
		_, err := conn.Exec(b.Context(), `INSERT INTO plain (identifier, sealed) SELECT * FROM unnest($1::text[], $2::bytea[])`, identifiers, records)
		if err != nil {
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

// stored is a database that holds a number of policies, and the nodes on it.
type stored struct {
	dsn   string
	nodes []*postgres.Store
	keys  string
	rows  atomic.Int64

	sellers int // that policies count for in turn; 0: for nobody
}

func (s *stored) exposure(i int) *policy.Exposure {
	if s.sellers == 0 {
		return nil
	}
	var seller policy.Subject
	binary.BigEndian.PutUint64(seller[8:], uint64(i%s.sellers))
	return &policy.Exposure{Subjects: []policy.Subject{seller}, Amount: 101800, At: at, Until: at.AddDate(0, 1, 0)}
}

func newStored(b *testing.B, keys string, nodes, rows int) *stored {
	dsn := shared.Database(b)
	if rows > 0 {
		_ = open(b, postgres.Config{DSN: dsn}).Close()
		fill(b, dsn, keys, rows)
	}
	s := &stored{dsn: dsn, keys: keys}
	for range nodes {
		s.nodes = append(s.nodes, open(b, postgres.Config{DSN: dsn}))
	}
	s.rows.Store(int64(rows))
	return s
}

func (s *stored) issue(b *testing.B, callers, n int) {
	sealed, event := make([]byte, payload), make([]byte, 300)
	_, _ = rand.Read(sealed)
	var left atomic.Int64
	left.Store(int64(n))
	var done sync.WaitGroup
	for c := range callers {
		node := s.nodes[c%len(s.nodes)]
		done.Go(func() {
			for left.Add(-1) >= 0 {
				i := int(s.rows.Add(1))
				k := policy.Key{Tenant: "23456789", Identifier: identifier(s.keys, i)}
				_, won, err := node.Issue(b.Context(), policy.Draft{
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
							Edition: "2021-08", Digest: "9f86d081884c7d659a2feaa0c55ad015", Fingerprint: sealed[:34], Sealed: sealed, At: at,
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

// BenchmarkFind is what a repeated request costs the store.
func BenchmarkFind(b *testing.B) {
	s := newStored(b, "counting", 1, 10_000)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for i := 1; pb.Next(); i++ {
			if _, err := s.nodes[0].Find(b.Context(), policy.Key{Tenant: "23456789", Identifier: identifier("counting", i%10_000+1)}); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// fill writes the rows that so many policies would have left, but for the
// chain, without waiting for the disk.
func fill(b *testing.B, dsn, keys string, rows int) {
	conn := pgtest.Connect(b, dsn)
	id := `'010101004178221' || lpad(i::text, 12, '0')`
	if keys == "random" {
		id = `md5(random()::text) || '-'`
	}
	// Random bytes of which no two rows have the same, and which cost little to make.
	noise := func(n int) string { return fmt.Sprintf(`substr(n.noise, (i %% 1000)::int + 1, %d)`, n) }
	series := `FROM generate_series(1, ` + strconv.Itoa(rows) + `) i`
	exec(b, conn, `SET synchronous_commit = off;
		CREATE TEMP TABLE n AS SELECT string_agg(sha256(random()::text::bytea), '') AS noise FROM generate_series(1, 100);
		INSERT INTO chudan_key (identifier, tenant) SELECT `+id+`, '23456789' `+series+`;
		INSERT INTO chudan_record SELECT i, 1, 'issued', 'PSB20210804' || lpad(i::text, 12, '0'), 'PERFORMANCE_SURETY_BONDS', '2021-08',
			'9f86d081884c7d659a2feaa0c55ad015', `+noise(34)+`, now(), `+noise(payload)+` `+series+`, n;
		INSERT INTO chudan_claim SELECT `+id+`, 'insureId', '23456789', i::text `+series+`;
		INSERT INTO chudan_claim SELECT `+id+`, 'attrs.premiumFundStreamNo', '23456789', i::text `+series+`;
		INSERT INTO chudan_journal SELECT 1, i, `+noise(300)+`, `+noise(300)+`, `+noise(32)+` `+series+`, n;
		INSERT INTO chudan_chain VALUES (1, '{}', '');
		SELECT setval('chudan_number', `+strconv.Itoa(rows)+`)`)
	// Now all of it is to reach the disk, or the measurement would wait for it.
	exec(b, conn, `VACUUM ANALYZE`)
	exec(b, conn, `CHECKPOINT`)
}
