package mysql_test

import (
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/mysql"
	"github.com/chudan-io/chudan/internal/mytest"
	"github.com/chudan-io/chudan/policy"
)

// TestExposureEnds: what ended long ago is deleted by and by, and what anybody is
// told is right meanwhile.
func TestExposureEnds(t *testing.T) {
	server := newServer(t)
	database := server.Database(t)
	s := open(t, mysql.Config{DSN: server.URL(database)})
	load(t, server, database, subject(0), 600, -time.Hour)
	load(t, server, database, subject(0), 40, -time.Minute)
	load(t, server, database, subject(0), 30, time.Hour)
	load(t, server, database, subject(1), 300, -time.Hour) // nobody writes to it
	for i, left := range []string{"384", "128", "40", "40"} {
		d := exposing(draft(fmt.Sprint(i)), 100, subject(0))
		var told []int64
		d.Exposure.Hold = func(inForce []int64) error { told = inForce; return nil }
		issueIn(t, s, d, fmt.Sprintf("N%d", i+1), true)
		if want := []int64{30 + int64(i)*100}; !slices.Equal(told, want) {
			t.Errorf("told %d, want %d", told, want)
		}
		inForce(t, s, decided, 130+int64(i)*100, 0)
		ended := fmt.Sprintf(`SELECT count(*) FROM chudan_exposure WHERE subject = 'subject-00000000' AND until <= %d`, decided.UnixMicro())
		if got := read(t, server, database, ended, scanText)[0]; got != left {
			t.Errorf("%s rows are left that have ended, want %s", got, left)
		}
		exact(t, server, database)
	}
	inForce(t, s, decided.Add(-2*time.Minute), 470, 0)
	// One that ended and was deleted is given back, which changes nothing, and told again.
	for revision, status := range []policy.Status{policy.StatusReserved, policy.StatusRefused, policy.StatusReserved, policy.StatusBooked} {
		d := exposing(draft("ended"), 7, subject(0))
		d.Numbered, d.Replaces, d.Exposure.Until = false, int64(revision), decided.Add(-time.Hour)
		issueIn(t, s, changed(d, func(e *policy.Entry) { e.Record.Status, e.Record.Number = status, "" }), "", true)
		inForce(t, s, decided, 430)
		exact(t, server, database)
	}
}

// TestExposureBatch: drafts of one transaction are told of those before them, and
// of all that is in force at the earliest of their times.
func TestExposureBatch(t *testing.T) {
	server := newServer(t)
	database := server.Database(t)
	s := open(t, mysql.Config{DSN: server.URL(database)})
	load(t, server, database, subject(0), 1000, time.Hour)
	load(t, server, database, subject(0), 400, -time.Hour)
	var told []int64
	with := func(identifier string, replaces int64, status policy.Status, amount int64, at time.Duration) policy.Draft {
		d := exposing(draft(identifier), amount, subject(0))
		d.Replaces, d.Numbered, d.Exposure.At = replaces, status == policy.StatusIssued, decided.Add(at)
		d.Exposure.Hold = func(inForce []int64) error { told = append(told, inForce...); return nil }
		return changed(d, func(e *policy.Entry) {
			e.Record.Status = status
			if status != policy.StatusIssued {
				e.Record.Number = ""
			}
		})
	}
	ended := with("ended", 0, policy.StatusIssued, 5000, 0)
	ended.Exposure.Until = decided
	if err := s.Receive(t.Context(), []policy.Draft{
		ended,
		with("a", 0, policy.StatusReserved, 100, 2*time.Hour),
		with("b", 0, policy.StatusIssued, 10, 0),
		with("a", 1, policy.StatusRefused, 100, 0),
		with("c", 0, policy.StatusReferred, 5, 0),
		with("a", 2, policy.StatusReserved, 200, 0),
		with("a", 3, policy.StatusIssued, 200, time.Hour),
		with("d", 0, policy.StatusIssued, 1, 2*time.Hour),
	}); err != nil {
		t.Fatal(err)
	}
	if want := []int64{1000, 1000, 1100, 1110, 1010, 1010, 1210, 1210}; !slices.Equal(told, want) {
		t.Errorf("told %d, want %d", told, want)
	}
	inForce(t, s, decided, 1211)
	exact(t, server, database)
}

