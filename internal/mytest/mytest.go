// Package mytest starts a MariaDB of its own for tests: in a temporary
// directory, on loopback, from what is installed. Nothing but the binaries is
// needed (mariadb-server-core and mariadb-client-core on Debian and Ubuntu).
package mytest

import (
	"bufio"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// required is set where a missing server is no reason to skip a test.
const required = "CHUDAN_REQUIRE_SERVERS"

// The user that Server.URL names; his password has what URLs must escape.
const userName, password = "chudan", "p@ss:/?#word"

// Server is a MariaDB that one test binary owns.
type Server struct {
	dir, port string
	options   []string
	process   *exec.Cmd
	ended     chan struct{} // closed when the process is gone
	databases atomic.Int64
}

// errMissing tells what to install.
var errMissing = errors.New("no MariaDB is installed: apt-get install mariadb-server-core mariadb-client-core on Debian and Ubuntu (they start no service)")

// Check skips a test where no server is installed, or fails it where one is required.
func Check(t testing.TB, err error) {
	t.Helper()
	switch {
	case err == nil:
	case errors.Is(err, errMissing) && os.Getenv(required) == "":
		t.Skip(err)
	default:
		t.Fatal(err)
	}
}

// CheckNewer skips a test that the server is too old for, where it says so
// itself (by knowing no such variable), or fails it where servers are required.
func CheckNewer(t testing.TB, err error, wants string) {
	t.Helper()
	const unknownVariable = 1193
	var refused *mysql.MySQLError
	if errors.As(err, &refused) && refused.Number == unknownVariable && os.Getenv(required) == "" {
		t.Skipf("%v; the test wants %s or later", err, wants)
	}
	t.Fatalf("%v (wanted is %s or later)", err, wants)
}

// memory is a directory that is kept in memory on Linux. What is written there
// outlives a process that is killed, as it would on a disk.
const memory = "/dev/shm"

// Start makes a server with these options, such as --read-only, and waits until
// it takes connections. Its files are in memory where that can be.
func Start(options ...string) (*Server, error) {
	if s, err := StartIn(memory, options...); !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
		return s, err
	}
	return StartIn("", options...)
}

// StartIn is Start with the files below a directory; "" is that of temporary files.
func StartIn(parent string, options ...string) (*Server, error) {
	install, server := look("mariadb-install-db"), look("mariadbd")
	if install == "" || server == "" {
		return nil, errMissing
	}
	dir, err := os.MkdirTemp(parent, "chudan-mariadb-")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, options: options}
	if err := s.install(install); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.Run(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.createUser(); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// look finds a program, also where only root has it in his path.
func look(name string) string {
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/usr/local/sbin", "/usr/local/bin") {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 { //nolint:gosec // the path of the tests themselves
			return path
		}
	}
	return ""
}

func (s *Server) data() string   { return filepath.Join(s.dir, "data") }
func (s *Server) socket() string { return filepath.Join(s.dir, "socket") }

func (s *Server) install(program string) error {
	if err := give(s.dir); err != nil {
		return err
	}
	cmd := exec.Command(program, "--no-defaults", "--datadir="+s.data(), "--auth-root-authentication-method=normal", "--skip-test-db") //nolint:gosec // the program that was looked for
	own(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("mariadb-install-db: %w\n%s", err, out)
	}
	return nil
}

// Run starts the process, the first time and after Kill, always on the same port.
func (s *Server) Run() error {
	if s.port == "" {
		port, err := freePort()
		if err != nil {
			return err
		}
		s.port = port
	}
	s.process = exec.Command(look("mariadbd"), append([]string{ //nolint:gosec // the program that was looked for
		"--no-defaults", "--datadir=" + s.data(), "--socket=" + s.socket(), "--pid-file=" + filepath.Join(s.dir, "pid"),
		"--bind-address=127.0.0.1", "--port=" + s.port, "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=64M", "--innodb-fast-shutdown=2",
	}, s.options...)...)
	own(s.process)
	log, err := s.process.StderrPipe()
	if err != nil {
		return err
	}
	s.ended = make(chan struct{})
	if err := startOwned(s.process, s.ended); err != nil {
		return err
	}
	ready := make(chan string, 1)
	go s.watch(log, ready)
	if said := <-ready; said != "" {
		return fmt.Errorf("mariadbd ended:\n%s", said)
	}
	return nil
}

