package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/adapters/postgres"
	"github.com/chudan-io/chudan/internal/pgtest"
	"github.com/chudan-io/chudan/policy"
)

// refused opens a store that must be refused in these words, and gives the
// error.
func refused(t *testing.T, c postgres.Config, words ...string) error {
	t.Helper()
	s, err := postgres.Open(t.Context(), c)
	if err == nil {
		_ = s.Close()
		t.Fatal("opened")
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
	if strings.ContainsAny(err.Error(), "\n\t") {
		t.Errorf("not one line: %q", err)
	}
	return err
}

func TestRefuseConfig(t *testing.T) {
	for name, c := range map[string]struct {
		config postgres.Config
		words  string
	}{
		"empty":            {postgres.Config{}, "Config.DSN is empty"},
		"no DSN":           {postgres.Config{DSN: "postgres://u:geheim@h:port/d"}, "Config.DSN is no connection string"},
		"bad escape":       {postgres.Config{DSN: "postgres://u:ge%heim@h/d"}, "Config.DSN is no connection string"},
		"words":            {postgres.Config{DSN: "host=h password='geheim"}, "Config.DSN is no connection string"},
		"simple protocol":  {postgres.Config{DSN: "postgres://u:geheim@h/d?default_query_exec_mode=simple_protocol"}, "simple protocol"},
		"negative wait":    {postgres.Config{DSN: "postgres://h/d", Wait: -1}, "Config.Wait"},
		"negative connect": {postgres.Config{DSN: "postgres://h/d", Connect: -1}, "Config.Connect"},
		"negative batch":   {postgres.Config{DSN: "postgres://h/d", Batch: -1}, "Config.Batch"},
		"negative readers": {postgres.Config{DSN: "postgres://h/d", Readers: -1}, "Config.Readers"},
		"negative relays":  {postgres.Config{DSN: "postgres://h/d", Relays: -1}, "Config.Relays"},
		"negative publish": {postgres.Config{DSN: "postgres://h/d", Publish: -1}, "Config.Publish"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := refused(t, c.config, c.words); strings.Contains(err.Error(), "heim") {
				t.Errorf("quotes the password: %v", err)
			}
		})
	}
}

// TestRefuseLoss: servers that would lose what was answered.
func TestRefuseLoss(t *testing.T) {
	reckless := pgtest.Start(t, "fsync=off", "full_page_writes=off", "synchronous_commit=off")
	c := postgres.Config{DSN: reckless.DSN("postgres")}
	_ = refused(t, c, "fsync is off", "full_page_writes is off", "synchronous_commit is off", "Config.AcceptLoss")
	if n := scalar(t, c.DSN, `SELECT count(*) FROM pg_class WHERE relname LIKE 'chudan%'`); n > 0 {
		t.Errorf("%d tables were made on a server that was refused", n)
	}
	c.AcceptLoss = true
	open(t, c)

	// Off for this connection alone, in one of the ways in which that happens.
	_ = refused(t, postgres.Config{DSN: shared.Database(t) + "&synchronous_commit=off"}, "synchronous_commit is off")
}