// TestNoExposureNoStatement: who limits nothing is asked nothing, and others pay
// for it with a few statements, not one for each draft.
func TestNoExposureNoStatement(t *testing.T) {
	server := newServer(t)
	database := server.Database(t)
	s := open(t, mysql.Config{DSN: server.URL(database)})
	server.Exec(t, database, `SET GLOBAL log_output = 'TABLE'`)
	t.Cleanup(func() { server.Exec(t, "", `SET GLOBAL log_output = 'FILE'`) })
	logged := func(d policy.Draft) []string {
		server.Exec(t, database, `TRUNCATE mysql.general_log`)
		server.Exec(t, database, `SET GLOBAL general_log = 1`)
		_, won, err := s.Issue(t.Context(), d)
		server.Exec(t, database, `SET GLOBAL general_log = 0`)
		if err != nil || !won {
			t.Errorf("won %v, %v", won, err)
		}
		return read(t, server, database, `SELECT argument FROM mysql.general_log WHERE argument LIKE '%exposure%'`, scanText)
	}
	issueOne(t, s, "warm")
	if all := logged(draft("none")); len(all) != 0 {
		t.Errorf("asked %q", all)
	}
	if all := logged(exposing(draft("some"), 1, subject(0), subject(1), subject(2))); len(all) != 4 {
		t.Errorf("%d statements, want two that look and two that write: %q", len(all), all)
	}
}

// TestSumsReadRanges: what is in force is found in ranges of the primary key that
// grow with what has ended, never with what is in force.
func TestSumsReadRanges(t *testing.T) {
	server := newServer(t)
	database := server.Database(t)
	s := open(t, mysql.Config{DSN: server.URL(database)})
	for n, rows := range []int{10, 100_000} {
		load(t, server, database, subject(n), rows, time.Hour)
		load(t, server, database, subject(n), 5, -time.Minute)
	}
	server.Exec(t, database, `ANALYZE TABLE chudan_exposure, chudan_exposure_sum`)
	number := regexp.MustCompile(`(until <?= |record = )\?`)
	for _, n := range []int{1, 64} {
		for _, query := range mysql.SumQueries(n) {
			query = number.ReplaceAllString(query, "${1}"+fmt.Sprint(decided.UnixMicro()))
			for i := n; strings.Contains(query, "?"); i++ {
				s := subject(i % n)
				query = strings.Replace(query, "?", fmt.Sprintf("_binary'%s'", s[:]), 1)
			}
			for _, access := range read(t, server, database, "EXPLAIN "+query, accessType) {
				if !slices.Contains([]string{"const", "range"}, access) {
					t.Errorf("%.120s: %s", query, access)
				}
			}
		}
	}
	var reads [2]string
	for n := range reads {
		before := handled(t, server, database)
		issueIn(t, s, exposing(draft(fmt.Sprint(n)), 1, subject(n)), fmt.Sprintf("N%d", n+1), true)
		if _, err := s.InForce(t.Context(), decided, []policy.Subject{subject(n)}); err != nil {
			t.Error(err)
		}
		reads[n] = fmt.Sprint(handled(t, server, database) - before)
	}
	if reads[0] != reads[1] {
		t.Errorf("with 10 in force %s reads of a row, with 100,000 %s", reads[0], reads[1])
	}
	t.Logf("%s reads of a row with 10 in force, %s with 100,000", reads[0], reads[1])
}

// handled is how often the server has read a row by an index.
func handled(t *testing.T, server *mytest.Server, database string) int64 {
	t.Helper()
	counts := read(t, server, database, `SHOW GLOBAL STATUS WHERE Variable_name IN ('Handler_read_key', 'Handler_read_next', 'Handler_read_prev', 'Handler_read_first')`,
		func(r *sql.Rows) (n int64, err error) {
			err = r.Scan(new(string), &n)
			return n, err
		})
	var sum int64
	for _, n := range counts {
		sum += n
	}
	return sum
}