// watch reads what the server says: ready gets "" once it takes connections, or
// all that it said if it ends before.
func (s *Server) watch(log io.Reader, ready chan<- string) {
	var said strings.Builder
	for lines := bufio.NewScanner(log); lines.Scan(); {
		if ready == nil {
			continue
		}
		said.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "ready for connections") {
			ready <- ""
			ready = nil
		}
	}
	_ = s.process.Wait()
	close(s.ended)
	if ready != nil {
		ready <- said.String()
	}
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port, l.Close()
}

// Kill ends the process as a crash would (SIGKILL) and waits until it is gone.
func (s *Server) Kill() {
	_ = s.process.Process.Kill()
	<-s.ended
}

// Stop ends the server and removes what it has written. A Server that did not
// start may be stopped too.
func (s *Server) Stop() error {
	if s == nil {
		return nil
	}
	_ = s.process.Process.Signal(syscall.SIGTERM)
	<-s.ended
	return os.RemoveAll(s.dir)
}

func (s *Server) createUser() error {
	db, err := s.root()
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(`GRANT ALL ON *.* TO ` + userName + `@'%' IDENTIFIED BY '` + password + `' WITH GRANT OPTION`)
	return err
}

// root is a pool as root, over the socket.
func (s *Server) root() (*sql.DB, error) {
	c := mysql.NewConfig()
	c.User, c.Net, c.Addr = "root", "unix", s.socket()
	return open(c)
}

func open(c *mysql.Config) (*sql.DB, error) {
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// Addr is where the server listens: 127.0.0.1 and its port.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", s.port) }

// URL names a database of the server, in the form that stores take.
func (s *Server) URL(database string) string { return URL(s.Addr(), database) }

// URL names a database as the server's user sees it who comes by another
// address, such as that of a proxy.
func URL(addr, database string) string {
	u := url.URL{Scheme: "mysql", User: url.UserPassword(userName, password), Host: addr, Path: "/" + database}
	return u.String()
}

// Database makes a database for a test, which is dropped with it.
func (s *Server) Database(t testing.TB) (name string) {
	t.Helper()
	name = fmt.Sprintf("test_%d", s.databases.Add(1))
	s.Exec(t, "", "CREATE DATABASE "+name)
	t.Cleanup(func() { s.Exec(t, "", "DROP DATABASE "+name) })
	return name
}

// Exec runs a statement in a database, past any store.
func (s *Server) Exec(t testing.TB, database, statement string) {
	t.Helper()
	db := s.DB(t, database)
	defer db.Close()
	if _, err := db.ExecContext(context.WithoutCancel(t.Context()), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// DB is the database as anyone else would open it.
func (s *Server) DB(t testing.TB, database string) *sql.DB {
	t.Helper()
	c := mysql.NewConfig()
	c.User, c.Passwd, c.Net, c.Addr, c.DBName, c.InterpolateParams = userName, password, "tcp", s.Addr(), database, true
	db, err := open(c)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// User makes a user with a name of his own and these grants on a database, and
// gives the URL under which he opens it.
func (s *Server) User(t testing.TB, database string, grants ...string) string {
	t.Helper()
	name, secret := "u_"+strings.ToLower(rand.Text()[:8]), rand.Text()
	s.Exec(t, "", fmt.Sprintf("CREATE USER %s@'%%' IDENTIFIED BY '%s'", name, secret))
	t.Cleanup(func() { s.Exec(t, "", fmt.Sprintf("DROP USER %s@'%%'", name)) })
	for _, grant := range grants {
		s.Exec(t, "", fmt.Sprintf("GRANT %s TO %s@'%%'", grant, name))
	}
	u := url.URL{Scheme: "mysql", User: url.UserPassword(name, secret), Host: s.Addr(), Path: "/" + database}
	return u.String()
}
