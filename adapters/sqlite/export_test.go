package sqlite

import "context"

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
	for _, p := range append(s.statements(), (&Store{}).lookups()...) {
		all = append(all, p.text)
	}
	return all
}
