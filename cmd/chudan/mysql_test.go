package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/chudan-io/chudan/internal/mytest"
)

// TestMySQLScripts runs what testdata/mysql says, on a real MariaDB.
func TestMySQLScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("processes of their own on a real server: make test has them")
	}
	server, err := mytest.Start()
	mytest.Check(t, err)
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	server.Exec(t, "", `CREATE DATABASE chudan`)
	server.Exec(t, "", `CREATE USER clerk@'%' IDENTIFIED BY 'richtig'`)
	server.Exec(t, "", `GRANT CREATE, ALTER, INDEX, SELECT, INSERT, UPDATE, DELETE ON chudan.* TO clerk@'%'`)
	server.Exec(t, "", `GRANT SELECT ON chudan.* TO reader@'%' IDENTIFIED BY 'richtig'`)
	server.Exec(t, "", `GRANT SELECT ON mysql.* TO clerk@'%'`)
	sample, err := filepath.Abs("../../examples/requests/performance-surety-bond.json")
	if err != nil {
		t.Fatal(err)
	}
	dsn := func(user, password, database string) string {
		return "mysql://" + user + ":" + password + "@" + server.Addr() + "/" + database
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/mysql",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("SAMPLE", sample)
			e.Setenv("RIGHT", dsn("clerk", "richtig", "chudan"))
			e.Setenv("WRONGPASSWORD", dsn("clerk", "falsch", "chudan"))
			e.Setenv("NOWHERE", strings.Replace(server.URL("nowhere"), "%2Fnowhere", "", 1))
			e.Setenv("READER", dsn("reader", "richtig", "chudan"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exit": exit, "listening": listening, "status": status,
			"ask": func(ts *testscript.TestScript, _ bool, args []string) { server.Exec(t, "", args[0]) },
		},
	})
}
