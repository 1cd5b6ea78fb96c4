package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/postgres"
	"github.com/chudan-io/chudan/internal/pgtest"
	"github.com/chudan-io/chudan/policy"
)

var erasedAt = time.Date(2036, 1, 2, 3, 4, 5, 6000, time.UTC)

// TestErasingIsAllThatPasses: the triggers let a record be erased, and nothing
// beside.
func TestErasingIsAllThatPasses(t *testing.T) {
	dsn := shared.Database(t)
	s := open(t, postgres.Config{DSN: dsn})
	for _, k := range []string{"k", "held", "erased"} {
		if _, _, err := s.Issue(t.Context(), issuing(key("%s", k), "a")); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []policy.Draft{
		{Key: key("booking"), Complete: func(uint64) (policy.Entry, error) { return entry(key("booking"), policy.StatusReserved, "", "a"), nil }},
		{Key: key("refused"), Complete: func(uint64) (policy.Entry, error) { return entry(key("refused"), policy.StatusRefused, "", "a"), nil }},
	} {
		if _, won, err := s.Issue(t.Context(), d); err != nil || !won {
			t.Fatal(won, err)
		}
	}
	if err := s.Hold(t.Context(), policy.Hold{Key: key("held"), By: "a", Why: "b", At: at}, []byte("held")); err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"erased", "refused"} {
		if err := s.Erase(t.Context(), key("%s", k), 1, erasedAt, []byte("erased")); err != nil {
			t.Fatal(err)
		}
	}
	conn := pgtest.Connect(t, dsn)
	of := func(k string) string {
		return fmt.Sprintf(` WHERE key = (SELECT id FROM chudan_key WHERE identifier = '%s')`, k)
	}
	const emptied = `UPDATE chudan_record SET sealed = '', fingerprint = '', erased = now()`
	for name, slip := range map[string]string{
		"not dated":            `UPDATE chudan_record SET sealed = '', fingerprint = ''` + of("k"),
		"dated alone":          `UPDATE chudan_record SET erased = now()` + of("k"),
		"fingerprint left":     `UPDATE chudan_record SET sealed = '', erased = now()` + of("k"),
		"something else in it": `UPDATE chudan_record SET sealed = 'x', fingerprint = '', erased = now()` + of("k"),
		"with another number":  emptied + `, number = 'P9'` + of("k"),
		"without a number":     emptied + `, number = NULL, status = 'refused'` + of("k"),
		"with another key":     emptied + `, key = 99` + of("k"),
		"at another time":      emptied + `, at = at + interval '1 s'` + of("k"),
		"held":                 emptied + of("held"),
		"being booked":         emptied + of("booking"),
		"dated anew":           `UPDATE chudan_record SET erased = now()` + of("erased"),
		"back":                 `UPDATE chudan_record SET erased = NULL` + of("erased"),
		"filled again":         `UPDATE chudan_record SET sealed = 'x'` + of("erased"),
		"deleted":              `DELETE FROM chudan_record` + of("erased"),
		"all of them":          `TRUNCATE chudan_record`,
		"in the place of it":   `INSERT INTO chudan_record SELECT key, 2, status, number, product, edition, digest, fingerprint, at, sealed FROM chudan_record` + of("refused"),
		"another hold":         `UPDATE chudan_hold SET why = 'c'`,
		"all holds":            `TRUNCATE chudan_hold`,
	} {
		if _, err := conn.Exec(t.Context(), slip); err == nil {
			t.Errorf("%s was let pass", name)
		}
	}
	exec(t, conn, emptied+of("k"))
}

// TestPurgingRights: who purges needs these rights beside those of who serves,
// and no more.
func TestPurgingRights(t *testing.T) {
	cluster := shared.Cluster(t)
	dsn := shared.Database(t)
	s := open(t, postgres.Config{DSN: dsn})
	for _, k := range []string{"k", "held"} {
		if _, _, err := s.Issue(t.Context(), issuing(key("%s", k), "a")); err != nil {
			t.Fatal(err)
		}
	}
	conn := pgtest.Connect(t, dsn)
	schema := conn.Config().RuntimeParams["search_path"]
	exec(t, conn, `CREATE ROLE purging LOGIN PASSWORD 'p'; GRANT USAGE ON SCHEMA `+schema+` TO purging;
		GRANT SELECT ON ALL TABLES IN SCHEMA `+schema+` TO purging;
		GRANT INSERT ON chudan_chain, chudan_journal TO purging; GRANT UPDATE ON chudan_key TO purging;
		GRANT UPDATE (sealed, fingerprint, erased) ON chudan_record TO purging; GRANT INSERT, DELETE ON chudan_hold TO purging`)
	p := open(t, postgres.Config{DSN: cluster.DSNAs("purging", "p", "postgres") + "&search_path=" + schema})
	if err := p.Hold(t.Context(), policy.Hold{Key: key("held"), By: "a", Why: "b", At: at}, []byte("held")); err != nil {
		t.Error(err)
	}
	if err := p.Erase(t.Context(), key("k"), 1, erasedAt, []byte("erased")); err != nil {
		t.Error(err)
	}
	if err := p.Release(t.Context(), key("held"), []byte("released")); err != nil {
		t.Error(err)
	}
	if _, _, err := p.Issue(t.Context(), issuing(key("another"), "a")); err == nil {
		t.Error("who purges can issue")
	}
	exec(t, conn, `DROP OWNED BY purging; DROP ROLE purging`)
}
