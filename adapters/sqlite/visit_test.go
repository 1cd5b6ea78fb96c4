package sqlite_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/sqlite"
	"github.com/chudan-io/chudan/policy"
	sqlite3 "modernc.org/sqlite/lib"
)

// TestVisitsOfOneMoment: several pages of them are given in the order in which
// they were entered, each once, whatever they are found by.
func TestVisitsOfOneMoment(t *testing.T) {
	s := open(t, sqlite.Config{Path: filepath.Join(t.TempDir(), "chudan.db")})
	var all []policy.Visit
	var want []string
	for i := range 1000 {
		code := fmt.Sprint(i)
		all = append(all, policy.Visit{At: time.UnixMicro(7).UTC(), Key: policy.Key{Tenant: "app-1", Identifier: "k"}, Reference: "R", Code: code})
		want = append(want, code)
	}
	if err := s.Enter(t.Context(), all...); err != nil {
		t.Fatal(err)
	}
	for name, sel := range map[string]policy.VisitSelection{
		"by time": {From: time.UnixMicro(7), To: time.UnixMicro(8)}, "by identifier": {Identifier: "k"}, "by reference": {Reference: "R", Identifier: "k"},
	} {
		var got []string
		for v, err := range s.Visits(t.Context(), sel) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, v.Code)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d are given, want %d in order", name, len(got), len(want))
		}
	}
	for _, err := range s.Visits(t.Context(), policy.VisitSelection{}) {
		if err != nil {
			t.Error(err)
		}
		break // whoever has seen enough
	}
	if n, err := s.Forget(t.Context(), time.UnixMicro(8), -1); n != 0 || err != nil {
		t.Errorf("less than none were forgotten: %d, %v", n, err)
	}
}

// TestEnterCommitFails: nothing tells whether a visit is there whose commit
// failed, unless a decision beside it does.
func TestEnterCommitFails(t *testing.T) {
	s := open(t, sqlite.Config{Path: filepath.Join(t.TempDir(), "chudan.db")})
	s.OnCommit(func(commit func() error) error {
		if err := commit(); err != nil {
			return err
		}
		return coded(sqlite3.SQLITE_IOERR_UNLOCK)
	})
	if err := s.Enter(t.Context(), policy.Visit{Code: "SUCCESS"}); !errors.Is(err, policy.ErrResultUnknown) {
		t.Errorf("got %v, want ErrResultUnknown", err)
	}
}
