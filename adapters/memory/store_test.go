package memory_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/chudan-io/chudan/adapters/memory"
	"github.com/chudan-io/chudan/adapters/storetest"
	"github.com/chudan-io/chudan/policy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	storetest.Run(t, storetest.Harness{
		Open:   func(testing.TB) policy.Store { return memory.New() },
		Events: func(_ testing.TB, s policy.Store) [][]byte { return s.(*memory.Store).Events() },
		Audit:  func(_ testing.TB, s policy.Store) []storetest.AuditRow { return audit(s.(*memory.Store)) },
	})
}

// audit hashes the events on the way out: what is forgotten with the process
// has nobody to be proved to.
func audit(s *memory.Store) []storetest.AuditRow {
	var head [32]byte
	var rows []storetest.AuditRow
	for _, event := range s.Audit() {
		head = policy.ChainHash(head, event)
		rows = append(rows, storetest.AuditRow{Event: event, Hash: append([]byte(nil), head[:]...)})
	}
	return rows
}
