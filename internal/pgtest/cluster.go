// Package pgtest starts a real PostgreSQL for the tests of a package: from
// what is installed, in a temporary directory, reached over a Unix socket,
// gone when the tests are.
package pgtest

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Cluster is a PostgreSQL server with a data directory of its own.
type Cluster struct {
	bin, dir string
	owner    *syscall.Credential // nil: whoever runs the tests
	settings []string

	server *exec.Cmd
	ended  chan struct{} // closed when the server is gone
	log    *lastLines
}

// enough is how long a server may take to begin or to end.
const enough = time.Minute

// Start makes a cluster with these settings ("fsync=off") that ends with the
// test. Without an installed server the test is skipped, or fails where
// CHUDAN_REQUIRE_SERVERS is set.
func Start(t testing.TB, settings ...string) *Cluster {
	t.Helper()
	c, err := New(settings...)
	if err != nil {
		absent(t, err)
	}
	t.Cleanup(c.Remove)
	return c
}

// New makes a cluster for whoever is no test. Remove ends it.
func New(settings ...string) (*Cluster, error) {
	c, err := create(settings)
	if err != nil {
		return nil, err
	}
	if err := c.resume(); err != nil {
		c.Remove()
		return nil, err
	}
	return c, nil
}

// ErrNotInstalled tells that there is no server to start.
var ErrNotInstalled = errors.New("no PostgreSQL server is installed (looked for initdb in PATH and /usr/lib/postgresql/*/bin); " +
	"apt-get install postgresql on Debian and Ubuntu, brew install postgresql on macOS, or make servers as root")

func absent(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, ErrNotInstalled) && os.Getenv("CHUDAN_REQUIRE_SERVERS") == "" {
		t.Skip(err)
	}
	t.Fatal(err)
}

// binaries gives the directory with initdb and postgres, of the newest version
// that there is.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	slices.SortFunc(found, func(a, b string) int { return len(b) - len(a) + strings.Compare(b, a) })
	if path, err := exec.LookPath("initdb"); err == nil {
		found = append([]string{path}, found...)
	}
	for _, path := range found {
		path, err := filepath.EvalSymlinks(path)
		if err != nil {
			continue
		}
		dir := filepath.Dir(path)
		if _, err := os.Stat(filepath.Join(dir, "postgres")); err == nil {
			return dir, nil
		}
	}
	return "", ErrNotInstalled
}

// memory is a directory that is kept in memory on Linux. What is written there
// outlives a process that is killed, as it would on a disk.
const memory = "/dev/shm"

// makeDir makes the directory of a cluster, in memory where that can be and
// nothing is measured. Its name is short, because the path of a socket is.
func makeDir() (string, error) {
	if bench := flag.Lookup("test.bench"); bench != nil && bench.Value.String() == "" {
		if dir, err := os.MkdirTemp(memory, "pg"); err == nil {
			return dir, nil
		}
	}
	return os.MkdirTemp("", "pg")
}

func create(settings []string) (_ *Cluster, err error) {
	c := &Cluster{settings: settings}
	if c.bin, err = binaries(); err != nil {
		return nil, err
	}
	if c.owner, err = unprivileged(); err != nil {
		return nil, err
	}
	if c.dir, err = makeDir(); err != nil {
		return nil, err
	}
	if c.owner != nil {
		if err := os.Chown(c.dir, int(c.owner.Uid), int(c.owner.Gid)); err != nil {
			return nil, errors.Join(err, os.RemoveAll(c.dir))
		}
	}
	initdb := c.command("initdb", "-D", c.data(), "-U", "postgres", "--auth=trust", "--no-sync", "--locale=C", "--encoding=UTF8")
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w: %s", err, out), os.RemoveAll(c.dir))
	}
	return c, nil
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// command runs a server's binary as a user who may: PostgreSQL refuses root.
func (c *Cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...) //nolint:gosec // the server that was found, for tests
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	cmd.SysProcAttr = attributes(c.owner)
	return cmd
}

// Resume starts the server, after Crash or Stop too, and waits until it takes
// connections.
func (c *Cluster) Resume(t testing.TB) {
	t.Helper()
	if err := c.resume(); err != nil {
		t.Fatal(err)
	}
}

