package postgres_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/chudan-io/chudan/adapters/postgres"
	"github.com/chudan-io/chudan/internal/pgtest"
	"github.com/chudan-io/chudan/policy"
)

// minutes writes a policy for each of so many minutes since at, past the store.
func minutes(t testing.TB, conn *pgx.Conn, n string) {
	t.Helper()
	exec(t, conn, `INSERT INTO chudan_key (identifier, tenant) SELECT 'k-' || i, 'app-1' FROM generate_series(1, `+n+`) i;
		INSERT INTO chudan_record SELECT i, 1, 'issued', 'N' || i, 'P', '1', 'd', 'f', '2021-08-04 15:23:28.123457+00'::timestamptz + i * interval '1 min', 's'
			FROM generate_series(1, `+n+`) i; ANALYZE`)
}

func listed(t testing.TB, s *postgres.Store, sel policy.Selection) (identifiers []string) {
	t.Helper()
	for r, err := range s.List(t.Context(), sel) {
		if err != nil {
			t.Fatal(err)
		}
		identifiers = append(identifiers, r.Key.Identifier)
	}
	return identifiers
}

// TestListTime: a listing of a time is what a listing of everything has of it,
// in the same order, also where a key of long ago was decided anew.
func TestListTime(t *testing.T) {
	dsn := shared.Database(t)
	s := open(t, postgres.Config{DSN: dsn})
	deciding := func(k policy.Key, status policy.Status, at time.Time, replaces int64) {
		t.Helper()
		_, won, err := s.Issue(t.Context(), policy.Draft{Key: k, Replaces: replaces, Complete: func(uint64) (policy.Entry, error) {
			e := entry(k, status, "", "a")
			e.Record.At = at
			return e, nil
		}})
		if err != nil || !won {
			t.Fatal(won, err)
		}
	}
	// Keys enough for four blocks.
	deciding(key("early"), policy.StatusReferred, at, 0)
	deciding(key("left"), policy.StatusReferred, at.Add(9000*time.Minute), 0)
	conn := pgtest.Connect(t, dsn)
	exec(t, conn, `INSERT INTO chudan_key (identifier, tenant) SELECT 'k-' || i, 'app-1' FROM generate_series(3, 13000) i;
		INSERT INTO chudan_record SELECT i, 1, 'issued', 'N' || i, 'P', '1', 'd', 'f', '2021-08-04 15:23:28.123457+00'::timestamptz + i * interval '1 min', 's'
			FROM generate_series(3, 13000) i`)
	deciding(key("early"), policy.StatusRefused, at.Add(9001*time.Minute), 1)
	deciding(key("left"), policy.StatusRefused, at.Add(20000*time.Minute), 1)

	all := []policy.Record{}
	for r, err := range s.List(t.Context(), policy.Selection{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	if len(all) != 13000 {
		t.Fatalf("%d of 13000 are listed", len(all))
	}
	for name, sel := range map[string]policy.Selection{
		"within a block":       {From: at.Add(9000 * time.Minute), To: at.Add(9010 * time.Minute)},
		"across blocks":        {From: at.Add(4000 * time.Minute), To: at.Add(12300 * time.Minute)},
		"to the end":           {From: at.Add(12000 * time.Minute)},
		"from the beginning":   {To: at.Add(300 * time.Minute)},
		"refused":              {From: at.Add(9000 * time.Minute), Status: policy.StatusRefused},
		"none":                 {From: at.Add(30000 * time.Minute)},
		"from behind its own":  {From: at.Add(9010 * time.Minute), To: at.Add(9000 * time.Minute)},
		"decided anew by then": {From: at, To: at.Add(time.Minute)},
	} {
		var want []string
		for i := range all {
			if sel.Selects(&all[i]) {
				want = append(want, all[i].Key.Identifier)
			}
		}
		if diff := cmp.Diff(want, listed(t, s, sel)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestListPlans: what finds the keys of a listing reads an index, and of it
// what is wanted alone.
func TestListPlans(t *testing.T) {
	dsn := shared.Database(t)
	s := open(t, postgres.Config{DSN: dsn})
	conn := pgtest.Connect(t, dsn)
	minutes(t, conn, "20000")
	exec(t, conn, `VACUUM ANALYZE`)
	day := `'2021-08-08 00:00+00', '2021-08-08 01:00+00'`
	for query, want := range map[string][]string{
		"keys":    {"chudan_key_pkey", "rows=256"},
		"pending": {"chudan_pending_pkey", "rows=0"},
		"last":    {"chudan_key_pkey", "rows=1"},
		"blocks":  {"chudan_record_at", "Index Cond: key >> 12 = b.b AND at >= ", "loops=5", "rows=1 loops=1"},
		"between": {"chudan_record_at", "Index Cond: key >> 12 = $1 AND at >= ", "rows=60"},
		"records": {"chudan_key_pkey", "chudan_record_pkey"},
	} {
		args := map[string]string{
			"keys": `0, 256`, "pending": `0, 256`, "last": ``, "blocks": `0, 4, ` + day, "between": `1, ` + day,
			"records": `'{7,8,9}', '', '', '', '', NULL, NULL`,
		}[query]
		plan, err := s.Explain(t.Context(), query, args)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		plan = strings.NewReplacer("(", "", ")", "").Replace(plan) // of which servers put more or fewer
		for _, w := range want {
			if !strings.Contains(plan, w) {
				t.Errorf("%s: the plan does not say %q:\n%s", query, w, plan)
			}
		}
		if strings.Contains(plan, "Seq Scan") || query != "records" && strings.Contains(plan, "Removed by Filter") {
			t.Errorf("%s: the plan reads what is not wanted:\n%s", query, plan)
		}
	}
}

// TestMigrate: what the first version of the schema holds is carried over, and
// goes on from there.
func TestMigrate(t *testing.T) {
	dsn := shared.Database(t)
	first, err := os.ReadFile("schema/1.sql")
	if err != nil {
		t.Fatal(err)
	}
	conn := pgtest.Connect(t, dsn)
	exec(t, conn, string(first)+`;
		CREATE TABLE chudan_schema (version int PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now()); INSERT INTO chudan_schema VALUES (1);
		INSERT INTO chudan_key (identifier, tenant) VALUES ('issued', 'app-1'), ('referred', 'app-1'), ('settled', 'app-1'), ('refused', 'app-1');
		INSERT INTO chudan_record VALUES
			(1, 1, 'issued', 'N1', 'P', '1', 'd', 'f', '2021-08-04 00:00+00', 's'), (2, 1, 'referred', NULL, 'P', '1', 'd', 'f', '2021-08-05 00:00+00', 's'),
			(3, 1, 'referred', NULL, 'P', '1', 'd', 'f', '2021-08-05 00:00+00', 's'), (3, 2, 'issued', 'N3', 'P', '1', 'd', 'f', '2021-08-06 00:00+00', 's'),
			(4, 1, 'refused', NULL, 'P', '1', 'd', 'f', '2021-08-05 00:00+00', 's');
		INSERT INTO chudan_claim VALUES ('S1', 'attrs.premiumFundStreamNo', 'app-1', 'issued')`)
	s := open(t, postgres.Config{DSN: dsn})
	for name, c := range map[string]struct {
		sel  policy.Selection
		want []string
	}{
		"all":       {policy.Selection{}, []string{"issued", "referred", "settled", "refused"}},
		"pending":   {policy.Selection{Status: policy.StatusReferred}, []string{"referred"}},
		"of a time": {policy.Selection{From: time.Date(2021, 8, 5, 0, 0, 0, 0, time.UTC)}, []string{"referred", "settled", "refused"}},
	} {
		if got := listed(t, s, c.sel); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	accepting := policy.Draft{Key: key("referred"), Replaces: 1, Complete: func(uint64) (policy.Entry, error) {
		return entry(key("referred"), policy.StatusAccepted, "", "a"), nil
	}}
	if _, won, err := s.Issue(t.Context(), accepting); err != nil || !won {
		t.Fatal(won, err)
	}
	if got := listed(t, s, policy.Selection{Status: policy.StatusReferred}); len(got) > 0 {
		t.Errorf("still referred: %v", got)
	}
	if got := listed(t, s, policy.Selection{Status: policy.StatusAccepted}); !slices.Equal(got, []string{"referred"}) {
		t.Errorf("accepted: %v", got)
	}
	if n := scalar(t, dsn, `SELECT max(version) FROM chudan_schema`); n != postgres.Migrations() {
		t.Errorf("version %d, want %d", n, postgres.Migrations())
	}
}
