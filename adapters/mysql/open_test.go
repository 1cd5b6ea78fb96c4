package mysql_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/mysql"
	"github.com/chudan-io/chudan/internal/mytest"
	"github.com/chudan-io/chudan/policy"
)

// refused opens a store that must not open.
func refused(t *testing.T, c mysql.Config, want string) {
	t.Helper()
	_ = refusal(t, c, want)
}

// refusal is the error of a store that must not open, held against what it is to
// name and what it may not.
func refusal(t *testing.T, c mysql.Config, want string) error {
	t.Helper()
	s, err := mysql.Open(t.Context(), c)
	if err == nil {
		_ = s.Close()
		t.Fatal("opened")
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("%v\ndoes not say %q", err, want)
	}
	for _, secret := range []string{"#word", "%23word", "s3cret"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%v\nquotes the password", err)
		}
	}
	return err
}

func TestConfigRefused(t *testing.T) {
	for name, c := range map[string]struct {
		config mysql.Config
		want   string
	}{
		"nothing":            {mysql.Config{}, "Config.DSN: want mysql://"},
		"negative":           {mysql.Config{DSN: "mysql://u@h/d", Wait: -1, Connect: -1, Batch: -1, Readers: -1, Lease: -1}, "Config.Lease -1"},
		"the driver's form":  {mysql.Config{DSN: "u:s3cret@tcp(h:3306)/d"}, "want mysql://"},
		"a password with /":  {mysql.Config{DSN: "mysql://u:s3cret/x@h:1/d"}, "written as %XX"},
		"a password with %":  {mysql.Config{DSN: "mysql://u:s3cret%zz@h:1/d"}, "written as %XX"},
		"another scheme":     {mysql.Config{DSN: "postgres://u:s3cret@h/d"}, "want mysql://"},
		"no database":        {mysql.Config{DSN: "mysql://u:s3cret@h"}, "the database is missing"},
		"an empty database":  {mysql.Config{DSN: "mysql://u:s3cret@h/"}, "the database is missing"},
		"two databases":      {mysql.Config{DSN: "mysql://u:s3cret@h/a/b"}, "want mysql://"},
		"no user":            {mysql.Config{DSN: "mysql://h/d"}, "the user is missing"},
		"no host":            {mysql.Config{DSN: "mysql://u:s3cret@/d"}, "the host is missing"},
		"host and socket":    {mysql.Config{DSN: "mysql://u:s3cret@h/d?socket=/s"}, "leave one of them out"},
		"unknown parameter":  {mysql.Config{DSN: "mysql://u:s3cret@h/d?allowAllFiles=true"}, `no parameter "allowAllFiles"`},
		"unknown tls":        {mysql.Config{DSN: "mysql://u:s3cret@h/d?tls=yes"}, `tls is "yes"`},
		"ca without tls":     {mysql.Config{DSN: "mysql://u:s3cret@h/d?ca=/x"}, "tls=true alone"},
		"ca that is missing": {mysql.Config{DSN: "mysql://u:s3cret@h/d?tls=true&ca=/no/such"}, "/no/such"},
		"ca that is none":    {mysql.Config{DSN: "mysql://u:s3cret@h/d?tls=true&ca=/dev/null"}, "no certificate in /dev/null"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, c.config, c.want) })
	}
}

