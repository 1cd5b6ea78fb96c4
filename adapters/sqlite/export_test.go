package sqlite

import (
	"context"
	"fmt"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// What tests need to make happen that no file system does on demand.

// Exec runs a statement on the connection that writes.
func (s *Store) Exec(ctx context.Context, statement string) error {
	_, err := s.writer.session.conn.ExecContext(ctx, statement)
	return err
}

// Disconnect closes the connection that writes under the writer's feet.
func (s *Store) Disconnect() error { return s.writer.session.close() }

// OnCommit puts f in the place of COMMIT; it gets the real one. To be called
// before the first draft.
func (s *Store) OnCommit(f func(commit func() error) error) {
	s.writer.commit = func(ctx context.Context, session *session) error {
		return f(func() error { return commit(ctx, session) })
	}
}

// Verify holds one setting of the connection that writes against a value.
func (s *Store) Verify(ctx context.Context, name, want string) error {
	return verify(ctx, s.writer.session.conn, pragma{name, want})
}

// Queries are the statements that look something up.
func Queries() []string {
	s := &session{}
	var all []string
	for _, p := range append(s.statements(), (&Store{}).queries()...) {
		all = append(all, p.text)
	}
	return all
}

// Schema is what made a file of an earlier version.
func Schema(version int) string {
	return strings.Join(migrations[:version], "") + fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, version)
}

// The statements of List.
const (
	Everything, Pending, DecidedWithin                  = everything, pending, decidedWithin
	VisitsByReference, VisitsByIdentifier, VisitsByTime = visitsByReference, visitsByIdentifier, visitsByTime
)

// SumsOf is the statement that tells what is in force.
const SumsOf = sumsOf

// Decided tells from which row to which the records stand that were decided
// between two times: so many runs, and whether there are more.
func (s *Store) Decided(ctx context.Context, sel policy.Selection, after int64, limit int) (runs [][2]int64, more bool, err error) {
	found, more, err := s.decided(ctx, sel, after, limit)
	for _, r := range found {
		runs = append(runs, [2]int64{r.from, r.to})
	}
	return runs, more, err
}
