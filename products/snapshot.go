package products

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

const (
	maxSnapshot = 64 << 20 // bytes
	maxNames    = 50_000   // of files and directories
)

// snapshot is a directory of products as it was read: each name once, so that
// what is loaded and what is tested are the same bytes. It reads only what it
// is asked for, and serves this package alone: from one goroutine.
type snapshot struct {
	fsys  fs.FS
	seen  map[string]sight
	size  int
	names int
}

// sight is what was found under a name.
type sight struct {
	data    []byte        // of a file
	entries []fs.DirEntry // of a directory
	err     error
	digest  [sha256.Size]byte         // of any of them
	again   func(fs.FS, string) sight // reads it anew
}

func newSnapshot(fsys fs.FS) *snapshot { return &snapshot{fsys: fsys, seen: make(map[string]sight)} }

// limitError is the error of a directory that is too large.
type limitError struct{ text policy.Text }

func (e *limitError) Error() string { return e.text.EN }

// look reads what is under a name, unless it was read before.
func (s *snapshot) look(name string, read func(fs.FS, string) sight) sight {
	if found, again := s.seen[name]; again {
		return found
	}
	found := read(s.fsys, name)
	found.again = read
	s.size += len(found.data)
	s.names += 1 + len(found.entries)
	switch {
	case s.size > maxSnapshot:
		found.data, found.err = nil, &limitError{policy.Text{ZH: "目录中的文件合计超过 64 MiB", EN: "the files of the directory are over 64 MiB"}}
	case s.names > maxNames:
		found.entries, found.err = nil, &limitError{policy.Text{ZH: fmt.Sprintf("目录中的文件超过 %d 个", maxNames), EN: fmt.Sprintf("the directory has more than %d files", maxNames)}}
	}
	s.seen[name] = found
	return found
}

func troubled(err error) sight { return sight{err: err, digest: sha256.Sum256([]byte(err.Error()))} }

// readSight reads a file, up to where it is too large for every reader. What
// is no file is not opened: a pipe would keep us waiting.
func readSight(fsys fs.FS, name string) sight {
	info, err := fs.Stat(fsys, name)
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "read", Path: name, Err: errors.New("is no file")}
	}
	if err != nil {
		return troubled(err)
	}
	opened, err := fsys.Open(name)
	if err != nil {
		return troubled(err)
	}
	defer opened.Close()
	data, err := io.ReadAll(io.LimitReader(opened, maxFile+1))
	if err != nil {
		return troubled(err)
	}
	return sight{data: data, digest: sha256.Sum256(data)}
}

// listSight lists a directory: what a loader looks at there. What else comes
// and goes, such as the files that editors make beside those that they save, is
// no change.
func listSight(fsys fs.FS, name string) sight {
	all, err := fs.ReadDir(fsys, name)
	if err != nil {
		return troubled(err)
	}
	var found sight
	sum := sha256.New()
	for _, e := range all {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if e.Type()&fs.ModeSymlink != 0 {
			if info, err := fs.Stat(fsys, path.Join(name, e.Name())); err == nil {
				e = fs.FileInfoToDirEntry(renamed{info, e.Name()})
			}
		}
		if e.IsDir() || isYAML(e.Name()) || strings.HasSuffix(e.Name(), ".yml") {
			found.entries = append(found.entries, e)
			fmt.Fprintf(sum, "%s %q\n", e.Type(), e.Name())
		}
	}
	sum.Sum(found.digest[:0])
	return found
}

// renamed is what a link leads to, under the name of the link.
type renamed struct {
	fs.FileInfo
	name string
}

func (r renamed) Name() string { return r.name }

// current tells whether everything that was read is still so.
func (s *snapshot) current() bool {
	for name, was := range s.seen {
		if was.again(s.fsys, name).digest != was.digest {
			return false
		}
	}
	return true
}

// digest is the SHA-256 of all files that were read, with their names, in hex.
func (s *snapshot) digest() string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(s.seen)) {
		if found := s.seen[name]; found.data != nil {
			fmt.Fprintf(sum, "%q %d\n", name, len(found.data))
			sum.Write(found.data)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Open is fs.FS's, for files alone.
func (s *snapshot) Open(name string) (fs.File, error) {
	found := s.look(name, readSight)
	if found.err != nil {
		return nil, found.err
	}
	return &held{Reader: bytes.NewReader(found.data), stat: func() (fs.FileInfo, error) { return s.Stat(name) }}, nil
}

// ReadDir is fs.ReadDirFS's.
func (s *snapshot) ReadDir(name string) ([]fs.DirEntry, error) {
	found := s.look(name, listSight)
	return found.entries, found.err
}

// Stat is fs.StatFS's; it is asked about links that lead nowhere.
func (s *snapshot) Stat(name string) (fs.FileInfo, error) { return fs.Stat(s.fsys, name) }

// held is a file that was read.
type held struct {
	*bytes.Reader
	stat func() (fs.FileInfo, error)
}

func (h *held) Stat() (fs.FileInfo, error) { return h.stat() }
func (h *held) Close() error               { return nil }
