package main

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/chudan-io/chudan/adapters/postgres"
	"github.com/chudan-io/chudan/policy"
)

func parsePostgres(driver, dsn string) (storeName, error) {
	if !strings.HasPrefix(dsn, driver+"://") {
		return storeName{}, usage("--store %[1]s:…：应为 %[1]s://用户@主机:端口/数据库，密码请放在环境变量 PGPASSWORD 或 ~/.pgpass 中",
			"--store %[1]s:…: want %[1]s://user@host:port/database; a password is best kept in PGPASSWORD or ~/.pgpass", driver)
	}
	return storeName{driver: "postgres", dsn: dsn}, nil
}

func (n storeName) openPostgres(ctx context.Context) (store, error) {
	s, err := postgres.Open(ctx, postgres.Config{
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

// postgresPlace is as much of the DSN as may be seen.
func (n storeName) postgresPlace() string {
	u, err := url.Parse(n.dsn)
	if err != nil {
		return "postgres://…"
	}
	return "postgres://" + u.Host + u.Path
}

// What a user of the program can do about an error, by its SQLSTATE.
var postgresAdvice = map[string]policy.Text{
	"28P01": {ZH: "用户名或密码不对。密码可放在环境变量 PGPASSWORD 或 ~/.pgpass 中", EN: "the user or the password is wrong; a password can be kept in PGPASSWORD or ~/.pgpass"},
	"28000": {ZH: "服务器不让该用户登录，请检查用户名和服务器的 pg_hba.conf", EN: "the server does not let this user in; see the user, and the server's pg_hba.conf"},
	"3D000": {ZH: "服务器上没有这个数据库，请先创建：CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0", EN: "the server has no such database; create it first: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"},
	"42501": {ZH: "该用户缺少权限：第一次使用需要在 schema 上 CREATE 的权限", EN: "the user lacks a right; for the first use it needs CREATE on the schema"},
	"3F000": {ZH: "没有可以建表的 schema，请检查 search_path", EN: "there is no schema to create tables in; see search_path"},
}

// postgresTrouble is the failure of a server that cannot be used, and what to do.
func (n storeName) postgresTrouble(err error) error {
	var answered interface{ SQLState() string }
	if errors.As(err, &answered) {
		if advice, known := postgresAdvice[answered.SQLState()]; known {
			return &failure{code: exitUsage, text: policy.Text{
				ZH: "数据库 " + n.String() + "：" + advice.ZH, EN: "the database " + n.String() + ": " + advice.EN,
			}}
		}
	}
	return n.serverTrouble(err)
}
