package postgres_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/chudan-io/chudan/adapters/postgres"
	"github.com/chudan-io/chudan/internal/pgtest"
	"github.com/chudan-io/chudan/policy"
)

// verifyAudit is what the documentation of the package tells an auditor to do.
func verifyAudit(t testing.TB, dsn string) error {
	t.Helper()
	type link struct {
		Chain, Position int64
		Text, Hash      []byte
	}
	scan := func(r pgx.CollectableRow) (l link, err error) {
		err = r.Scan(&l.Chain, &l.Position, &l.Text, &l.Hash)
		return l, err
	}
	hashes := map[[2]int64]string{} // by chain and position; 0 is the opening
	var head [32]byte
	var openings []link
	for i, o := range read(t, dsn, `SELECT id, 0::bigint, opening, hash FROM chudan_chain ORDER BY id`, scan) {
		head = policy.ChainHash(head, o.Text)
		if o.Chain != int64(i)+1 || string(head[:]) != string(o.Hash) {
			return fmt.Errorf("opening %d of chain %d breaks the chain of openings", i+1, o.Chain)
		}
		hashes[[2]int64{o.Chain, 0}] = string(o.Hash)
		openings = append(openings, o)
	}
	for _, l := range read(t, dsn, `SELECT chain, position, audit, hash FROM chudan_journal ORDER BY chain, position`, scan) {
		before, there := hashes[[2]int64{l.Chain, l.Position - 1}]
		copy(head[:], before)
		if head = policy.ChainHash(head, l.Text); !there || string(head[:]) != string(l.Hash) {
			return fmt.Errorf("position %d of chain %d breaks it", l.Position, l.Chain)
		}
		hashes[[2]int64{l.Chain, l.Position}] = string(l.Hash)
	}
	for _, o := range openings {
		var said struct {
			Chain int64
			Heads []struct {
				Chain, Position int64
				Hash            string
			}
		}
		if err := json.Unmarshal(o.Text, &said); err != nil || said.Chain != o.Chain {
			return fmt.Errorf("the opening of chain %d says %s", o.Chain, o.Text)
		}
		for _, h := range said.Heads {
			if hex.EncodeToString([]byte(hashes[[2]int64{h.Chain, h.Position}])) != h.Hash {
				return fmt.Errorf("chain %d is not what the opening of %d saw", h.Chain, o.Chain)
			}
		}
	}
	return nil
}

// checkAudit holds what a store gives of its chains against policy.AuditCheck,
// read here past the store, so that copies of tables will do.
func checkAudit(t testing.TB, dsn string) bool {
	t.Helper()
	scan := func(row pgx.CollectableRow) (r policy.AuditRow, err error) {
		err = row.Scan(&r.Chain, &r.Position, &r.Event, &r.Hash)
		return r, err
	}
	var c policy.AuditCheck
	sound := true
	for _, query := range []string{
		`SELECT id, 0::bigint, opening, hash FROM chudan_chain ORDER BY id`,
		`SELECT chain, position, audit, hash FROM chudan_journal ORDER BY chain, position`,
	} {
		for _, r := range read(t, dsn, query, scan) {
			sound = c.Add(r) && sound
		}
	}
	return sound && len(c.Missing()) == 0
}

func verify(t testing.TB, dsn string) {
	t.Helper()
	if err := verifyAudit(t, dsn); err != nil {
		t.Error(err)
	}
}