func (c *Cluster) resume() error {
	args := []string{"-D", c.data(), "-k", c.dir, "-c", "listen_addresses=", "-c", "max_connections=200", "-c", "log_min_messages=log"}
	for _, s := range c.settings {
		args = append(args, "-c", s)
	}
	c.server, c.ended, c.log = c.command("postgres", args...), make(chan struct{}), &lastLines{}
	out, err := c.server.StderrPipe()
	if err != nil {
		return err
	}
	ready := make(chan struct{})
	started := make(chan error, 1)
	go c.watch(out, started, ready)
	if err := <-started; err != nil {
		return err
	}
	select {
	case <-ready:
		return nil
	case <-c.ended:
		return fmt.Errorf("the PostgreSQL server ended:\n%s", c.log)
	case <-time.After(enough):
		return fmt.Errorf("the PostgreSQL server does not begin:\n%s", c.log)
	}
}

// watch starts the server and reads its log until it ends. It keeps its thread:
// where the server is to die with its parent, that is the thread.
func (c *Cluster) watch(out io.Reader, started chan<- error, ready chan<- struct{}) {
	defer close(c.ended)
	defer keepThread()()
	if err := c.server.Start(); err != nil {
		started <- err
		return
	}
	started <- nil
	begun := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		c.log.add(lines.Text())
		if !begun && strings.Contains(lines.Text(), "ready to accept") {
			begun = true
			close(ready)
		}
	}
	_ = c.server.Wait() // how it ended is nobody's concern: it was told to
}

// Crash ends the server as pg_ctl stop -m immediate does: nobody is waited for,
// nothing is written, and the next start has to recover.
func (c *Cluster) Crash() { c.end(syscall.SIGQUIT) }

// Stop ends the server in order, cutting off who is connected.
func (c *Cluster) Stop() { c.end(syscall.SIGINT) }

func (c *Cluster) end(how os.Signal) {
	if c.server == nil || c.server.Process == nil {
		return
	}
	_ = c.server.Process.Signal(how) // it may have ended already
	select {
	case <-c.ended:
	case <-time.After(enough):
		_ = c.server.Process.Kill()
		<-c.ended
	}
}

// Remove ends the server and leaves nothing of it.
func (c *Cluster) Remove() {
	c.Crash()
	_ = os.RemoveAll(c.dir)
}

// DSN names a database of the cluster, for a user with all rights.
func (c *Cluster) DSN(database string) string { return c.DSNAs("postgres", "", database) }

// DSNAs names a database for a user.
func (c *Cluster) DSNAs(user, password, database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(user), Path: "/" + database, RawQuery: url.Values{"host": {c.dir}}.Encode()}
	if password != "" {
		u.User = url.UserPassword(user, password)
	}
	return u.String()
}

// Socket is the path of the server's socket, for a proxy before it.
func (c *Cluster) Socket() string { return filepath.Join(c.dir, ".s.PGSQL.5432") }

// RequirePasswords lets nobody in without one from now on but postgres.
func (c *Cluster) RequirePasswords(t testing.TB) {
	t.Helper()
	rules := "local all postgres trust\nlocal all all scram-sha-256\n"
	if err := os.WriteFile(filepath.Join(c.data(), "pg_hba.conf"), []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	c.Exec(t, "postgres", "SELECT pg_reload_conf()")
}

// Replica makes a standby of the cluster that ends with the test.
func (c *Cluster) Replica(t testing.TB) *Cluster {
	t.Helper()
	r := &Cluster{bin: c.bin, owner: c.owner}
	var err error
	if r.dir, err = makeDir(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Remove)
	if r.owner != nil {
		if err := os.Chown(r.dir, int(r.owner.Uid), int(r.owner.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), enough)
	defer cancel()
	cmd := r.command("pg_basebackup", "-D", r.data(), "-h", c.dir, "-U", "postgres", "-R", "-X", "stream", "--no-sync", "--checkpoint=fast")
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("pg_basebackup: %v: %s", err, out)
	}
	r.Resume(t)
	return r
}
