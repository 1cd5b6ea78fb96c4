package mysql_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/mysql"
	"github.com/chudan-io/chudan/internal/mytest"
	"github.com/chudan-io/chudan/policy"
)

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
			for n := 0; n < b.N; n += len(kinds) * 5 * callers {
				rand.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
				for _, k := range kinds {
					k.issue(b, made, 5*callers, callers)
				}
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

func (e *exposed) issue(b *testing.B, made *made, n, callers int) {
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
}
