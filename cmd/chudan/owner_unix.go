//go:build unix

package main

import (
	"io/fs"
	"syscall"
)

// tooOpen are the permissions that a file with secrets may not have. Its group
// may read one that belongs to root: so a secret that is mounted into a
// container arrives.
// Source: PostgreSQL, libpq, checks of a client's key file.
func tooOpen(info fs.FileInfo) fs.FileMode {
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && owner.Uid == 0 && syscall.Geteuid() != 0 {
		return 0o037
	}
	return 0o077
}
