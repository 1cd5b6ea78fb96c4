package postgres

import (
	"context"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
)

// numbers are sequence numbers that were drawn for decisions which came to
// nothing: they are the next ones', so that nobody burns any.
type numbers struct {
	mu    sync.Mutex
	spare []uint64
}

func (n *numbers) take(most int) []uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	taken := slices.Clone(n.spare[:min(most, len(n.spare))])
	n.spare = slices.Delete(n.spare, 0, len(taken))
	return taken
}

// put gives back what was not used; the smallest are taken first.
func (n *numbers) put(unused []uint64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.spare = append(n.spare, unused...)
	slices.Sort(n.spare)
}

// forget is for when a server was lost: if it crashed, it may not remember
// what it drew, and draw it again.
func (n *numbers) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.spare = nil
}

// draw gives sequence numbers. A sequence is never waited for, and does not
// take back what it has given, whatever becomes of the transaction.
func (n *numbers) draw(ctx context.Context, from interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}, count int,
) ([]uint64, error) {
	drawn := n.take(count)
	if len(drawn) == count {
		return drawn, nil
	}
	rows, err := from.Query(ctx, `SELECT nextval('chudan_number') FROM generate_series(1, $1)`, count-len(drawn))
	if err != nil {
		return drawn, err
	}
	more, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	for _, number := range more {
		drawn = append(drawn, uint64(number)) //nolint:gosec // a sequence counts from 1
	}
	return drawn, err
}
