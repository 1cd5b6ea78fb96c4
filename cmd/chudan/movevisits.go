package main

import (
	"bytes"
	"context"
	"errors"
	"iter"

	"github.com/chudan-io/chudan/policy"
)

// carryVisits takes over the journal of requests behind what the target has of
// it already, and tells how many visits there are.
func (m *move) carryVisits(ctx context.Context) (int, error) {
	n, err := copyVisits(ctx, m.from.store, m.into.store)
	if errors.Is(err, errOtherVisits) {
		return n, usage("%s 中已有其他内容（请求日志）：请指定空的数据库", "%s holds something else (its journal of requests); name an empty store", m.into.name)
	}
	return n, err
}

var errOtherVisits = errors.New("the journals of requests differ")

// copyVisits enters what from has behind all that into has, which must be how
// from begins. It gives how many from has.
func copyVisits(ctx context.Context, from, into policy.Journal) (n int, err error) {
	standing, stop := iter.Pull2(into.Visits(ctx, policy.VisitSelection{}))
	defer stop()
	var batch []policy.Visit
	beyond := false
	for v, err := range from.Visits(ctx, policy.VisitSelection{}) {
		if err != nil {
			return n, err
		}
		n++
		if !beyond {
			given, err, there := standing()
			if err != nil {
				return n, err
			}
			if there && !sameVisit(given, v) {
				return n, errOtherVisits
			}
			if beyond = !there; there {
				continue
			}
		}
		if batch = append(batch, v); len(batch) == moved {
			if err := into.Enter(ctx, batch...); err != nil {
				return n, err
			}
			batch = batch[:0]
		}
	}
	if !beyond {
		if _, err, more := standing(); err != nil || more {
			return n, orOther(err)
		}
	}
	if len(batch) > 0 {
		err = into.Enter(ctx, batch...)
	}
	return n, err
}

func orOther(err error) error {
	if err == nil {
		return errOtherVisits
	}
	return err
}

func sameVisit(a, b policy.Visit) bool {
	return a.At.Equal(b.At) && bytes.Equal(a.Sealed, b.Sealed) && a.Key == b.Key && a.Reference == b.Reference && a.Code == b.Code && a.Product == b.Product &&
		a.Edition == b.Edition && a.Digest == b.Digest && a.Replayed == b.Replayed
}
