package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
)

// rewrite computes the hashes of a journal anew, as whoever owns the database
// can.
func rewrite(t testing.TB, db *sql.DB) {
	t.Helper()
	rows, err := db.Query(`SELECT id, audit FROM journal ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var head [32]byte
	hashes := map[int64][]byte{}
	for rows.Next() {
		var id int64
		var event []byte
		if err := rows.Scan(&id, &event); err != nil {
			t.Fatal(err)
		}
		head = policy.ChainHash(head, event)
		hashes[id] = slices.Clone(head[:])
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for id, hash := range hashes {
		if _, err := db.Exec(`UPDATE journal SET hash = ? WHERE id = ?`, hash, id); err != nil {
			t.Fatal(err)
		}
	}
}

// A database is tampered with by somebody who may do anything to it: what is
// found, by what means, and where.
func TestVerifyAudit(t *testing.T) {
	dir := t.TempDir()
	base := filepath.Join(dir, "base.db")
	if code, _, stderr := chudan(t, string(manyLines(t, 40)), "issue", "--store", "sqlite:"+base, "-"); code != exitOK {
		t.Fatal(stderr)
	}
	code, head, stderr := chudan(t, "", "verify-audit", "--lang", "en", "--store", "sqlite:"+base)
	_, anchored, _ := strings.Cut(strings.TrimSpace(head), "head: ")
	if code != exitOK || !strings.HasSuffix(anchored, "@40") {
		t.Fatal(code, head, stderr)
	}
	image, err := os.ReadFile(base)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		what    string
		tamper  string
		rewrite bool   // the hashes, afterwards
		chain   string // what is found without anything else
		anchor  string // and with the head from before
		records string // and with --records
	}{
		{"nothing", ``, false, "[]", "found", "[]"},
		{"altered", `UPDATE journal SET audit = CAST(replace(CAST(audit AS TEXT), 'policy.issued', 'policy.refused') AS BLOB) WHERE id = 17`, false, "[17 breaks]", "found", "[17 breaks 17 other]"},
		{"deleted", `DELETE FROM journal WHERE id = 17`, false, "[18 breaks]", "found", "[18 breaks unaudited]"},
		{"inserted", `INSERT INTO journal (id, audit, hash, sequence) SELECT 41, audit, hash, sequence FROM journal WHERE id = 40`, false, "[41 breaks]", "found", "[41 breaks]"},
		{"swapped", `UPDATE journal SET id = -1 WHERE id = 17; UPDATE journal SET id = 17 WHERE id = 18; UPDATE journal SET id = 18 WHERE id = -1`, false, "[17 breaks 18 breaks 19 breaks]", "found", "[17 breaks 18 breaks 19 breaks]"},
		{"cut off", `DELETE FROM journal WHERE id > 30`, false, "[]", "gone", "[unaudited]"},
		{"all of it cut off", `DELETE FROM journal`, false, "[]", "gone", "[unaudited]"},
		{"written anew", `UPDATE journal SET audit = CAST(replace(CAST(audit AS TEXT), 'policy.issued', 'policy.refused') AS BLOB) WHERE id = 17`, true, "[]", "altered", "[17 other]"},
		{"a record altered", `UPDATE record SET number = 'P' WHERE id = (SELECT max(id) FROM record)`, false, "[]", "found", "[other]"},
		{"what was sealed altered", `UPDATE record SET sealed = zeroblob(9) WHERE id = (SELECT max(id) FROM record)`, false, "[]", "found", "[other]"},
		{"a record deleted", `DELETE FROM claim; DELETE FROM record WHERE id = 3`, false, "[]", "found", "[no-record]"},
		{"a record inserted", `INSERT INTO record SELECT 99, 'FORGED', tenant, revision, status, 'P', product, edition, digest, fingerprint, at, sealed, erased FROM record WHERE id = 1`, false, "[]", "found", "[unaudited]"},
	} {
		t.Run(c.what, func(t *testing.T) {
			path := filepath.Join(dir, fmt.Sprintf("%d.db", i))
			if err := os.WriteFile(path, image, 0o600); err != nil {
				t.Fatal(err)
			}
			db, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			for _, trigger := range []string{"record_stays", "record_issued_stays", "claim_stays", "journal_stays", "journal_final"} {
				if _, err := db.Exec(`DROP TRIGGER ` + trigger); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := db.Exec(c.tamper); err != nil {
				t.Fatal(err)
			}
			if c.rewrite {
				rewrite(t, db)
			}
			verify := func(args ...string) (flaws string, v verification) {
				code, out, stderr := chudan(t, "", append([]string{"verify-audit", "--format", "json", "--store", "sqlite:" + path}, args...)...)
				if err := json.Unmarshal([]byte(out), &v); err != nil {
					t.Fatal(err, stderr)
				}
				if (code == exitOK) != v.Holds || code != exitOK && code != exitBroken || v.Holds != (len(v.Heads) > 0) && v.Rows > 0 {
					t.Errorf("exit code %d: %s", code, out)
				}
				var all []string
				for _, f := range v.First {
					if f.Position == 0 || c.chain == "[]" && !c.rewrite {
						all = append(all, f.Problem) // at the row of the record that was last
						continue
					}
					all = append(all, fmt.Sprint(f.Position, " ", f.Problem))
				}
				return fmt.Sprint(all), v
			}
			if flaws, v := verify(); flaws != c.chain || v.Holds != (c.chain == "[]") {
				t.Errorf("the chain: %s, want %s", flaws, c.chain)
			}
			if _, v := verify("--anchor", anchored); v.Anchors[0].Result != c.anchor || v.Holds != (c.chain == "[]" && c.anchor == "found") {
				t.Errorf("the anchor is %s, want %s", v.Anchors[0].Result, c.anchor)
			}
			if flaws, _ := verify("--records"); flaws != c.records {
				t.Errorf("with records: %s, want %s", flaws, c.records)
			}
		})
	}
}