func TestOpenRefusesSchema(t *testing.T) {
	server := newServer(t)
	for name, c := range map[string]struct{ statement, want string }{
		"newer":                 {`UPDATE chudan_version SET version = 99`, "version 99, newer than the"},
		"without transactions":  {`ALTER TABLE chudan_claim ENGINE = MyISAM`, "ALTER TABLE chudan_claim ENGINE = InnoDB"},
		"with a collation":      {`ALTER TABLE chudan_record MODIFY identifier VARCHAR(255) CHARACTER SET utf8mb4 NOT NULL`, "column identifier of chudan_record has the character set utf8mb4"},
		"without its head":      {`DELETE FROM chudan_head`, "the row of chudan_head is gone"},
		"with a table too few":  {`DROP TABLE chudan_claim`, "chudan_claim' doesn't exist"},
		"with an index too few": {`DROP INDEX record_status ON chudan_record`, "an index or a column is missing"},
		"with a column too few": {`ALTER TABLE chudan_record DROP COLUMN digest`, "column is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			database := server.Database(t)
			_ = open(t, mysql.Config{DSN: server.URL(database)}).Close()
			server.Exec(t, database, c.statement)
			refused(t, mysql.Config{DSN: server.URL(database)}, c.want)
		})
	}
	database := server.Database(t)
	_ = open(t, mysql.Config{DSN: server.URL(database)}).Close()
	server.Exec(t, database, `UPDATE chudan_version SET version = 99`)
	open(t, mysql.Config{DSN: server.URL(database), AcceptNewerSchema: true})
}

// TestOpenRefusesServer: really misconfigured servers, and what puts up with them.
func TestOpenRefusesServer(t *testing.T) {
	binlog := newOwnServer(t, "--log-bin=log", "--server-id=1", "--sync-binlog=0")
	latin := newOwnServer(t, "--skip-character-set-client-handshake", "--character-set-server=latin1")
	for _, c := range []struct {
		name       string
		server     *mytest.Server
		set, unset string
		want       string
		accepting  func(*mysql.Config) // nil: nothing helps
	}{
		{"binary log not synced", binlog, "", "SET GLOBAL sync_binlog = 1", "log_bin is on and sync_binlog is 0", func(c *mysql.Config) { c.AcceptLoss = true }},
		{"not synced", binlog, "SET GLOBAL innodb_flush_log_at_trx_commit = 2", "SET GLOBAL innodb_flush_log_at_trx_commit = 1", "innodb_flush_log_at_trx_commit is 2", func(c *mysql.Config) { c.AcceptLoss = true }},
		{"replica", binlog, "CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_USER = 'x', MASTER_PASSWORD = 's3cret'", "RESET SLAVE ALL", "replicates from another one", func(c *mysql.Config) { c.AcceptReplica = true }},
		{"read-only", binlog, "SET GLOBAL read_only = 1", "SET GLOBAL read_only = 0", "read-only (read_only is ON)", func(c *mysql.Config) { c.AcceptReplica = true }},
		{"statements replicated", binlog, "SET GLOBAL binlog_format = STATEMENT", "SET GLOBAL binlog_format = MIXED", "binlog_format is STATEMENT", nil},
		{"another character set", latin, "", "", "character_set_client", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			database := c.server.Database(t)
			config := mysql.Config{DSN: c.server.URL(database)}
			if c.set != "" {
				c.server.Exec(t, "", c.set)
			}
			refused(t, config, c.want)
			if c.accepting != nil {
				accepting := config
				c.accepting(&accepting)
				_ = open(t, accepting).Close()
			}
			if c.unset != "" {
				c.server.Exec(t, "", c.unset)
				_ = open(t, config).Close()
			}
		})
	}
}

func TestOpenUnavailable(t *testing.T) {
	server := newServer(t)
	database := server.Database(t)
	nobody := server.User(t, database)
	reader := server.User(t, database, "SELECT ON "+database+".*")
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for name, c := range map[string]struct{ dsn, want string }{
		"no server":               {mytest.URL(closed.Addr().String(), database), "cannot be reached"},
		"no answer":               {mytest.URL(silent.Addr().String(), database), "no connection within 300ms"},
		"wrong password":          {strings.Replace(server.URL(database), "%23word", "s3cret", 1), "does not let this user in"},
		"no database":             {server.URL("no_such"), "no such database"},
		"no right at all":         {nobody, "lacks a right"},
		"no right to make tables": {reader, "lacks a right"},
	} {
		t.Run(name, func(t *testing.T) {
			err := refusal(t, mysql.Config{DSN: c.dsn, Wait: 300 * time.Millisecond, Connect: 300 * time.Millisecond}, c.want)
			if !errors.Is(err, policy.ErrUnavailable) {
				t.Errorf("%v is not ErrUnavailable", err)
			}
		})
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := mysql.Open(ended, mysql.Config{DSN: server.URL(database)}); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
}

// TestOpenAtOnce: of nodes that start together on an empty database each finds
// the schema, and one has made it.
func TestOpenAtOnce(t *testing.T) {
	server := newServer(t)
	database := server.Database(t)
	var done sync.WaitGroup
	for range 8 {
		done.Go(func() {
			s, err := mysql.Open(t.Context(), mysql.Config{DSN: server.URL(database), Readers: 2})
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { _ = s.Close() })
		})
	}
	done.Wait()
	if heads := read(t, server, database, `SELECT count(*) FROM chudan_head`, scanText); heads[0] != "1" {
		t.Errorf("chudan_head has %s rows", heads[0])
	}
}

