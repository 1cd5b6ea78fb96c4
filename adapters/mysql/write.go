package mysql

import (
	"context"
	"errors"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// Every INSERT here is a plain one, but for that of sums, which have one key to
// meet. IGNORE would turn values that do not fit into others that do, and ON
// DUPLICATE KEY UPDATE may meet any of several unique keys; neither is needed, since under the lock on head what was looked
// up stays so. A key that is a duplicate all the same fails the transaction.
// Source: MariaDB's reference of IGNORE; MySQL's of INSERT … ON DUPLICATE KEY UPDATE.

// statementBytes is how long a statement of many rows gets: a quarter of the
// smallest max_allowed_packet that servers come with (4 MB, MySQL 5.7).
const statementBytes = 1 << 20

// row is what one row of a table gets, column by column.
type row []any

// pending are the rows that wait to be written.
type pending struct {
	records, claims, journal, events []row
	releases                         []row // claims that are given back
	replacements                     []replacement

	counted   []row            // amounts that begin to count
	uncounted []counted        // and that do so no longer
	subjects  []policy.Subject // whose sums that changes
}

// replacement is a record that takes the place of another one of its key.
type replacement struct {
	id       int64
	old, new policy.Record
}

var errReplaced = errors.New("a record was replaced, or issued, although its transaction held the lock; who else writes to this database?")

func recordRow(id int64, r *policy.Record) row {
	return row{
		id, []byte(r.Key.Identifier), []byte(r.Key.Tenant), r.Revision, []byte(r.Status), numberOf(r),
		[]byte(r.Product), []byte(r.Edition), []byte(r.Digest), blob(r.Fingerprint), r.At.UnixMicro(), blob(r.Sealed),
	}
}

// numberOf is NULL unless the record is issued.
func numberOf(r *policy.Record) any {
	if r.Number == "" {
		return nil
	}
	return []byte(r.Number)
}

// flush writes what waits.
func (t *transaction) flush(ctx context.Context) error {
	p := t.pending
	t.pending = pending{}
	for k, known := range t.known {
		if known.fresh {
			known.fresh = false
			t.known[k] = known
		}
	}
	for _, r := range p.releases { // before the claims: one draft may take what another gives back
		if err := t.release(ctx, r); err != nil {
			return err
		}
	}
	for _, table := range []struct {
		into string
		rows []row
	}{
		{`INSERT INTO chudan_record (id, identifier, tenant, revision, status, number, product, edition, digest, fingerprint, at, sealed) VALUES `, p.records},
		{`INSERT INTO chudan_claim (value, path, tenant, record) VALUES `, p.claims},
		{`INSERT INTO chudan_journal (id, event, audit, hash) VALUES `, p.journal},
		{`INSERT INTO chudan_outbox (journal, owner, until) VALUES `, p.events},
	} {
		if err := t.insert(ctx, table.into, table.rows); err != nil {
			return err
		}
	}
	for i := range p.replacements {
		if err := t.replace(ctx, &p.replacements[i]); err != nil {
			return err
		}
	}
	return t.flushSums(ctx, &p)
}

// insert writes rows with as few statements as their length allows.
func (t *transaction) insert(ctx context.Context, into string, rows []row) error {
	for len(rows) > 0 {
		some := fitting(rows)
		if _, err := t.run.ExecContext(ctx, into+places(len(some[0]), len(some)), values(some)...); err != nil {
			return err
		}
		rows = rows[len(some):]
	}
	return nil
}

// fitting are the first rows, as many as fit into one statement.
func fitting(rows []row) []row {
	size, n := 0, 0
	for n < len(rows) && (n == 0 || size+rows[n].size() <= statementBytes) {
		size += rows[n].size()
		n++
	}
	return rows[:n]
}

func values(rows []row) (all []any) {
	for _, r := range rows {
		all = append(all, r...)
	}
	return all
}

// size is the length of a row in a statement at most: every byte may be escaped.
func (r row) size() int {
	size := 0
	for _, value := range r {
		size += 24
		if b, ok := value.([]byte); ok {
			size += 2 * len(b)
		}
	}
	return size
}

// places are the parameters of n rows: (?, ?), (?, ?).
func places(columns, n int) string {
	one := "(" + strings.Repeat("?, ", columns-1) + "?)"
	return strings.Repeat(one+", ", n-1) + one
}

// replace keeps the old record and puts the new one into its row, unless that
// is final: this condition is what makes it so.
func (t *transaction) replace(ctx context.Context, r *replacement) error {
	o, n := &r.old, &r.new
	_, err := t.run.ExecContext(ctx, `INSERT INTO chudan_history (record, revision, status, product, edition, digest, fingerprint, at, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.id, o.Revision, []byte(o.Status), []byte(o.Product), []byte(o.Edition), []byte(o.Digest), blob(o.Fingerprint), o.At.UnixMicro(), blob(o.Sealed))
	if err != nil {
		return err
	}
	result, err := t.run.ExecContext(ctx, `UPDATE chudan_record SET revision = ?, status = ?, number = ?, product = ?, edition = ?, digest = ?, fingerprint = ?, at = ?, sealed = ?
		WHERE id = ? AND revision = ? AND status <> 'issued' AND erased IS NULL`,
		n.Revision, []byte(n.Status), numberOf(n), []byte(n.Product), []byte(n.Edition), []byte(n.Digest), blob(n.Fingerprint), n.At.UnixMicro(), blob(n.Sealed),
		r.id, o.Revision)
	if err != nil {
		return err
	}
	if found, err := result.RowsAffected(); err != nil || found != 1 {
		return errors.Join(errReplaced, err)
	}
	return nil
}

// release gives a business key back, unless the record that holds it is final:
// this condition is what makes a policy keep its own.
func (t *transaction) release(ctx context.Context, r row) error {
	result, err := t.run.ExecContext(ctx, `DELETE FROM chudan_claim WHERE value = ? AND path = ? AND tenant = ? AND record = ?
		AND NOT EXISTS (SELECT 1 FROM chudan_record WHERE id = chudan_claim.record AND status = 'issued')`, r...)
	if err != nil {
		return err
	}
	if found, err := result.RowsAffected(); err != nil || found != 1 {
		return errors.Join(errReplaced, err)
	}
	return nil
}

// finish writes what waits, and where the next decision continues.
func (t *transaction) finish(ctx context.Context) error {
	if err := t.flush(ctx); err != nil {
		return err
	}
	h := &t.head
	_, err := t.run.ExecContext(ctx, `UPDATE chudan_head SET record = ?, journal = ?, sequence = ?, hash = ? WHERE one = 1`, h.record, h.journal, h.sequence, h.hash[:])
	return err
}

// blob is b as a value that is not NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
