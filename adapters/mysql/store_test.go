package mysql_test

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/chudan-io/chudan/adapters/mysql"
	"github.com/chudan-io/chudan/adapters/storetest"
	"github.com/chudan-io/chudan/internal/mytest"
	"github.com/chudan-io/chudan/policy"
)

// shared is the server of most tests, once one of them has asked for it.
var (
	shared *mytest.Server
	start  = sync.OnceValue(func() (err error) { shared, err = mytest.Start(); return err })
)

func TestMain(m *testing.M) {
	code := m.Run()
	if err := shared.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func newServer(t testing.TB) *mytest.Server {
	t.Helper()
	mytest.Check(t, start())
	return shared
}

// newOwnServer is a server of the test's own, with these options.
func newOwnServer(t testing.TB, options ...string) *mytest.Server {
	t.Helper()
	server, err := mytest.Start(options...)
	mytest.Check(t, err)
	stopAfter(t, server)
	return server
}

func stopAfter(t testing.TB, server *mytest.Server) {
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestStore(t *testing.T) { storetest.Run(t, newHarness(newServer(t))) }

func newHarness(server *mytest.Server) storetest.Harness {
	h, _ := newHarnessOn(server)
	return h
}

// newHarnessOn remembers the database of each store, to look into it.
func newHarnessOn(server *mytest.Server) (h storetest.Harness, databases map[policy.Store]string) {
	databases = map[policy.Store]string{}
	openAt := func(t testing.TB, database string) policy.Store {
		s := open(t, mysql.Config{DSN: server.URL(database)})
		databases[s] = database
		return s
	}
	return storetest.Harness{
		Open: func(t testing.TB) policy.Store { return openAt(t, server.Database(t)) },
		Reopen: func(t testing.TB, s policy.Store) policy.Store {
			if err := s.(*mysql.Store).Close(); err != nil {
				t.Error(err)
			}
			return openAt(t, databases[s])
		},
		Events: func(t testing.TB, s policy.Store) [][]byte { return events(t, server, databases[s]) },
		Audit:  func(t testing.TB, s policy.Store) []storetest.AuditRow { return audit(t, server, databases[s]) },
	}, databases
}

// open gives a store that is closed with the test.
func open(t testing.TB, c mysql.Config) *mysql.Store {
	t.Helper()
	s, err := mysql.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func events(t testing.TB, server *mytest.Server, database string) [][]byte {
	t.Helper()
	return read(t, server, database, `SELECT event FROM chudan_journal WHERE event IS NOT NULL ORDER BY id`, func(r *sql.Rows) (event []byte, err error) {
		err = r.Scan(&event)
		return event, err
	})
}

func audit(t testing.TB, server *mytest.Server, database string) []storetest.AuditRow {
	t.Helper()
	return read(t, server, database, `SELECT audit, hash FROM chudan_journal ORDER BY id`, func(r *sql.Rows) (row storetest.AuditRow, err error) {
		err = r.Scan(&row.Event, &row.Hash)
		return row, err
	})
}

// read looks into the database past the store.
func read[T any](t testing.TB, server *mytest.Server, database, query string, scan func(*sql.Rows) (T, error)) (all []T) {
	t.Helper()
	db := server.DB(t, database)
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func scanText(r *sql.Rows) (text string, err error) {
	err = r.Scan(&text)
	return text, err
}

// openRaw is the database as the user of a DSN could open it with any client.
func openRaw(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	secret, _ := u.User.Password()
	db, err := sql.Open("mysql", fmt.Sprintf("%s:%s@tcp(%s)%s", u.User.Username(), secret, u.Host, u.Path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
