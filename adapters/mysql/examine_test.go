package mysql_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/chudan-io/chudan/adapters/mysql"
	"github.com/chudan-io/chudan/adapters/storetest"
	"github.com/chudan-io/chudan/internal/mytest"
	"github.com/chudan-io/chudan/policy"
)

// acknowledgements are policy numbers by identifier.
type acknowledgements struct {
	mu      sync.Mutex
	numbers map[string]string
}

// take notes what a caller was told, and fails where another one was told otherwise.
func (a *acknowledgements) take(t *testing.T, r policy.Record) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.numbers == nil {
		a.numbers = map[string]string{}
	}
	if before, known := a.numbers[r.Key.Identifier]; known && before != r.Number {
		t.Errorf("%s was acknowledged as %s and as %s", r.Key.Identifier, before, r.Number)
	}
	a.numbers[r.Key.Identifier] = r.Number
}

func (a *acknowledgements) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.numbers)
}

// examine lists what is wrong with a database, given what was acknowledged.
func examine(t *testing.T, server *mytest.Server, database string, acknowledged *acknowledgements) (problems []string) {
	t.Helper()
	s := open(t, mysql.Config{DSN: server.URL(database)})
	for identifier, number := range acknowledged.numbers {
		r, err := s.Find(t.Context(), draft(identifier).Key)
		switch {
		case errors.Is(err, policy.ErrNotFound):
			problems = append(problems, fmt.Sprintf("%s was acknowledged as %s and is lost", identifier, number))
		case err != nil:
			t.Fatal(err)
		case r.Number != number:
			problems = append(problems, fmt.Sprintf("%s was acknowledged as %s and is %s", identifier, number, r.Number))
		}
	}
	for query, want := range map[string]string{
		// The numbers are those from 1 to the count of policies, each once.
		`SELECT count(*) - count(DISTINCT number) FROM chudan_record`:                                                        "0",
		`SELECT count(*) FROM chudan_record WHERE CAST(substr(number, 2) AS SIGNED) > (SELECT count(*) FROM chudan_record)`:  "0",
		`SELECT count(*) - count(DISTINCT identifier) FROM chudan_record`:                                                    "0",
		`SELECT (SELECT sequence FROM chudan_head) - (SELECT count(*) FROM chudan_record)`:                                   "0",
		`SELECT (SELECT journal FROM chudan_head) - (SELECT count(*) FROM chudan_journal)`:                                   "0",
		`SELECT count(*) FROM chudan_head JOIN chudan_journal ON journal = id WHERE chudan_head.hash <> chudan_journal.hash`: "0",
		`SELECT count(*) FROM chudan_record WHERE id NOT IN (SELECT record FROM chudan_claim)`:                               "0",
		`SELECT (SELECT count(*) FROM chudan_claim) - (SELECT count(*) FROM chudan_record)`:                                  "0",
		`SELECT (SELECT count(event) FROM chudan_journal) - (SELECT count(*) FROM chudan_record)`:                            "0",
		`SELECT (SELECT count(*) FROM chudan_outbox) - (SELECT count(*) FROM chudan_record)`:                                 "0",
	} {
		if got := strings.Join(read(t, server, database, query, scanText), ", "); got != want {
			problems = append(problems, fmt.Sprintf("%s: %s, want %s", query, got, want))
		}
	}
	if err := storetest.VerifyChain(audit(t, server, database)); err != nil {
		problems = append(problems, err.Error())
	}
	return problems
}

func sound(t *testing.T, server *mytest.Server, database string, acknowledged *acknowledgements) {
	t.Helper()
	for _, problem := range examine(t, server, database, acknowledged) {
		t.Error(problem)
	}
}
