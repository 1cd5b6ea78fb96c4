package main

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/chudan-io/chudan/adapters/mysql"
	"github.com/chudan-io/chudan/policy"
)

func parseMySQL(dsn string) (storeName, error) {
	if !strings.HasPrefix(dsn, "mysql://") {
		// Not the whole DSN: it may hold a password.
		return storeName{}, usage("--store mysql:…：应为 mysql://用户:密码@主机:端口/数据库，请放在环境变量 CHUDAN_STORE 中，以免密码被他人看到",
			"--store mysql:…: want mysql://user:password@host:port/database; in the environment, as CHUDAN_STORE, others do not see the password")
	}
	return storeName{driver: "mysql", dsn: dsn}, nil
}

func (n storeName) openMySQL(ctx context.Context) (store, error) {
	s, err := mysql.Open(ctx, mysql.Config{
		DSN:               n.dsn,
		AcceptLoss:        slices.Contains(n.accept, "loss"),
		AcceptReplica:     slices.Contains(n.accept, "replica"),
		AcceptNewerSchema: slices.Contains(n.accept, "newer-schema"),
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// mysqlPlace is as much of the DSN as may be seen.
func (n storeName) mysqlPlace() string {
	u, err := url.Parse(n.dsn)
	if err != nil {
		return "mysql://…"
	}
	return "mysql://" + u.Host + u.Path
}

// What a user of the program can do about an error, by its number.
// Source: MySQL's and MariaDB's references of server error messages.
var mysqlAdvice = map[int]policy.Text{
	1045: {ZH: "用户名或密码不对，或服务器不允许该用户从本机登录", EN: "the user or the password is wrong, or the server does not let this user in from here"},
	1698: {ZH: "服务器不允许该用户用密码登录", EN: "the server does not let this user in with a password"},
	1044: {ZH: "该用户没有此数据库的权限，请用 GRANT 授予", EN: "the user has no right to this database; give it with GRANT"},
	1142: {ZH: "该用户缺少权限：第一次使用与升级需要 CREATE、ALTER、INDEX、SELECT、INSERT、UPDATE、DELETE", EN: "the user lacks a right; for the first use and for upgrades it needs CREATE, ALTER, INDEX, SELECT, INSERT, UPDATE and DELETE"},
	1146: {ZH: "缺少数据表，请从备份恢复，或指定其他数据库", EN: "a table is missing; restore it from a backup, or name another database"},
	1054: {ZH: "数据表缺少列，请从备份恢复，或指定其他数据库", EN: "a column is missing; restore it from a backup, or name another database"},
	1049: {ZH: "服务器上没有这个数据库，请先创建：CREATE DATABASE …", EN: "the server has no such database; create it first: CREATE DATABASE …"},
}

// mysqlTrouble is the failure of a server that cannot be used, and what to do.
func (n storeName) mysqlTrouble(err error) error {
	var answered interface{ Code() int }
	if errors.As(err, &answered) {
		if advice, known := mysqlAdvice[answered.Code()]; known {
			return &failure{code: exitUsage, text: policy.Text{
				ZH: "数据库 " + n.String() + "：" + advice.ZH, EN: "the database " + n.String() + ": " + advice.EN,
			}}
		}
	}
	return n.serverTrouble(err)
}
