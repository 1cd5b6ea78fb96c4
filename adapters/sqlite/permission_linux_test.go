package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/chudan-io/chudan/adapters/sqlite"
)

// TestPermissions opens as nobody: to root, as whom build servers run tests,
// no file is read-only.
func TestPermissions(t *testing.T) {
	for name, c := range map[string]struct {
		dir, file os.FileMode // 0: there is no file
		want      string
	}{
		"file read-only":      {0o777, 0o444, "cannot be written"},
		"file not readable":   {0o777, 0o200, "cannot be opened"},
		"directory read-only": {0o555, 0o666, "cannot be written"},
		"nothing there yet":   {0o555, 0, "cannot create the database"},
	} {
		t.Run(name, func(t *testing.T) {
			// Not t.TempDir, whose parent lets nobody in.
			dir, err := os.MkdirTemp("", "chudan")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			path := filepath.Join(dir, "chudan.db")
			if c.file != 0 {
				_ = open(t, sqlite.Config{Path: path}).Close()
				chmod(t, path, c.file)
			}
			chmod(t, dir, c.dir)
			asNobody(t, func() {
				s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
				if err == nil {
					_ = s.Close()
					t.Fatal("opened")
				}
				if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
					t.Errorf("%v\ndoes not say %q", err, c.want)
				}
			})
		})
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(path, 0o700) })
}

// asNobody gives up root on the file system for as long as do takes. That is
// an affair of one thread, which is thrown away afterwards.
func asNobody(t *testing.T, do func()) {
	t.Helper()
	if os.Getuid() != 0 {
		do()
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETFSUID, 65534, 0, 0); errno != 0 {
			t.Error(errors.Join(errors.New("setfsuid"), errno))
			return
		}
		do()
	}()
	<-done
}
