package postgres_test

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/chudan-io/chudan/adapters/postgres"
	"github.com/chudan-io/chudan/adapters/storetest"
	"github.com/chudan-io/chudan/internal/pgtest"
	"github.com/chudan-io/chudan/policy"
)

var shared pgtest.Shared

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

func TestStore(t *testing.T) { storetest.Run(t, newHarness()) }

// newHarness remembers the database of each store, to look into it.
func newHarness() storetest.Harness {
	databases := map[policy.Store]string{}
	openAt := func(t testing.TB, dsn string) policy.Store {
		s := open(t, postgres.Config{DSN: dsn})
		databases[s] = dsn
		return s
	}
	return storetest.Harness{
		Open: func(t testing.TB) policy.Store { return openAt(t, shared.Database(t)) },
		Reopen: func(t testing.TB, s policy.Store) policy.Store {
			if err := s.(*postgres.Store).Close(); err != nil {
				t.Error(err)
			}
			return openAt(t, databases[s])
		},
		Events: func(t testing.TB, s policy.Store) [][]byte { return events(t, databases[s]) },
		Audit:  func(t testing.TB, s policy.Store) []storetest.AuditRow { return audit(t, databases[s]) },
	}
}

// open gives a store that is closed with the test.
func open(t testing.TB, c postgres.Config) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func events(t testing.TB, dsn string) [][]byte {
	t.Helper()
	return read(t, dsn, `SELECT event FROM chudan_journal WHERE event IS NOT NULL ORDER BY chain, position`, pgx.RowTo[[]byte])
}

func audit(t testing.TB, dsn string) []storetest.AuditRow {
	t.Helper()
	return read(t, dsn, `SELECT audit, j.hash, c.hash FROM chudan_journal j JOIN chudan_chain c ON c.id = chain ORDER BY chain, position`,
		func(r pgx.CollectableRow) (row storetest.AuditRow, err error) {
			err = r.Scan(&row.Event, &row.Hash, &row.Begin)
			return row, err
		})
}

// read looks into the database past the store.
func read[T any](t testing.TB, dsn, query string, scan func(pgx.CollectableRow) (T, error)) []T {
	t.Helper()
	conn := pgtest.Connect(t, dsn)
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, scan)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
