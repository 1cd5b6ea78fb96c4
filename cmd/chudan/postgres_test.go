package main

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/chudan-io/chudan/internal/pgtest"
)

// TestPostgresScripts runs what testdata/postgres says, on a real server.
func TestPostgresScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("processes of their own on a real server: make test has them")
	}
	cluster := pgtest.Start(t)
	cluster.RequirePasswords(t)
	cluster.Exec(t, "postgres", `CREATE ROLE clerk LOGIN PASSWORD 'richtig'`)
	cluster.Exec(t, "postgres", `CREATE DATABASE chudan OWNER clerk TEMPLATE template0`)
	sample, err := filepath.Abs("../../examples/requests/performance-surety-bond.json")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/postgres",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("SAMPLE", sample)
			e.Setenv("WITHPASSWORD", cluster.DSNAs("clerk", "richtig", "chudan"))
			e.Setenv("WRONGPASSWORD", cluster.DSNAs("clerk", "falsch", "chudan"))
			e.Setenv("NOWHERE", cluster.DSNAs("clerk", "richtig", "nowhere"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exit": exit, "listening": listening, "status": status},
	})
}
