package mysql

import "context"

// What tests need to make happen that no server does on demand.

// OnCommit puts f in the place of COMMIT; it gets the real one. To be called
// before the first draft.
func (s *Store) OnCommit(f func(commit func() error) error) {
	s.writer.commit = func(ctx context.Context, t *transaction) error {
		return f(func() error { return commit(ctx, t) })
	}
}

// Queries are the statements that look something up, for n drafts where they
// are for many.
func Queries(n int) []string {
	return []string{byKey, byNumber, byClaim, keysQuery(n), claimsQuery(n)}
}

// SumQueries are the statements that look up what is in force for n subjects, and
// that delete n rows of it.
func SumQueries(n int) []string {
	return []string{countedQuery(n), uncountQuery(n), sumsQuery(n), endedQuery(n), endedSumsQuery(n), inForceQuery(n)}
}

// Steps is how many there are in the schema.
func Steps() int { return len(steps) }

// Cipher is what a connection is encrypted with; "" where it is not.
func (s *Store) Cipher(ctx context.Context) (cipher string, err error) {
	var name string
	err = s.reads.QueryRowContext(ctx, "SHOW STATUS LIKE 'Ssl_cipher'").Scan(&name, &cipher)
	return cipher, err
}