func TestRefuseReplica(t *testing.T) {
	primary := pgtest.Start(t)
	s := open(t, postgres.Config{DSN: primary.DSN("postgres")})
	if _, _, err := s.Issue(t.Context(), issuing(key("k"), "a")); err != nil {
		t.Fatal(err)
	}
	c := postgres.Config{DSN: primary.Replica(t).DSN("postgres")}
	_ = refused(t, c, "replica", "target_session_attrs=read-write", "Config.AcceptReplica")
	c.AcceptReplica = true
	reader := open(t, c)
	if _, err := reader.Find(t.Context(), key("k")); err != nil {
		t.Error(err)
	}
	if _, _, err := reader.Issue(t.Context(), issuing(key("k2"), "a")); !errors.Is(err, policy.ErrUnavailable) {
		t.Errorf("Issue on a replica: %v, want ErrUnavailable", err)
	}
	if err := reader.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestRefuseNewerSchema(t *testing.T) {
	c := postgres.Config{DSN: shared.Database(t)}
	s := open(t, c)
	_ = s.Close()
	exec(t, pgtest.Connect(t, c.DSN), `INSERT INTO chudan_schema (version) VALUES (99)`)
	if err := refused(t, c, "version 99", "newer than the", "Config.AcceptNewerSchema"); errors.Is(err, policy.ErrUnavailable) {
		t.Errorf("waiting does not cure it: %v", err)
	}
	c.AcceptNewerSchema = true
	open(t, c)
}

func TestRefuseEncoding(t *testing.T) {
	cluster := shared.Cluster(t)
	cluster.Exec(t, "postgres", `CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`)
	_ = refused(t, postgres.Config{DSN: cluster.DSN("latin")}, "encoding LATIN1", "ENCODING 'UTF8'")
}

func TestRefuseOldServer(t *testing.T) {
	for version, refused := range map[int]bool{90624: true, 130022: true, 140000: false, 150018: false, 190000: false} {
		if err := postgres.Refuses(postgres.Config{}, version, "UTF8"); (err != nil) != refused {
			t.Errorf("version %d: %v", version, err)
		}
	}
}

// TestRefuseConnection: what stands between a store and its server, told
// without what must not be told.
func TestRefuseConnection(t *testing.T) {
	cluster := shared.Cluster(t)
	cluster.RequirePasswords(t)
	cluster.Exec(t, "postgres", `REVOKE CREATE ON SCHEMA public FROM PUBLIC; CREATE ROLE clerk LOGIN PASSWORD 'richtig'`)
	for name, c := range map[string]struct {
		dsn, words string
	}{
		"wrong password":   {cluster.DSNAs("clerk", "geheim", "postgres"), "the user and the password"},
		"no password":      {cluster.DSNAs("clerk", "", "postgres"), "the user and the password"},
		"no such user":     {cluster.DSNAs("nobody", "geheim", "postgres"), "the user and the password"},
		"no such database": {cluster.DSNAs("clerk", "richtig", "nowhere"), "there is no such database"},
		"no right":         {cluster.DSNAs("clerk", "richtig", "postgres"), "the user lacks a right"},
		"no schema":        {cluster.DSN("postgres") + "&search_path=nowhere", "there is no schema"},
		"no server":        {"postgres://clerk:geheim@127.0.0.1:1/postgres", "the server cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			err := refused(t, postgres.Config{DSN: c.dsn}, c.words)
			if !errors.Is(err, policy.ErrUnavailable) {
				t.Errorf("not ErrUnavailable: %v", err)
			}
			if s := err.Error(); strings.Contains(s, "geheim") || strings.Contains(s, "richtig") {
				t.Errorf("tells the password: %v", err)
			}
		})
	}
}

// TestRights: once the tables are there, a user who cannot make or drop any
// serves.
func TestRights(t *testing.T) {
	cluster := shared.Cluster(t)
	dsn := shared.Database(t)
	_ = open(t, postgres.Config{DSN: dsn}).Close()
	conn := pgtest.Connect(t, dsn)
	schema := conn.Config().RuntimeParams["search_path"]
	exec(t, conn, `CREATE ROLE serving LOGIN PASSWORD 'p'; GRANT USAGE ON SCHEMA `+schema+` TO serving;
		GRANT SELECT ON ALL TABLES IN SCHEMA `+schema+` TO serving; GRANT USAGE ON ALL SEQUENCES IN SCHEMA `+schema+` TO serving;
		GRANT INSERT ON chudan_key, chudan_record, chudan_claim, chudan_chain, chudan_journal, chudan_outbox, chudan_edition, chudan_exposure, chudan_exposure_sum TO serving;
		GRANT UPDATE ON chudan_key, chudan_outbox, chudan_exposure_sum TO serving; GRANT INSERT ON chudan_pending, chudan_visit TO serving;
		GRANT DELETE ON chudan_outbox, chudan_claim, chudan_pending, chudan_exposure TO serving`)
	s := open(t, postgres.Config{DSN: cluster.DSNAs("serving", "p", "postgres") + "&search_path=" + schema})
	var drafts []policy.Draft
	for i, status := range []policy.Status{policy.StatusReferred, policy.StatusReserved, policy.StatusRefused} {
		drafts = append(drafts, policy.Draft{Key: key("k"), Replaces: int64(i), Unique: issuing(key("k"), "b", "S1").Unique, Complete: func(uint64) (policy.Entry, error) {
			return entry(key("k"), status, "", "a"), nil
		}})
	}
	d := issuing(key("k"), "b", "S1")
	d.Replaces = 3
	for _, d := range append(drafts, d) {
		d = exposing(d, 1, 1<<40, subject(1))
		if _, won, err := s.Issue(t.Context(), d); err != nil || !won {
			t.Fatal(won, err)
		}
	}
	if err := s.KeepEdition(t.Context(), policy.ArchivedEdition{Product: "P", Edition: "1", Digest: "d", At: at}); err != nil {
		t.Error(err)
	}
	if n, err := s.Relay(t.Context(), 10, publishNowhere); n != 4 || err != nil {
		t.Error(n, err)
	}
	if err := s.Enter(t.Context(), policy.Visit{At: at, Key: key("k")}); err != nil {
		t.Error(err)
	}
	if _, err := s.Forget(t.Context(), at, 1); err == nil || !strings.Contains(err.Error(), "GRANT DELETE ON chudan_visit") {
		t.Errorf("Forget without the right: %v", err)
	}
	exec(t, conn, `DROP OWNED BY serving; DROP ROLE serving`)
}
