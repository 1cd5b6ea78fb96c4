package mysql_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/mysql"
	"github.com/chudan-io/chudan/internal/mytest"
	"github.com/chudan-io/chudan/policy"
)

// TestPoisonedDraft: what the database itself refuses fails alone, is no trouble
// that waiting would cure, and is not quoted.
func TestPoisonedDraft(t *testing.T) {
	server := newServer(t)
	for name, poison := range map[string]string{
		"a trigger":             `CREATE TRIGGER poison BEFORE INSERT ON chudan_claim FOR EACH ROW BEGIN IF NEW.value = 'poison' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'poison'; END IF; END`,
		"a column too narrow":   `ALTER TABLE chudan_claim MODIFY value VARBINARY(5) NOT NULL`,
		"a claim that is there": `ALTER TABLE chudan_claim ADD COLUMN first VARBINARY(9) AS (if(value = 'poison', 'poison', NULL)) STORED, ADD UNIQUE KEY (first)`,
	} {
		t.Run(name, func(t *testing.T) {
			database := server.Database(t)
			s := open(t, mysql.Config{DSN: server.URL(database)})
			if strings.Contains(poison, "UNIQUE") {
				server.Exec(t, database, poison)
				server.Exec(t, database, `INSERT INTO chudan_claim (value, path, tenant, record) VALUES ('poison', '', '', 0)`)
			} else {
				server.Exec(t, database, poison)
			}
			var acknowledged acknowledgements
			var done sync.WaitGroup
			for i := range 64 {
				done.Go(func() {
					if i == 13 {
						_, _, err := s.Issue(t.Context(), draft("poison"))
						if err == nil || errors.Is(err, policy.ErrUnavailable) || strings.Contains(err.Error(), "poison") {
							t.Errorf("the poisoned one: %v", err)
						}
						return
					}
					r, won, err := s.Issue(t.Context(), draft(fmt.Sprint(i)))
					if err != nil || !won {
						t.Errorf("another one: won %v, %v", won, err)
					}
					acknowledged.take(t, r)
				})
			}
			done.Wait()
			if _, err := s.Find(t.Context(), draft("poison").Key); !errors.Is(err, policy.ErrNotFound) {
				t.Errorf("the poisoned one left a record (%v)", err)
			}
			if r := issueOne(t, s, "next"); r.Number != "N64" {
				t.Errorf("after 63 policies comes %s", r.Number)
			}
		})
	}
}

// TestNoRoom: what is longer than its column fails alone, with its name and not
// its value; up to there it is kept.
func TestNoRoom(t *testing.T) {
	server := newServer(t)
	server.Exec(t, "", `SET GLOBAL max_allowed_packet = 67108864`) // so that the columns are what is narrow
	defer server.Exec(t, "", `SET GLOBAL max_allowed_packet = 16777216`)
	s := open(t, mysql.Config{DSN: server.URL(server.Database(t)), Wait: 30 * time.Second})
	long := func(n int) string { return strings.Repeat("长", n/3) + strings.Repeat("x", n%3) }
	for name, c := range map[string]struct {
		draft func(n int) policy.Draft
		most  int
		what  string
	}{
		"identifier":   {func(n int) policy.Draft { return draft(long(n)) }, 255, "the identifier"},
		"business key": {func(n int) policy.Draft { d := draft("b" + fmt.Sprint(n)); d.Unique[0].Value = long(n); return d }, 384, "attrs.premiumFundStreamNo"},
		"number": {func(n int) policy.Draft {
			return changed(draft("n"+fmt.Sprint(n)), func(e *policy.Entry) { e.Record.Number = long(n) })
		}, 128, "the policy number"},
		"product": {func(n int) policy.Draft {
			return changed(draft("p"+fmt.Sprint(n)), func(e *policy.Entry) { e.Record.Product = long(n) })
		}, 160, "the product"},
		"sealed": {func(n int) policy.Draft {
			return changed(draft("s"+fmt.Sprint(n)), func(e *policy.Entry) { e.Record.Sealed = make([]byte, n) })
		}, 1<<24 - 1, "the sealed record"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "identifier" {
				c.draft = func(n int) policy.Draft {
					d := draft(long(n))
					d.Unique = nil
					return d
				}
			}
			_, _, err := s.Issue(t.Context(), c.draft(c.most+1))
			if err == nil || errors.Is(err, policy.ErrUnavailable) || !strings.Contains(err.Error(), c.what) || strings.Contains(err.Error(), "长") {
				t.Errorf("got %v", err)
			}
			fits := min(c.most, 4<<20) // a MEDIUMBLOB to the brim takes its time
			r, won, err := s.Issue(t.Context(), c.draft(fits))
			if err != nil || !won {
				t.Fatalf("with %d bytes: won %v, %v", fits, won, err)
			}
			if found, err := s.Find(t.Context(), r.Key); err != nil || !bytes.Equal(found.Sealed, r.Sealed) || found.Number != r.Number {
				t.Errorf("with %d bytes: found in another shape, %v", fits, err)
			}
		})
	}
}

