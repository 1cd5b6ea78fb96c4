package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/chudan-io/chudan/adapters/memory"
	"github.com/chudan-io/chudan/adapters/sqlite"
	"github.com/chudan-io/chudan/policy"
)

// store is what the commands need of one.
type store interface {
	policy.Store
	policy.UniqueFinder
	policy.Archive
	policy.Lister
	policy.Journal
	policy.Eraser
	Close() error
}

// storeName is a store as it is named on the command line.
type storeName struct {
	driver string   // memory, sqlite, postgres or mysql
	path   string   // of SQLite's file
	dsn    string   // of a server; never to be printed: it may hold a password
	accept []string // what of the server to put up with
}

func parseStore(dsn string) (storeName, error) {
	driver, rest, found := strings.Cut(dsn, ":")
	switch {
	case dsn == "memory" || dsn == "memory:":
		return storeName{driver: "memory"}, nil
	case driver == "sqlite" && found:
		if rest == "" || strings.ContainsAny(rest, "?#") {
			return storeName{}, usage("--store %s：sqlite: 之后须为文件路径，如 sqlite:chudan.db",
				"--store %s: want the path of a file after sqlite:, such as sqlite:chudan.db", dsn)
		}
		return storeName{driver: "sqlite", path: rest}, nil
	case found && (driver == "postgres" || driver == "postgresql"):
		return parsePostgres(driver, dsn)
	case found && driver == "mysql":
		return parseMySQL(dsn)
	case strings.Contains(driver, "="):
		return storeName{}, usage("--store 应为 postgres://用户@主机:端口/数据库 的形式", "--store: want the form postgres://user@host:port/database")
	case !found:
		return storeName{}, usage("--store %[1]s：缺少存储类型，是否指 sqlite:%[1]s？",
			"--store %[1]s: the kind of store is missing; did you mean sqlite:%[1]s?", dsn)
	}
	return storeName{}, usage("--store %s:…：未知的存储类型，可用 sqlite:路径、postgres://…、mysql://… 或 memory:",
		"--store %s:…: no such kind of store; want sqlite:PATH, postgres://…, mysql://… or memory:", driver)
}

// exists tells whether the store holds anything already.
func (n storeName) exists() (bool, error) {
	switch n.driver {
	case "memory":
		return false, nil
	case "postgres", "mysql":
		return true, nil // whatever it holds, its keys are not made by the way
	}
	info, err := os.Stat(n.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && info.Size() > 0, err
}

// filled tells where nothing is in the store: who asks about decisions means
// another one.
func (n storeName) filled() error {
	if there, err := n.exists(); err != nil || !there {
		return usage("%[1]s 中没有记录：请用 --store 指定保存保单的数据库（当前目录 %[2]s）",
			"there is nothing in %[1]s; name the database with --store (the working directory is %[2]s)", n, workingDirectory())
	}
	return nil
}

// String is the name as it is given to --store.
func (n storeName) String() string {
	switch n.driver {
	case "postgres":
		return n.postgresPlace()
	case "mysql":
		return n.mysqlPlace()
	}
	return n.driver + ":" + n.path
}

// checkPlace tells whether there is a directory for the file, before keys are
// made for a database that cannot be.
func (n storeName) checkPlace() error {
	if n.driver != "sqlite" {
		return nil
	}
	dir := filepath.Dir(n.path)
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return usage("没有目录 %[1]s，请先创建：mkdir -p %[1]s", "there is no directory %[1]s; make it first: mkdir -p %[1]s", dir)
	case err != nil:
		return unreadable(dir, err)
	case !info.IsDir():
		return usage("%s 不是目录，请用 --store sqlite:路径 指定其他位置", "%s is no directory; name another place with --store sqlite:PATH", dir)
	}
	if info, err := os.Stat(n.path); err == nil && info.IsDir() {
		return usage("%[1]s 是目录，请指定其中的文件，如 sqlite:%[1]s/chudan.db", "%[1]s is a directory; name a file in it, such as sqlite:%[1]s/chudan.db", n.path)
	}
	return nil
}

func (n storeName) open(ctx context.Context) (store, error) {
	switch n.driver {
	case "memory":
		return memory.New(), nil
	case "postgres":
		return n.openPostgres(ctx)
	case "mysql":
		return n.openMySQL(ctx)
	}
	s, err := sqlite.Open(ctx, sqlite.Config{Path: n.path})
	if err != nil {
		return nil, err
	}
	return s, nil
}
