package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/chudan-io/chudan/adapters/sqlite"
	"github.com/chudan-io/chudan/adapters/storetest"
	"github.com/chudan-io/chudan/policy"
)

func TestStore(t *testing.T) { storetest.Run(t, newHarness()) }

// newHarness remembers the file of each store, to look into it.
func newHarness() storetest.Harness {
	paths := map[policy.Store]string{}
	openAt := func(t testing.TB, path string) policy.Store {
		s := open(t, sqlite.Config{Path: path})
		paths[s] = path
		return s
	}
	return storetest.Harness{
		Open: func(t testing.TB) policy.Store { return openAt(t, filepath.Join(t.TempDir(), "chudan.db")) },
		Reopen: func(t testing.TB, s policy.Store) policy.Store {
			if err := s.(*sqlite.Store).Close(); err != nil {
				t.Error(err)
			}
			return openAt(t, paths[s])
		},
		Events: func(t testing.TB, s policy.Store) [][]byte { return events(t, paths[s]) },
		Audit:  func(t testing.TB, s policy.Store) []storetest.AuditRow { return audit(t, paths[s]) },
	}
}

// open gives a store that is closed with the test.
func open(t testing.TB, c sqlite.Config) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func events(t testing.TB, path string) [][]byte {
	t.Helper()
	return read(t, path, `SELECT event FROM journal WHERE event IS NOT NULL ORDER BY id`, func(r *sql.Rows) (event []byte, err error) {
		err = r.Scan(&event)
		return event, err
	})
}

func audit(t testing.TB, path string) []storetest.AuditRow {
	t.Helper()
	return read(t, path, `SELECT audit, hash FROM journal ORDER BY id`, func(r *sql.Rows) (row storetest.AuditRow, err error) {
		err = r.Scan(&row.Event, &row.Hash)
		return row, err
	})
}

// read looks into the file past the store.
func read[T any](t testing.TB, path, query string, scan func(*sql.Rows) (T, error)) (all []T) {
	t.Helper()
	db := raw(t, path)
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

// raw is the file as anyone else would open it.
func raw(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	return db
}
