package storm_test

import (
	"testing"

	"github.com/chudan-io/chudan/internal/mytest"
)

// newMySQL is a database on a MariaDB of the test's own.
func newMySQL(t testing.TB) server {
	m, err := mytest.Start()
	mytest.Check(t, err)
	t.Cleanup(func() {
		if err := m.Stop(); err != nil {
			t.Error(err)
		}
	})
	m.Exec(t, "", "CREATE DATABASE storm")
	return server{dsn: m.URL("storm"), crash: func() {
		m.Kill()
		if err := m.Run(); err != nil {
			t.Error(err)
		}
	}}
}
