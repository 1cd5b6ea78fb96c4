package postgres_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/adapters/postgres"
	"github.com/chudan-io/chudan/internal/pgtest"
	"github.com/chudan-io/chudan/policy"
)

// parting is how docs/operate.md parts chudan_record, with another boundary.
func parting(t *testing.T, page, boundary, end string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/" + page)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(string(text), "```sql\n") {
		if block, _, _ = strings.Cut(block, "```"); strings.Contains(block, "PARTITION BY RANGE") {
			block = strings.Replace(block, "GRANT SELECT, INSERT ON chudan_record TO chudan;\n", "", 1) // there is no such role here
			return strings.NewReplacer("100000000", boundary, "200000000", end).Replace(block)
		}
	}
	t.Fatalf("%s does not tell how to part chudan_record", page)
	return ""
}

// TestParted: a store that is parted as the guide for operators says goes on as
// it did: what was kept is found, erased and final, in each part.
func TestParted(t *testing.T) {
	for _, page := range []string{"operate.md", "operate.zh-CN.md"} {
		t.Run(page, func(t *testing.T) {
			dsn := shared.Database(t)
			s := open(t, postgres.Config{DSN: dsn})
			win := func(d policy.Draft) {
				t.Helper()
				if _, won, err := s.Issue(t.Context(), d); err != nil || !won {
					t.Fatal(won, err)
				}
			}
			referred := func(k policy.Key) policy.Draft {
				return policy.Draft{Key: k, Complete: func(uint64) (policy.Entry, error) { return entry(k, policy.StatusReferred, "", "a"), nil }}
			}
			win(issuing(key("old"), "a", "S1"))
			win(issuing(key("held"), "a"))
			win(referred(key("waits")))
			conn := pgtest.Connect(t, dsn)
			exec(t, conn, parting(t, page, "10", "1000000"))
			for i := range 20 {
				win(issuing(key("new-%d", i), "a"))
			}
			later := issuing(key("waits"), "b")
			later.Replaces = 1
			win(later)
			if got := scalar(t, dsn, `SELECT (SELECT count(*) FROM ONLY chudan_record_0) * 1000 + (SELECT count(*) FROM ONLY chudan_record_1)`); got != 10*1000+14 {
				t.Errorf("%d records in the parts", got)
			}

			if err := s.Hold(t.Context(), policy.Hold{Key: key("held"), By: "a", Why: "b", At: at}, []byte("held")); err != nil {
				t.Fatal(err)
			}
			if err := s.Erase(t.Context(), key("held"), 1, erasedAt, []byte("erased")); !errors.As(err, new(*policy.HeldError)) {
				t.Errorf("held: %v", err)
			}
			for k, revision := range map[string]int64{"old": 1, "waits": 2, "new-19": 1} {
				if err := s.Erase(t.Context(), key("%s", k), revision, erasedAt, []byte("erased")); err != nil {
					t.Fatal(err)
				}
				if r, err := s.Find(t.Context(), key("%s", k)); err != nil || !r.Erased() || len(r.Sealed) > 0 {
					t.Errorf("%s: erased at %v, %v", k, r.ErasedAt, err)
				}
			}
			for _, slip := range []string{
				`UPDATE chudan_record SET sealed = 'x'`, `UPDATE chudan_record_0 SET sealed = 'x'`, `UPDATE chudan_record_1 SET sealed = 'x'`,
				`DELETE FROM chudan_record`, `DELETE FROM chudan_record_0`, `DELETE FROM chudan_record_1`, `TRUNCATE chudan_record_1`,
				`UPDATE chudan_record_0 SET sealed = '', fingerprint = '', erased = now() WHERE key = 2`,
			} {
				if _, err := conn.Exec(t.Context(), slip); err == nil {
					t.Errorf("%s was let pass", slip)
				}
			}
			exec(t, conn, `ALTER TABLE chudan_record DETACH PARTITION chudan_record_0`)
			if _, won, err := s.Issue(t.Context(), issuing(key("old"), "b")); !errors.Is(err, policy.ErrUnavailable) || won {
				t.Errorf("a key whose part is detached: won %v, %v", won, err)
			}
		})
	}
}
