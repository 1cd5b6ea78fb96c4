package main

import (
	"bytes"
	"context"
	"errors"

	"github.com/chudan-io/chudan/policy"
)

// carryEditions takes over the editions that were used, before any decision
// under them.
func (m *move) carryEditions(ctx context.Context) error {
	used, err := editionsOf(ctx, m.from.store)
	if err != nil {
		return err
	}
	kept, err := m.into.store.KeptEditions(ctx)
	if err != nil {
		return err
	}
	known := make(map[[2]string]bool, len(used))
	for _, e := range used {
		known[[2]string{e.Product, e.Edition}] = true
	}
	for _, e := range kept {
		if !known[[2]string{e.Product, e.Edition}] {
			return usage("%[1]s 中已有其他内容（版本 %[2]s@%[3]s）：请指定空的数据库", "%[1]s holds something else (the edition %[2]s@%[3]s); name an empty store", m.into.name, e.Product, e.Edition)
		}
	}
	for _, e := range used {
		err := m.into.store.KeepEdition(ctx, e)
		if changed := (*policy.EditionChangedError)(nil); errors.As(err, &changed) {
			return usage("%[1]s 中已有其他内容（版本 %[2]s@%[3]s 的摘要不同）：请指定空的数据库",
				"%[1]s holds something else (the edition %[2]s@%[3]s has another digest); name an empty store", m.into.name, e.Product, e.Edition)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// editionsOf are the editions of an archive with what they consist of.
func editionsOf(ctx context.Context, a policy.Archive) ([]policy.ArchivedEdition, error) {
	all, err := a.KeptEditions(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		kept, err := a.KeptEdition(ctx, all[i].Digest)
		if err != nil {
			return nil, err
		}
		all[i].Source = kept.Source
	}
	return all, nil
}

func sameEdition(a, b policy.ArchivedEdition) bool {
	return a.Product == b.Product && a.Edition == b.Edition && a.Digest == b.Digest && a.At.Equal(b.At) && bytes.Equal(a.Source, b.Source)
}
