package mysql_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/mysql"
	"github.com/chudan-io/chudan/internal/mytest"
	"github.com/chudan-io/chudan/policy"
)

// BenchmarkIssue measures commits per second on a server whose files are on the
// disk of temporary files, beside plain INSERTs of a record of the same size
// into a table with a unique key, each a commit of its own:
//
//	go test -run '^$' -bench Issue -benchtime 5000x ./adapters/mysql
func BenchmarkIssue(b *testing.B) {
	server, err := mytest.StartIn(os.TempDir())
	mytest.Check(b, err)
	stopAfter(b, server)
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
	run("insert/callers=1", "", func(b *testing.B) { insertAndCommit(b, server, 1) })
	run("insert/callers=64", "", func(b *testing.B) { insertAndCommit(b, server, 64) })
	run("issue/callers=1", "insert/callers=1", func(b *testing.B) { issueFrom(b, server, 1, 1) })
	run("issue/callers=64", "insert/callers=64", func(b *testing.B) { issueFrom(b, server, 1, 64) })
	run("within/callers=1", "issue/callers=1", func(b *testing.B) { issueWithin(b, server, 1) })
	run("within/callers=64", "issue/callers=64", func(b *testing.B) { issueWithin(b, server, 64) })
	run("issue/nodes=2,callers=64", "issue/callers=64", func(b *testing.B) { issueFrom(b, server, 2, 64) })
}

// BenchmarkExposure measures commits per second where none counts for anybody,
// where all count for one subject, and where 100,000 of its policies are in force
// before, in turns, so that whatever else the machine does slows all three:
//
//	go test -run '^$' -bench Exposure -benchtime 6000x ./adapters/mysql
func BenchmarkExposure(b *testing.B) {
	server, err := mytest.StartIn(os.TempDir())
	mytest.Check(b, err)
	stopAfter(b, server)
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			kinds := []*exposed{{name: "none", store: open(b, mysql.Config{DSN: server.URL(server.Database(b))})}}
			for _, rows := range []int{10, 100_000} {
				database := server.Database(b)
				kinds = append(kinds, &exposed{fmt.Sprint("of-", rows), open(b, mysql.Config{DSN: server.URL(database)}), []policy.Subject{subject(0)}, 0, 0})
				load(b, server, database, subject(0), rows, time.Hour)
			}
			made := newMade()
			b.ResetTimer()
			for n := 0; n < b.N; {
				kind := kinds[0]
				kinds = append(kinds[1:], kind)
				n += kind.issue(b, made, min(5*callers, b.N-n), callers)
			}
			slices.SortFunc(kinds, func(a, b *exposed) int { return strings.Compare(a.name, b.name) }) // none, of-10, of-100000
			for i, k := range kinds {
				b.ReportMetric(k.rate(), k.name+"/s")
				if i > 0 {
					b.ReportMetric(k.rate()/kinds[i-1].rate(), k.name+"/"+kinds[i-1].name)
				}
			}
		})
	}
}

// exposed is a store all of whose drafts count for the same subjects.
type exposed struct {
	name     string
	store    *mysql.Store
	subjects []policy.Subject
	issued   int
	took     time.Duration
}

func (e *exposed) rate() float64 { return float64(e.issued) / e.took.Seconds() }

func (e *exposed) issue(b *testing.B, made *made, n, callers int) int {
	first := e.issued
	begin := time.Now()
	share(n, callers, func(i int) {
		d := made.draft(first + i)
		if len(e.subjects) > 0 {
			d = exposing(d, 1, e.subjects...)
		}
		if _, won, err := e.store.Issue(b.Context(), d); err != nil || !won {
			b.Errorf("won %v, %v", won, err)
		}
	})
	e.issued += n
	e.took += time.Since(begin)
	return n
}

func insertAndCommit(b *testing.B, server *mytest.Server, callers int) {
	database := server.Database(b)
	server.Exec(b, database, `CREATE TABLE plain (id BIGINT AUTO_INCREMENT PRIMARY KEY, identifier VARBINARY(255) NOT NULL UNIQUE, sealed MEDIUMBLOB NOT NULL) ENGINE = InnoDB`)
	db := server.DB(b, database)
	defer db.Close()
	db.SetMaxIdleConns(callers)
	record := make([]byte, 2500)
	_, _ = rand.Read(record)
	b.ResetTimer()
	share(b.N, callers, func(i int) {
		if _, err := db.ExecContext(b.Context(), `INSERT INTO plain (identifier, sealed) VALUES (?, ?)`, fmt.Sprintf("010101004178221%012d", i), record); err != nil {
			b.Error(err)
		}
	})
}

// issueFrom issues through nodes on one database, with callers in all.
func issueFrom(b *testing.B, server *mytest.Server, nodes, callers int) {
	database := server.Database(b)
	var stores []*mysql.Store
	for range nodes {
		stores = append(stores, open(b, mysql.Config{DSN: server.URL(database)}))
	}
	made := newMade()
	b.ResetTimer()
	share(b.N, callers, func(i int) {
		if _, won, err := stores[i%nodes].Issue(b.Context(), made.draft(i)); err != nil || !won {
			b.Errorf("won %v, %v", won, err)
		}
	})
}

// issueWithin issues in a transaction of each caller's own.
func issueWithin(b *testing.B, server *mytest.Server, callers int) {
	database := server.Database(b)
	s := open(b, mysql.Config{DSN: server.URL(database)})
	db := openRaw(b, server.URL(database))
	db.SetMaxIdleConns(callers)
	made := newMade()
	b.ResetTimer()
	share(b.N, callers, func(i int) {
		tx, err := db.BeginTx(b.Context(), nil)
		if err != nil {
			b.Error(err)
			return
		}
		_, won, err := s.Within(tx).Issue(b.Context(), made.draft(i))
		if err = errors.Join(err, tx.Commit()); err != nil || !won {
			b.Errorf("won %v, %v", won, err)
		}
	})
}

// made is what policies are made of, of the size that they have.
type made struct{ sealed, event []byte }

func newMade() *made {
	m := &made{make([]byte, 1800), make([]byte, 300)}
	_, _ = rand.Read(m.sealed)
	return m
}

func (m *made) draft(i int) policy.Draft {
	k := policy.Key{Tenant: "23456789", Identifier: fmt.Sprintf("010101004178221%012d", i)}
	return policy.Draft{
		Key: k, Numbered: true,
		Unique: []policy.BusinessKey{{Path: "insureId", Value: k.Identifier}, {Path: "attrs.premiumFundStreamNo", Value: k.Identifier}},
		Complete: func(seq uint64) (policy.Entry, error) {
			r := policy.Record{
				Key: k, Status: policy.StatusIssued, Number: fmt.Sprintf("PSB20210804%012d", seq), Product: "PERFORMANCE_SURETY_BONDS",
				Edition: "2021-08", Digest: "9f86d081884c7d659a2feaa0c55ad015", Fingerprint: m.sealed[:34], Sealed: m.sealed,
			}
			return policy.Entry{Record: r, Event: m.event, Audit: m.event}, nil
		},
	}
}

// share does n things from so many callers.
func share(n, callers int, do func(i int)) {
	var next atomic.Int64
	var done sync.WaitGroup
	for range callers {
		done.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				do(int(i))
			}
		})
	}
	done.Wait()
}
