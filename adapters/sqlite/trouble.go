package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/chudan-io/chudan/policy"
	sqlite3 "modernc.org/sqlite/lib"
)

// trouble tells what failed, on which file, and what may help. It wraps
// policy.ErrUnavailable, but for errors that no waiting cures.
func (s *Store) trouble(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("sqlite: %w", err)
	}
	advice := advise(err)
	if advice == "" {
		return fmt.Errorf("sqlite: %s: %w", s.config.Path, err)
	}
	return fmt.Errorf("sqlite: %s: %s: %w (%w)", s.config.Path, advice, policy.ErrUnavailable, err)
}

// advise gives the words for an error of the database; "" for one that lies in
// what was asked of it.
func advise(err error) string {
	if code(err) == sqlite3.SQLITE_BUSY_SNAPSHOT {
		return "others wrote after the transaction had read; begin it IMMEDIATE, and again"
	}
	switch code(err) & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return "locked by another process; stop what holds it, or give Config.Wait more time"
	case sqlite3.SQLITE_FULL:
		return "the disk is full; free some space"
	case sqlite3.SQLITE_READONLY:
		return "the file or its directory cannot be written; see their owner and mode"
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
		return "the file or one beside it (-wal, -shm) cannot be opened; see the owner and mode of the directory"
	case sqlite3.SQLITE_NOTADB:
		return "not a database; name another file"
	case sqlite3.SQLITE_CORRUPT:
		return "the file is damaged; stop, keep a copy and restore a backup"
	case sqlite3.SQLITE_IOERR:
		return "the disk failed to read or write; see the system's log"
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_RANGE:
		return ""
	}
	return "the database failed"
}

// unsynced tells whether err leaves open what is on the disk: after a failed
// sync the kernel may drop the very pages that it could not write, and a
// second sync succeeds without them.
func unsynced(err error) bool {
	switch code(err) {
	case sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC:
		return true
	}
	return false
}

// code is SQLite's extended result code; 0 for an error that is not SQLite's.
func code(err error) int {
	var coded interface{ Code() int }
	if errors.As(err, &coded) {
		return coded.Code()
	}
	return 0
}

func isBusy(err error) bool { return code(err)&0xff == sqlite3.SQLITE_BUSY }
