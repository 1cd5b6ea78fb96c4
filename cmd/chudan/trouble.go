package main

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// The result codes of SQLite that a person can do something about.
// Source: sqlite.org/rescode.html.
const (
	sqliteBusy     = 5
	sqliteReadonly = 8
	sqliteCantOpen = 14
	sqliteNotADB   = 26
)

// storeTrouble is the failure of a store that does not open, and what to do.
func storeTrouble(n storeName, err error) error {
	switch n.driver {
	case "postgres":
		return n.postgresTrouble(err)
	case "mysql":
		return n.mysqlTrouble(err)
	}
	var coded interface{ Code() int }
	code := 0
	if errors.As(err, &coded) {
		code = coded.Code() & 0xff
	}
	dir := filepath.Dir(n.path)
	switch {
	case code == sqliteBusy:
		return trouble(errors.New("SQLITE_BUSY"), "数据库 %s 被另一进程锁住。请停止占用它的程序（如 sqlite3、备份）后重试",
			"the database %s is locked by another process; stop what holds it (sqlite3, a backup) and try again", n.path)
	case code == sqliteNotADB:
		return usage("%s 不是 SQLite 数据库，请用 --store sqlite:路径 指定其他文件", "%s is no SQLite database; name another file with --store sqlite:PATH", n.path)
	case code == sqliteReadonly, code == sqliteCantOpen, errors.Is(err, fs.ErrPermission):
		return usage("无法写入 %[1]s 或其目录 %[2]s，请检查属主与权限，或用 --store sqlite:路径 指定其他位置",
			"%[1]s or its directory %[2]s cannot be written; see their owner and mode, or name another place with --store sqlite:PATH", n.path, dir)
	}
	return trouble(err, "无法打开数据库 %s", "the database %s cannot be opened", n.path)
}

// serverTrouble is the failure of a database server of any kind, in the words
// of its adapter: what they call a setting is a flag here.
func (n storeName) serverTrouble(err error) error {
	flags := strings.NewReplacer("set Config.AcceptLoss", "give --accept loss", "set Config.AcceptReplica", "give --accept replica",
		"set Config.AcceptNewerSchema", "give --accept newer-schema", "Config.DSN", "--store")
	text := strings.TrimPrefix(flags.Replace(err.Error()), n.driver+": ")
	if errors.Is(err, policy.ErrUnavailable) {
		_, cause, _ := strings.Cut(text, policy.ErrUnavailable.Error()+" ")
		return &failure{code: exitInternal, cause: err, text: say("无法使用数据库 %[1]s，请检查服务器是否运行、主机与端口是否正确 %[2]s",
			"the database %[1]s cannot be used; see whether the server runs, and the host and port %[2]s", n, cause)}
	}
	return usage("拒绝使用数据库 %[1]s：%[2]s", "the database %[1]s is refused: %[2]s", n, text)
}