// TestMigrationRepeated: a node that died in the midst of the steps leaves the
// rest to the next.
func TestMigrationRepeated(t *testing.T) {
	server := newServer(t)
	for done := range mysql.Steps() {
		database := server.Database(t)
		s := open(t, mysql.Config{DSN: server.URL(database)})
		issueOne(t, s, "k")
		_ = s.Close()
		db := server.DB(t, database)
		_, err := db.ExecContext(t.Context(), `UPDATE chudan_version SET version = ?`, done)
		_ = db.Close()
		if err != nil {
			t.Fatal(err)
		}
		s = open(t, mysql.Config{DSN: server.URL(database)})
		if r := issueOne(t, s, "next"); r.Number != "N2" {
			t.Errorf("after step %d: the second policy has the number %s", done, r.Number)
		}
	}
}

// TestGrants: what the package's documentation lists is enough, and nothing
// that is final can be changed with it.
func TestGrants(t *testing.T) {
	server := newServer(t)
	database := server.Database(t)
	_ = open(t, mysql.Config{DSN: server.URL(database)}).Close()
	dsn := server.User(t, database,
		"SELECT, INSERT ON "+database+".*", "UPDATE ON "+database+".chudan_head", "UPDATE ON "+database+".chudan_record", "UPDATE ON "+database+".chudan_exposure_sum",
		"UPDATE, DELETE ON "+database+".chudan_outbox", "DELETE ON "+database+".chudan_claim", "DELETE ON "+database+".chudan_exposure", "DELETE ON "+database+".chudan_visit")
	s := open(t, mysql.Config{DSN: dsn})
	issueHistory(t, s)
	if err := s.KeepEdition(t.Context(), policy.ArchivedEdition{Product: "P", Edition: "1", Digest: "d"}); err != nil {
		t.Error(err)
	}
	if err := s.Enter(t.Context(), policy.Visit{Code: "SUCCESS"}); err != nil {
		t.Error(err)
	}
	if n, err := s.Forget(t.Context(), time.Now(), 1); n != 1 || err != nil {
		t.Errorf("Forget: %d, %v", n, err)
	}
	tx, err := openRaw(t, dsn).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	issueIn(t, s.Within(tx), draft("within"), "N4", true)
	if _, err := s.Within(tx).Policy(t.Context(), "N4"); err != nil {
		t.Error(err)
	}
	_ = tx.Rollback()
	publish := func(context.Context, [][]byte) error { return nil }
	if n, err := s.Relay(t.Context(), 10, publish); n != 1 || err != nil {
		t.Errorf("Relay: %d, %v", n, err)
	}
	db := openRaw(t, dsn)
	for _, slip := range []string{
		`DELETE FROM chudan_record`, `DELETE FROM chudan_head`, `DROP TABLE chudan_record`,
		`DELETE FROM chudan_history`, `UPDATE chudan_history SET sealed = ''`, `UPDATE chudan_claim SET record = 2`,
		`DELETE FROM chudan_journal`, `UPDATE chudan_journal SET audit = ''`, `DELETE FROM chudan_edition`, `UPDATE chudan_edition SET source = ''`,
	} {
		if _, err := db.ExecContext(t.Context(), slip); err == nil || !strings.Contains(err.Error(), "denied") {
			t.Errorf("%s: %v", slip, err)
		}
	}
}