// TestPackets: what is larger than the server's max_allowed_packet fails alone,
// what fits is kept, and many of them together are split.
func TestPackets(t *testing.T) {
	server := newServer(t)
	server.Exec(t, "", `SET GLOBAL max_allowed_packet = 1048576`)
	defer server.Exec(t, "", `SET GLOBAL max_allowed_packet = 16777216`)
	s := open(t, mysql.Config{DSN: server.URL(server.Database(t)), Wait: 30 * time.Second})
	sized := func(identifier string, n int) policy.Draft {
		return changed(draft(identifier), func(e *policy.Entry) { e.Record.Sealed = slices.Repeat([]byte{0}, n) })
	}
	var done sync.WaitGroup
	done.Go(func() {
		_, _, err := s.Issue(t.Context(), sized("too large", 5<<20))
		if err == nil || errors.Is(err, policy.ErrUnavailable) || errors.Is(err, policy.ErrResultUnknown) || !strings.Contains(err.Error(), "max_allowed_packet") {
			t.Errorf("larger than max_allowed_packet: %v", err)
		}
	})
	for i := range 32 {
		done.Go(func() {
			if r, won, err := s.Issue(t.Context(), sized(fmt.Sprint(i), 400<<10)); err != nil || !won || len(r.Sealed) != 400<<10 {
				t.Errorf("400 KB: won %v, %v", won, err)
			}
		})
	}
	done.Wait()
	if r := issueOne(t, s, "next"); r.Number != "N33" {
		t.Errorf("after 32 policies comes %s", r.Number)
	}
}

func changed(d policy.Draft, change func(*policy.Entry)) policy.Draft {
	complete := d.Complete
	d.Complete = func(seq uint64) (policy.Entry, error) {
		e, err := complete(seq)
		change(&e)
		return e, err
	}
	return d
}