// TestAudit alters history in every way that the package says is found, and in
// those that it says are not.
func TestAudit(t *testing.T) {
	dsn := shared.Database(t)
	for c := range 3 { // one after the other: 3 chains of 4
		s := open(t, postgres.Config{DSN: dsn})
		for i := range 4 {
			if _, _, err := s.Issue(t.Context(), issuing(key("k-%d-%d", c, i), "a")); err != nil {
				t.Fatal(err)
			}
		}
		_ = s.Close()
	}
	verify(t, dsn)
	conn := pgtest.Connect(t, dsn)
	for name, c := range map[string]struct {
		tamper string
		found  bool
	}{
		"altered":                          {`UPDATE chudan_journal SET audit = audit || '!' WHERE chain = 2 AND position = 2`, true},
		"altered with its hash":            {`UPDATE chudan_journal SET hash = sha256(audit) WHERE chain = 2 AND position = 2`, true},
		"dropped":                          {`DELETE FROM chudan_journal WHERE chain = 2 AND position = 2`, true},
		"dropped, and the others moved up": {`DELETE FROM chudan_journal WHERE chain = 2 AND position = 2; UPDATE chudan_journal SET position = position - 1 WHERE chain = 2 AND position > 2`, true},
		"swapped":                          {`UPDATE chudan_journal a SET audit = b.audit FROM chudan_journal b WHERE a.chain = b.chain AND a.chain = 2 AND a.position + b.position = 5`, true},
		"inserted":                         {`INSERT INTO chudan_journal SELECT chain, 5, event, audit, hash FROM chudan_journal WHERE chain = 3 AND position = 4`, true},
		"of another chain":                 {`UPDATE chudan_journal a SET audit = b.audit, hash = b.hash FROM chudan_journal b WHERE a.position = b.position AND a.chain = 2 AND b.chain = 3`, true},
		"a chain dropped":                  {`DELETE FROM chudan_journal WHERE chain = 2; DELETE FROM chudan_chain WHERE id = 2`, true},
		"a chain dropped and renumbered":   {`DELETE FROM chudan_journal WHERE chain = 2; DELETE FROM chudan_chain WHERE id = 2; UPDATE chudan_journal SET chain = 2 WHERE chain = 3; UPDATE chudan_chain SET id = 2 WHERE id = 3`, true},
		"the positions of a chain dropped": {`DELETE FROM chudan_journal WHERE chain = 2`, true},
		"an earlier chain cut off":         {`DELETE FROM chudan_journal WHERE chain = 1 AND position = 4`, true},
		"an opening altered":               {`UPDATE chudan_chain SET opening = '{"chain":2,"heads":[]}' WHERE id = 2`, true},
		"the last chain cut off":           {`DELETE FROM chudan_journal WHERE chain = 3 AND position = 4`, false},
		"the last chain dropped":           {`DELETE FROM chudan_journal WHERE chain = 3; DELETE FROM chudan_chain WHERE id = 3`, false},
	} {
		t.Run(name, func(t *testing.T) {
			// Copies: the tables themselves refuse.
			exec(t, conn, `CREATE SCHEMA tampered; SET search_path = tampered`)
			defer exec(t, conn, `DROP SCHEMA tampered CASCADE`)
			source := conn.Config().RuntimeParams["search_path"]
			for _, table := range []string{"chudan_chain", "chudan_journal"} {
				exec(t, conn, fmt.Sprintf(`CREATE TABLE %[2]s AS TABLE %[1]s.%[2]s`, source, table))
			}
			exec(t, conn, c.tamper)
			err := verifyAudit(t, shared.Cluster(t).DSN("postgres")+"&search_path=tampered")
			if (err != nil) != c.found {
				t.Errorf("got %v, want found %v", err, c.found)
			}
			if checkAudit(t, shared.Cluster(t).DSN("postgres")+"&search_path=tampered") == c.found {
				t.Errorf("policy.AuditCheck does not say found %v", c.found)
			}
		})
	}
}

// TestFinal: what is kept cannot be changed by a slip of the hand.
func TestFinal(t *testing.T) {
	dsn := shared.Database(t)
	s := open(t, postgres.Config{DSN: dsn})
	if _, _, err := s.Issue(t.Context(), issuing(key("k"), "a", "S1")); err != nil {
		t.Fatal(err)
	}
	if err := s.KeepEdition(t.Context(), policy.ArchivedEdition{Product: "P", Edition: "1", Digest: "d", At: at}); err != nil {
		t.Fatal(err)
	}
	referring := policy.Draft{Key: key("r"), Complete: func(uint64) (policy.Entry, error) {
		return entry(key("r"), policy.StatusReferred, "", "a"), nil
	}}
	if _, _, err := s.Issue(t.Context(), referring); err != nil {
		t.Fatal(err)
	}
	if err := s.Enter(t.Context(), policy.Visit{At: at, Key: key("k")}); err != nil {
		t.Fatal(err)
	}
	conn := pgtest.Connect(t, dsn)
	var refused []string
	for table, column := range map[string]string{
		"chudan_key": "tenant", "chudan_record": "product", "chudan_claim": "value", "chudan_chain": "hash",
		"chudan_journal": "audit", "chudan_edition": "digest", "chudan_outbox": "position", "chudan_pending": "key", "chudan_visit": "code",
	} {
		refused = append(refused, fmt.Sprintf(`UPDATE %s SET %s = %[2]s`, table, column), `TRUNCATE `+table)
		if table != "chudan_outbox" && table != "chudan_visit" {
			refused = append(refused, `DELETE FROM `+table)
		}
	}
	refused = append(refused,
		`INSERT INTO chudan_pending VALUES (1)`,
		`INSERT INTO chudan_record SELECT key, 2, 'refused', NULL, product, edition, digest, fingerprint, at, sealed FROM chudan_record WHERE status = 'issued'`,
		`INSERT INTO chudan_record SELECT key, 3, 'refused', NULL, product, edition, digest, fingerprint, at, sealed FROM chudan_record`,
		`INSERT INTO chudan_record SELECT key + 1, revision, status, number, product, edition, digest, fingerprint, at, sealed FROM chudan_record`,
		`INSERT INTO chudan_record SELECT key + 1, revision, 'pending', NULL, product, edition, digest, fingerprint, at, sealed FROM chudan_record`,
	)
	for _, statement := range refused {
		if _, err := conn.Exec(t.Context(), statement); err == nil {
			t.Errorf("was not refused: %s", statement)
		}
	}
	if _, err := s.Find(t.Context(), key("k")); err != nil {
		t.Error(err)
	}
	verify(t, dsn)
}

func exec(t testing.TB, conn *pgx.Conn, statements string) {
	t.Helper()
	if _, err := conn.PgConn().Exec(t.Context(), statements).ReadAll(); err != nil {
		t.Fatalf("%s: %v", statements, err)
	}
}

func scalar(t testing.TB, dsn, query string) int {
	t.Helper()
	return read(t, dsn, query, pgx.RowTo[int])[0]
}
