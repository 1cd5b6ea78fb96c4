package sqlite_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/sqlite"
	"github.com/chudan-io/chudan/policy"
)

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	text := at("text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	execute(t, at("foreign.db"), `CREATE TABLE theirs (x)`)
	execute(t, at("marked.db"), `PRAGMA application_id = 7`)
	_ = open(t, sqlite.Config{Path: at("newer.db")}).Close()
	execute(t, at("newer.db"), `PRAGMA user_version = 99`)

	for name, c := range map[string]struct {
		config sqlite.Config
		want   string // what the message must name
	}{
		"no path":             {sqlite.Config{}, "Config.Path is empty"},
		"in memory":           {sqlite.Config{Path: ":memory:"}, "adapters/memory"},
		"zero byte":           {sqlite.Config{Path: "a\x00b"}, "zero byte"},
		"negative":            {sqlite.Config{Path: "x", Wait: -1, Batch: -1, Readers: -1}, "Config.Readers -1"},
		"directory missing":   {sqlite.Config{Path: at("no/such/x.db")}, "there is no directory " + at("no/such")},
		"a directory":         {sqlite.Config{Path: dir}, dir + " is a directory"},
		"a device":            {sqlite.Config{Path: os.DevNull}, "not a regular file"},
		"no database":         {sqlite.Config{Path: text}, text + ": not a database"},
		"somebody else's":     {sqlite.Config{Path: at("foreign.db")}, "another application"},
		"marked as another's": {sqlite.Config{Path: at("marked.db")}, "application_id 0x7"},
		"newer schema":        {sqlite.Config{Path: at("newer.db")}, "version 99, newer than the 8"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := sqlite.Open(t.Context(), c.config)
			if err == nil {
				_ = s.Close()
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v\ndoes not say %q", err, c.want)
			}
		})
	}
	for _, name := range []string{"no", "x"} {
		if _, err := os.Stat(at(name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s was created (%v)", name, err)
		}
	}
	if names := read(t, at("foreign.db"), `SELECT name FROM sqlite_schema`, scanText); len(names) != 1 {
		t.Errorf("the database of another application has %v now", names)
	}
}

func TestOpenWaitsForALock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	_ = open(t, sqlite.Config{Path: path}).Close()
	release := lock(t, path)
	_, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Wait: 50 * time.Millisecond})
	if !errors.Is(err, policy.ErrUnavailable) || !strings.Contains(err.Error(), "locked by another process") {
		t.Errorf("got %v", err)
	}
	release()
	_ = open(t, sqlite.Config{Path: path})
}

// TestPaths: what SQLite's URIs would take for something else.
func TestPaths(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, path := range []string{"plain.db", "a b.db", "?mode=ro", "100%.db", "%41.db", "#1.db", "保单.db", "file:x.db", "./dot.db", "a&b=c.db"} {
		s := open(t, sqlite.Config{Path: path})
		issueOne(t, s, "k")
		if err := s.Close(); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	if names, err := filepath.Glob("*"); err != nil || len(names) != 10 {
		t.Errorf("the directory holds %q (%v)", names, err)
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	issueOne(t, open(t, sqlite.Config{Path: path}), "k")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %v", info.Name(), mode)
		}
	}
}

func TestOpenAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	var done sync.WaitGroup
	for range 8 {
		done.Go(func() {
			s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { _ = s.Close() })
		})
	}
	done.Wait()
}

func TestSettingsAreVerified(t *testing.T) {
	s := open(t, sqlite.Config{Path: filepath.Join(t.TempDir(), "chudan.db")})
	for name, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "page_size": "2048", "trusted_schema": "0", "secure_delete": "1", "wal_autocheckpoint": "2048"} {
		if err := s.Verify(t.Context(), name, want); err != nil {
			t.Error(err)
		}
	}
	err := s.Verify(t.Context(), "synchronous", "3")
	if err == nil || err.Error() != "PRAGMA synchronous is 2 where it must be 3" {
		t.Errorf("got %v", err)
	}
}
