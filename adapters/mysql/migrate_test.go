package mysql_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/adapters/mysql"
	"github.com/chudan-io/chudan/policy"
)

// TestMigration: a database that the program's first release made and filled
// is brought up to date, and goes on where it was.
func TestMigration(t *testing.T) {
	server := newServer(t)
	database := server.Database(t)
	first, err := os.ReadFile("schema/1.sql")
	if err != nil {
		t.Fatal(err)
	}
	steps := strings.Split(strings.TrimSuffix(string(first), ";\n"), ";\n")
	for _, statement := range append(steps,
		`CREATE TABLE chudan_version (one TINYINT NOT NULL PRIMARY KEY, version INT NOT NULL) ENGINE = InnoDB`,
		fmt.Sprintf(`INSERT INTO chudan_version VALUES (1, %d)`, len(steps)),
		`INSERT INTO chudan_record VALUES (1, 'k1', 'app-1', 1, 'issued', 'N1', 'P', 'E', 'd', '', 1628061808123457, 'x'),
			(2, 'k2', 'app-1', 1, 'referred', NULL, 'P', 'E', 'd', '', 1628061808123458, 'y')`,
		`INSERT INTO chudan_claim VALUES ('k1', 'attrs.premiumFundStreamNo', 'app-1', 1)`,
		`INSERT INTO chudan_journal VALUES (1, NULL, 'a', UNHEX('6b5e7ed4ee0ebc4ac94d4c6f5ed3ca8b6c1b1bf7d1d16d6c1d1d1d1d1d1d1d1d'))`,
		`UPDATE chudan_head SET record = 2, journal = 1, sequence = 1, hash = (SELECT hash FROM chudan_journal)`,
	) {
		server.Exec(t, database, statement)
	}
	s := open(t, mysql.Config{DSN: server.URL(database)})
	if version := read(t, server, database, `SELECT version FROM chudan_version`, scanText)[0]; version != fmt.Sprint(mysql.Steps()) {
		t.Errorf("the schema has version %s of %d", version, mysql.Steps())
	}
	if r, err := s.Policy(t.Context(), "N1"); err != nil || r.Key.Identifier != "k1" || string(r.Sealed) != "x" {
		t.Errorf("the policy: %v, %v", r.Key, err)
	}
	var pending []string
	for r, err := range s.List(t.Context(), policy.Selection{Status: policy.StatusReferred}) {
		if err != nil {
			t.Fatal(err)
		}
		pending = append(pending, r.Key.Identifier)
	}
	if len(pending) != 1 || pending[0] != "k2" {
		t.Errorf("pending are %q", pending)
	}
	d := draft("k3")
	d.Unique[0].Value = "k1"
	if _, _, err := s.Issue(t.Context(), d); !errors.As(err, new(*policy.TakenError)) {
		t.Errorf("the business key of the policy: %v", err)
	}
	d = draft("k2")
	d.Replaces = 1
	if r, won, err := s.Issue(t.Context(), d); err != nil || !won || r.Number != "N2" || r.Revision != 2 {
		t.Errorf("the referred one is %s, won %v, %v", r.Number, won, err)
	}
}