// TestIdle: connections that the server has ended meanwhile are replaced, and
// nobody notices.
func TestIdle(t *testing.T) {
	server := newOwnServer(t)
	server.Exec(t, "", "CREATE DATABASE idle")
	s := open(t, mysql.Config{DSN: server.URL("idle")})
	issueOne(t, s, "1")
	server.Kill()
	if err := server.Run(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Find(t.Context(), draft("1").Key); err != nil {
		t.Errorf("Find: %v", err)
	}
	issueOne(t, s, "2")
	if n, err := s.Relay(t.Context(), 10, func(context.Context, [][]byte) error { return nil }); n != 2 || err != nil {
		t.Errorf("Relay: %d, %v", n, err)
	}
}

// TestOutage: while a server does not answer at all, one caller waits for it and
// all others are told so at once.
func TestOutage(t *testing.T) {
	server := newServer(t)
	database := server.Database(t)
	p := newProxy(t, server.Addr())
	addr := p.Addr().String()
	s := open(t, mysql.Config{DSN: mytest.URL(addr, database), Connect: time.Second})
	issueOne(t, s, "1")
	p.stop()
	silent, err := net.Listen("tcp", addr) // takes connections and says nothing
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Issue(t.Context(), draft("2")); !errors.Is(err, policy.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	begin := time.Now()
	for range 100 {
		if _, _, err := s.Issue(t.Context(), draft("2")); !errors.Is(err, policy.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
		if _, err := s.Find(t.Context(), draft("1").Key); !errors.Is(err, policy.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("200 calls were told after %v", took)
	}
	_ = silent.Close()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, l, server.Addr())
	for begin := time.Now(); ; {
		if _, _, err := s.Issue(t.Context(), draft("2")); err == nil {
			t.Logf("back after %v", time.Since(begin).Round(time.Millisecond))
			break
		}
		if time.Since(begin) > 10*time.Second {
			t.Fatal("the store does not come back")
		}
		time.Sleep(time.Millisecond)
	}
}

// TestLookupsUseAnIndex: a scan would pass every other test.
func TestLookupsUseAnIndex(t *testing.T) {
	server := newServer(t)
	database := server.Database(t)
	s := open(t, mysql.Config{DSN: server.URL(database)})
	var done sync.WaitGroup
	for i := range 500 {
		done.Go(func() { _, _, _ = s.Issue(t.Context(), draft(fmt.Sprint(i))) })
	}
	done.Wait()
	server.Exec(t, database, `ANALYZE TABLE chudan_record, chudan_claim`)
	for _, query := range mysql.Queries(64) {
		n := 0
		for strings.Contains(query, "?") {
			query = strings.Replace(query, "?", fmt.Sprintf("_binary'%d'", n/2), 1)
			n++
		}
		for _, access := range read(t, server, database, "EXPLAIN "+query, accessType) {
			if !slices.Contains([]string{"const", "eq_ref", "ref", "range"}, access) {
				t.Errorf("%.120s: %s", query, access)
			}
		}
	}
}

func accessType(r *sql.Rows) (string, error) {
	columns, err := r.Columns()
	if err != nil {
		return "", err
	}
	values := make([]sql.NullString, len(columns))
	into := make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	err = r.Scan(into...)
	if values[slices.Index(columns, "Extra")].String == "Impossible WHERE noticed after reading const tables" {
		return "const", err
	}
	return values[slices.Index(columns, "type")].String, err
}

// TestHistory: what was replaced is kept as it was.
func TestHistory(t *testing.T) {
	server := newServer(t)
	database := server.Database(t)
	issueHistory(t, open(t, mysql.Config{DSN: server.URL(database)}))
	got := read(t, server, database, `SELECT concat(revision, status, sealed) FROM chudan_history ORDER BY revision`, scanText)
	if want := []string{"1refused1", "2referred2"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestFinal: the one statement that changes records finds no issued one, even
// where somebody has changed it past the store while a draft was under way.
func TestFinal(t *testing.T) {
	server := newServer(t)
	database := server.Database(t)
	s := open(t, mysql.Config{DSN: server.URL(database)})
	refuse := changed(draft("k"), func(e *policy.Entry) { e.Record.Status, e.Record.Number = policy.StatusRefused, "" })
	refuse.Numbered = false
	if _, _, err := s.Issue(t.Context(), refuse); err != nil {
		t.Fatal(err)
	}
	d := draft("k")
	d.Replaces = 1
	_, won, err := s.Issue(t.Context(), changed(d, func(*policy.Entry) {
		server.Exec(t, database, `UPDATE chudan_record SET status = 'issued', number = 'X1'`)
	}))
	if err == nil || won {
		t.Fatal("a record was replaced that had been issued")
	}
	if r, err := s.Policy(t.Context(), "X1"); err != nil || r.Status != policy.StatusIssued || r.Revision != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if got := read(t, server, database, `SELECT count(*) FROM chudan_history`, scanText); got[0] != "0" {
		t.Errorf("%s rows of history were written", got[0])
	}
	if r := issueOne(t, s, "next"); r.Number != "N1" {
		t.Errorf("the failed draft burnt a number: %s", r.Number)
	}
}

// TestLeaseEnds: the events of a relay that was killed are free again when its
// lease has ended on the server's clock.
func TestLeaseEnds(t *testing.T) {
	server := newServer(t)
	database := server.Database(t)
	s := open(t, mysql.Config{DSN: server.URL(database)})
	issueOne(t, s, "1")
	issueOne(t, s, "2")
	relay := func() (published int) {
		n, err := s.Relay(t.Context(), 10, func(_ context.Context, events [][]byte) error { published = len(events); return nil })
		if err != nil || n != published {
			t.Errorf("Relay: %d, %v", n, err)
		}
		return n
	}
	server.Exec(t, database, `UPDATE chudan_outbox SET owner = 7, until = (UNIX_TIMESTAMP() + 60) * 1000000 WHERE journal = 1`)
	if n := relay(); n != 1 {
		t.Errorf("%d events were published, one of them at work elsewhere", n)
	}
	server.Exec(t, database, `UPDATE chudan_outbox SET until = (UNIX_TIMESTAMP() - 1) * 1000000`)
	if n := relay(); n != 1 {
		t.Errorf("%d events were published after the lease", n)
	}
}
