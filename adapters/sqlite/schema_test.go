package sqlite_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/chudan-io/chudan/adapters/sqlite"
	"github.com/chudan-io/chudan/adapters/storetest"
	"github.com/chudan-io/chudan/policy"
)

// rowsOf3 are what a file of version 3 may hold: a policy that was referred
// before, and a refusal.
const rowsOf3 = `
INSERT INTO record VALUES (3, 'k3', 'app-1', 2, 'issued', 'N0', 'P', 'E', 'd', x'01', 1000, x'0203');
INSERT INTO record VALUES (7, 'k7', 'app-1', 1, 'refused', NULL, 'P', 'E', 'd', x'01', 2000, x'04');
INSERT INTO record VALUES (8, 'k8', 'app-1', 1, 'referred', NULL, 'P', 'E', 'd', x'01', 3000, x'05');
INSERT INTO history VALUES (3, 1, 'referred', 'P', 'E', 'd', x'01', 500, x'06');
INSERT INTO claim VALUES ('S3', 'attrs.premiumFundStreamNo', 'app-1', 3);`

// TestMigratedWithRows: a file of the version before is the same file
// afterwards, and what was final stays so.
func TestMigratedWithRows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	execute(t, path, `PRAGMA journal_mode = WAL; `+sqlite.Schema(3)+`;`+rowsOf3)
	// Another program that has the file open learns that the schema is another one.
	other := raw(t, path)
	defer other.Close()
	if _, err := other.ExecContext(t.Context(), `SELECT count(*) FROM record`); err != nil {
		t.Fatal(err)
	}
	const records = `SELECT concat_ws('|', id, identifier, tenant, revision, status, number, product, edition, digest, hex(fingerprint), at, hex(sealed)) FROM record ORDER BY id`
	const schema = `SELECT type || ' ' || name || ' ' || tbl_name FROM sqlite_schema ORDER BY 1`
	rows, before := read(t, path, records, scanText), read(t, path, schema, scanText)

	s := open(t, sqlite.Config{Path: path})
	if got := read(t, path, records, scanText); !slices.Equal(got, rows) {
		t.Errorf("the records were\n%q and are\n%q", rows, got)
	}
	after := read(t, path, schema, scanText)
	for _, one := range before {
		if !slices.Contains(after, one) {
			t.Errorf("%s is gone", one)
		}
	}
	for _, check := range []string{`PRAGMA integrity_check`, `SELECT coalesce((SELECT 'broken' FROM pragma_foreign_key_check), 'ok')`} {
		if got := read(t, path, check, scanText); !slices.Equal(got, []string{"ok"}) {
			t.Errorf("%s: %q", check, got)
		}
	}
	if _, err := other.ExecContext(t.Context(), `INSERT INTO record (id, identifier, tenant, revision, status, number, product, edition, digest, fingerprint, at, sealed) VALUES (9, 'k9', 'app-1', 1, 'reserved', NULL, 'P', 'E', 'd', x'', 0, x'')`); err != nil {
		t.Errorf("the connection that was open keeps to the schema before: %v", err)
	}
	for _, slip := range []string{
		`UPDATE record SET status = 'made up' WHERE id = 9`, `UPDATE record SET sealed = x'' WHERE id = 3`, `DELETE FROM record WHERE id = 7`,
		`DELETE FROM claim`, `DELETE FROM history`, `INSERT INTO record VALUES (10, 'k7', 'app-1', 1, 'reserved', NULL, 'P', 'E', 'd', x'', 0, x'', NULL)`,
	} {
		if _, err := other.ExecContext(t.Context(), slip); err == nil {
			t.Errorf("%s was let pass", slip)
		}
	}
	issueOne(t, s, "k")
	for status, want := range map[policy.Status]string{policy.StatusReferred: "k8", policy.StatusReserved: "k9"} {
		if got := identifiers(t, s, policy.Selection{Status: status}); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %q, want %s", status, got, want)
		}
	}
	if err := storetest.VerifyChain(audit(t, path)); err != nil {
		t.Error(err)
	}
}

// TestMadeAnewOrMigrated: both ways lead to one schema.
func TestMadeAnewOrMigrated(t *testing.T) {
	anew, migrated := filepath.Join(t.TempDir(), "anew.db"), filepath.Join(t.TempDir(), "migrated.db")
	execute(t, migrated, sqlite.Schema(1))
	var texts [2][]string
	for i, path := range []string{anew, migrated} {
		open(t, sqlite.Config{Path: path})
		texts[i] = read(t, path, `SELECT name || ': ' || coalesce(sql, '') FROM sqlite_schema ORDER BY name`, scanText)
	}
	if !slices.Equal(texts[0], texts[1]) {
		t.Errorf("made anew:\n%q\nmigrated:\n%q", texts[0], texts[1])
	}
}
