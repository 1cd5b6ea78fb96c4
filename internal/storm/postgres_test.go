package storm_test

import (
	"net"
	"net/url"
	"testing"

	"github.com/chudan-io/chudan/internal/pgtest"
	"github.com/chudan-io/chudan/internal/tcpproxy"
)

// newPostgres is a database on a PostgreSQL of the test's own.
func newPostgres(t testing.TB) server {
	c := pgtest.Start(t)
	return server{
		dsn:   c.DSN("postgres"),
		crash: func() { c.Crash(); c.Resume(t) },
		lossy: func() (string, *tcpproxy.Proxy) {
			p := tcpproxy.Start(t, "unix", c.Socket())
			host, port, _ := net.SplitHostPort(p.Addr())
			u := url.URL{Scheme: "postgres", User: url.User("postgres"), Host: net.JoinHostPort(host, port), Path: "/postgres", RawQuery: "sslmode=disable"}
			return u.String(), p
		},
	}
}

// committed is PostgreSQL's word that a COMMIT is done: the message type C,
// its length and the tag. Source: PostgreSQL documentation, CommandComplete.
var committed = []byte("C\x00\x00\x00\x0bCOMMIT\x00")
