package pgtest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Shared is the cluster that the tests of a package have together. Its zero
// value is ready; Main ends it.
type Shared struct {
	once    sync.Once
	cluster *Cluster
	err     error
	named   atomic.Int64
}

// Main runs the tests of a package and ends the cluster, if one was begun:
//
//	var shared pgtest.Shared
//
//	func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }
func (s *Shared) Main(m *testing.M) int {
	defer func() {
		if s.cluster != nil {
			s.cluster.Remove()
		}
	}()
	return m.Run()
}

// Cluster is the cluster, begun when it is first asked for.
func (s *Shared) Cluster(t testing.TB) *Cluster {
	t.Helper()
	s.once.Do(func() {
		s.cluster, s.err = New()
	})
	if s.err != nil {
		absent(t, s.err)
	}
	return s.cluster
}

// Database makes an empty place for tables that is dropped with the test, and
// names it. It is a schema, which costs a hundredth of a database of its own.
func (s *Shared) Database(t testing.TB) string {
	t.Helper()
	c := s.Cluster(t)
	name := fmt.Sprintf("t%d", s.named.Add(1))
	c.Exec(t, "postgres", "CREATE SCHEMA "+name)
	t.Cleanup(func() { c.Exec(t, "postgres", "DROP SCHEMA IF EXISTS "+name+" CASCADE") })
	return c.DSN("postgres") + "&search_path=" + name
}

// Exec runs statements in a database past everybody.
func (c *Cluster) Exec(t testing.TB, database, statements string) {
	t.Helper()
	conn := Connect(t, c.DSN(database))
	if _, err := conn.PgConn().Exec(context.Background(), statements).ReadAll(); err != nil {
		t.Fatalf("%s: %v", statements, err)
	}
	_ = conn.Close(context.Background())
}

// Connect is the database as anyone else would open it. Its context is not the
// test's, which has ended where a test is cleaned up after.
func Connect(t testing.TB, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// lastLines keeps the end of a server's log.
type lastLines struct {
	mu    sync.Mutex
	lines []string
}

func (l *lastLines) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lines = append(l.lines, line); len(l.lines) > 50 {
		l.lines = l.lines[1:]
	}
}

func (l *lastLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}
