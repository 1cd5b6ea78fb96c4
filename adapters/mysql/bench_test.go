package mysql_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

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
