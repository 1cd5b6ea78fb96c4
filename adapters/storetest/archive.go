package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/chudan-io/chudan/policy"
)

func archiveOf(t testing.TB, s policy.Store) policy.Archive {
	t.Helper()
	a, ok := s.(policy.Archive)
	if !ok {
		t.Fatal("the store is no policy.Archive")
	}
	return a
}

func editionOf(product, name, digest string) policy.ArchivedEdition {
	return policy.ArchivedEdition{Product: product, Edition: name, Digest: digest, Source: []byte("source of " + digest + "\x00\xff\r\n"), At: at}
}

func keep(t testing.TB, a policy.Archive, e policy.ArchivedEdition) {
	t.Helper()
	if err := a.KeepEdition(ctx(t), e); err != nil {
		t.Fatalf("KeepEdition %s %s: %v", e.Product, e.Edition, err)
	}
}

func kept(t testing.TB, a policy.Archive, want policy.ArchivedEdition) {
	t.Helper()
	got, err := a.KeptEdition(ctx(t), want.Digest)
	if err != nil {
		t.Fatalf("KeptEdition %s: %v", want.Digest, err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("kept edition (-want +got):\n%s", diff)
	}
}

func checkArchive(t testing.TB, h Harness) {
	s := h.Open(t)
	a := archiveOf(t, s)
	none, err := a.KeptEditions(ctx(t))
	if err != nil || len(none) != 0 {
		t.Fatalf("a new archive holds %v, %v", none, err)
	}
	if _, err := a.KeptEdition(ctx(t), "d1"); !errors.Is(err, policy.ErrNotFound) {
		t.Errorf("KeptEdition of none: %v, want ErrNotFound", err)
	}
	second, first, other := editionOf("履约", "2021.3", "d3"), editionOf("履约", "2021.2", "d2"), editionOf("A", "2021.2", "d1")
	other.Source = nil // a product that is written in Go
	for _, e := range []policy.ArchivedEdition{second, first, other, first} {
		keep(t, a, e)
	}
	later := first
	later.At = at.Add(time.Hour)
	keep(t, a, later)
	if h.Reopen != nil {
		a = archiveOf(t, h.Reopen(t, s))
	}
	kept(t, a, first)
	kept(t, a, second)
	kept(t, a, other)
	all, err := a.KeptEditions(ctx(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []policy.ArchivedEdition{other, first, second}
	for i := range want {
		want[i].Source = nil
	}
	if diff := cmp.Diff(want, all, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("kept editions (-want +got):\n%s", diff)
	}
}

func checkArchiveChanged(t testing.TB, h Harness) {
	a := archiveOf(t, h.Open(t))
	used := editionOf("P", "1", "d1")
	keep(t, a, used)
	var changed *policy.EditionChangedError
	err := a.KeepEdition(ctx(t), editionOf("P", "1", "d2"))
	if !errors.As(err, &changed) || *changed != (policy.EditionChangedError{Product: "P", Edition: "1", Kept: "d1", Digest: "d2"}) {
		t.Errorf("got %v, want an EditionChangedError with both digests", err)
	}
	kept(t, a, used)
	if _, err := a.KeptEdition(ctx(t), "d2"); !errors.Is(err, policy.ErrNotFound) {
		t.Errorf("the changed edition was kept all the same (%v)", err)
	}
}

// checkArchiveAtOnce: of many who bring other bytes for one edition, one wins.
func checkArchiveAtOnce(t testing.TB, h Harness) {
	const callers = 16
	a := archiveOf(t, h.Open(t))
	refused := make([]bool, callers)
	atOnce(t, callers, func(i int) error {
		err := a.KeepEdition(ctx(t), editionOf("P", "1", fmt.Sprintf("d%d", i%4)))
		var changed *policy.EditionChangedError
		if errors.As(err, &changed) {
			refused[i], err = true, nil
		}
		return err
	})
	all, err := a.KeptEditions(ctx(t))
	if err != nil || len(all) != 1 {
		t.Fatalf("%d editions, %v; want 1", len(all), err)
	}
	for i := range callers {
		if mine := fmt.Sprintf("d%d", i%4) == all[0].Digest; mine == refused[i] {
			t.Errorf("caller %d: refused %v, although %s was kept", i, refused[i], all[0].Digest)
		}
	}
}
