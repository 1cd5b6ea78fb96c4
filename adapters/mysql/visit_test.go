package mysql_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/mysql"
	"github.com/chudan-io/chudan/internal/mytest"
	"github.com/chudan-io/chudan/policy"
)

// TestVisitsRead: a reference, an identifier and a time are each found without
// reading the rest.
func TestVisitsRead(t *testing.T) {
	const rows = 50_000
	server := newServer(t)
	database := server.Database(t)
	s := open(t, mysql.Config{DSN: server.URL(database)})
	server.Exec(t, database, fmt.Sprintf(`INSERT INTO chudan_visit SELECT %d + seq * 1000000, seq, concat('k', seq DIV 5), 'app-1', concat('R', seq), 'SUCCESS', 'P', 'E', 'd', 0, '' FROM seq_1_to_%d`, began.UnixMicro(), rows))
	server.Exec(t, database, `ANALYZE TABLE chudan_visit`)
	for name, c := range map[string]struct {
		sel        policy.VisitSelection
		want, most int
	}{
		"a reference":                 {policy.VisitSelection{Reference: "R777", From: began, Product: "P"}, 1, 50},
		"an identifier":               {policy.VisitSelection{Identifier: "k777"}, 5, 50},
		"an identifier of a tenant's": {policy.VisitSelection{Tenant: "app-1", Identifier: "k777", Code: "SUCCESS"}, 5, 50},
		"a minute":                    {policy.VisitSelection{From: began.Add(10 * time.Hour), To: began.Add(10*time.Hour + time.Minute)}, 60, 200},
		"ten hours":                   {policy.VisitSelection{From: began.Add(2 * time.Hour), To: began.Add(12 * time.Hour)}, 36_000, 40_000},
	} {
		t.Run(name, func(t *testing.T) {
			before, count := rowsRead(t, server, database), 0
			var last time.Time
			for v, err := range s.Visits(t.Context(), c.sel) {
				if err != nil {
					t.Fatal(err)
				}
				if !v.At.After(last) || !c.sel.Selects(&v) {
					t.Fatalf("%s of %v comes behind %v", v.Reference, v.At, last)
				}
				last = v.At
				count++
			}
			if took := rowsRead(t, server, database) - before; count != c.want || took > c.most {
				t.Errorf("%d visits, want %d; the server read %d rows, and %d would do", count, c.want, took, c.most)
			}
		})
	}
}

// TestVisitsOfOneMoment stand in the order in which they were entered, page by page.
func TestVisitsOfOneMoment(t *testing.T) {
	const rows = 600
	server := newServer(t)
	s := open(t, mysql.Config{DSN: server.URL(server.Database(t))})
	var want, got []string
	var many []policy.Visit
	for i := range rows {
		want = append(want, fmt.Sprint(i))
		many = append(many, policy.Visit{At: began, Reference: fmt.Sprint(i), Sealed: make([]byte, 10_000)}) // more than one statement takes
	}
	if err := s.Enter(t.Context(), many[:300]...); err != nil {
		t.Fatal(err)
	}
	for _, v := range many[300:] {
		if err := s.Enter(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	for v, err := range s.Visits(t.Context(), policy.VisitSelection{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, v.Reference)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d visits, in another order or not all of %d", len(got), rows)
	}
}

// TestVisitsLost: an answer that is lost is no trouble, what has no room fails
// with its name, and a server that is away is trouble.
func TestVisitsLost(t *testing.T) {
	server := newServer(t)
	database := server.Database(t)
	p := newProxy(t, server.Addr())
	s := open(t, mysql.Config{DSN: mytest.URL(p.Addr().String(), database), Wait: time.Second, Connect: time.Second})
	long := strings.Repeat("x", 300)
	err := s.Enter(t.Context(), policy.Visit{At: began, Reference: long, Code: long})
	if err == nil || errors.Is(err, policy.ErrUnavailable) || !strings.Contains(err.Error(), "the reference has 300 bytes") || strings.Contains(err.Error(), long) {
		t.Errorf("a reference that is too long: %v", err)
	}
	p.set(deaf)
	if err := s.Enter(t.Context(), policy.Visit{At: began, Reference: "R1", Code: "SUCCESS"}); err != nil || p.hits() != 1 {
		t.Fatalf("with an answer lost: %v, %d lost", err, p.hits())
	}
	p.stop()
	if err := s.Enter(t.Context(), policy.Visit{At: began}); !errors.Is(err, policy.ErrUnavailable) {
		t.Errorf("without a server: %v", err)
	}
	if n, err := s.Forget(t.Context(), began.Add(time.Hour), 10); n != 0 || !errors.Is(err, policy.ErrUnavailable) {
		t.Errorf("without a server: %d, %v", n, err)
	}
	if got := read(t, server, database, `SELECT reference FROM chudan_visit`, scanText); !slices.Equal(got, []string{"R1"}) {
		t.Errorf("the journal has %q", got)
	}
}
