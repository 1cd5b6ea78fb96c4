package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// inspect refuses a server on which what we promise would not hold.
func (s *Store) inspect(ctx context.Context) error {
	v, err := variables(ctx, s.reads)
	if err != nil {
		return err
	}
	if err := verifySession(v); err != nil {
		return err
	}
	if on(v["log_bin"]) && strings.EqualFold(v["binlog_format"], "STATEMENT") {
		// InnoDB does not write at READ COMMITTED then. Source: MySQL's reference of error 1665.
		return errors.New("binlog_format is STATEMENT, with which nothing can be written at READ COMMITTED; set binlog_format = ROW (SET GLOBAL, and in the server's file)")
	}
	if err := s.config.verifyWritable(ctx, v, s.reads); err != nil {
		return err
	}
	return s.config.verifySync(v)
}

// verifyWritable refuses a server that only follows another one.
func (c *Config) verifyWritable(ctx context.Context, v map[string]string, db *sql.DB) error {
	if c.AcceptReplica {
		return nil
	}
	for _, name := range []string{"read_only", "super_read_only", "innodb_read_only", "tidb_super_read_only", "tidb_restricted_read_only"} {
		if on(v[name]) {
			return fmt.Errorf("the server is read-only (%s is %s), a replica perhaps; name the one that is written to, or set Config.AcceptReplica to read only", name, v[name])
		}
	}
	return refuseReplica(ctx, db)
}

// variables are the settings that are looked at; those that a server does not
// know are missing.
func variables(ctx context.Context, db *sql.DB) (map[string]string, error) {
	rows, err := db.QueryContext(ctx, `SHOW VARIABLES WHERE Variable_name IN ('innodb_flush_log_at_trx_commit', 'log_bin', 'sync_binlog', 'binlog_format',
		'read_only', 'super_read_only', 'innodb_read_only', 'tidb_super_read_only', 'tidb_restricted_read_only',
		'sql_mode', 'tx_isolation', 'transaction_isolation', 'character_set_client')`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	v := map[string]string{}
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return nil, err
		}
		v[name] = value
	}
	return v, rows.Err()
}

// verifySession holds what the server says against what connector asked for: a
// proxy in between may have kept it to itself.
func verifySession(v map[string]string) error {
	isolation, known := v["transaction_isolation"]
	if !known {
		isolation = v["tx_isolation"]
	}
	switch {
	case !strings.Contains(v["sql_mode"], "STRICT_ALL_TABLES"):
		return fmt.Errorf("sql_mode is %q although STRICT_ALL_TABLES was set; is there a proxy that drops what a session sets?", v["sql_mode"])
	case isolation != "READ-COMMITTED":
		return fmt.Errorf("the isolation level is %q although READ-COMMITTED was set; is there a proxy that drops what a session sets?", isolation)
	case v["character_set_client"] != "utf8mb4":
		return fmt.Errorf("character_set_client is %q although utf8mb4 was asked for; see the server's skip-character-set-client-handshake and init_connect", v["character_set_client"])
	}
	return nil
}

// verifySync refuses commits that are acknowledged before they are on the disk.
// With the binary log on, recovery rolls back what InnoDB had prepared and that
// log has lost, so that it must be synced as well; a server without these
// settings (TiDB, OceanBase) syncs in its own way.
// Source: MySQL's reference of sync_binlog; MariaDB's of group commit for the binary log.
func (c *Config) verifySync(v map[string]string) error {
	const advice = "a crash of the machine loses policies that were answered; set %[1]s = 1 (SET GLOBAL, and in the server's file), or set Config.AcceptLoss where policies may be lost"
	if c.AcceptLoss {
		return nil
	}
	if sync, known := v["innodb_flush_log_at_trx_commit"]; known && sync != "1" && sync != "3" {
		return fmt.Errorf("innodb_flush_log_at_trx_commit is %[2]s: "+advice, "innodb_flush_log_at_trx_commit", sync)
	}
	if sync, known := v["sync_binlog"]; known && on(v["log_bin"]) && sync != "1" {
		return fmt.Errorf("log_bin is on and sync_binlog is %[2]s: "+advice, "sync_binlog", sync)
	}
	return nil
}

func on(value string) bool { return value == "1" || strings.EqualFold(value, "ON") }

// refuseReplica refuses a server that replicates from another one and yet can
// be written to. It says nothing where the user may not ask.
func refuseReplica(ctx context.Context, db *sql.DB) error {
	for _, statement := range []string{"SHOW REPLICA STATUS", "SHOW SLAVE STATUS"} {
		replica, err := follows(ctx, db, statement)
		if number(err) != 0 {
			continue // no right to ask, or no such statement
		}
		if err != nil {
			return err
		}
		if replica {
			return errors.New("the server replicates from another one; name that one, or set Config.AcceptReplica if this is the one of several masters that is written to")
		}
		return nil
	}
	return nil
}

// follows tells whether a server has a source. The members of a group, the one
// that is written to as well, have channels among themselves.
func follows(ctx context.Context, db *sql.DB, statement string) (replica bool, err error) {
	rows, err := db.QueryContext(ctx, statement)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return false, err
	}
	values, into := make([]sql.RawBytes, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return false, err
		}
		channel := slices.Index(names, "Channel_Name")
		replica = replica || channel < 0 || !strings.HasPrefix(string(values[channel]), "group_replication_")
	}
	return replica, rows.Err()
}

// tables are ours. What is in them must survive a crash and be compared byte by byte.
var tables = []string{"chudan_claim", "chudan_edition", "chudan_exposure", "chudan_exposure_sum", "chudan_head", "chudan_history", "chudan_hold", "chudan_journal", "chudan_outbox", "chudan_record", "chudan_version", "chudan_visit"}

// inspectTables refuses tables that somebody made or altered by hand.
func (s *Store) inspectTables(ctx context.Context) error {
	rows, err := s.reads.QueryContext(ctx, `SELECT TABLE_NAME, coalesce(ENGINE, '') FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, engine string
		if err := rows.Scan(&name, &engine); err != nil {
			return err
		}
		// OceanBase has an engine of its own.
		if slices.Contains(tables, name) && engine != "" && !strings.EqualFold(engine, "InnoDB") && !strings.EqualFold(engine, "OceanBase") {
			return fmt.Errorf("the table %s is kept by %s, which has no transactions: ALTER TABLE %s ENGINE = InnoDB", name, engine, name)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return s.inspectColumns(ctx)
}

// inspectColumns refuses columns that are compared in another way than byte by
// byte, or are missing.
func (s *Store) inspectColumns(ctx context.Context) error {
	var table, column, charset string
	err := s.reads.QueryRowContext(ctx, `SELECT TABLE_NAME, COLUMN_NAME, CHARACTER_SET_NAME FROM information_schema.COLUMNS
		WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ('chudan_claim', 'chudan_edition', 'chudan_exposure', 'chudan_exposure_sum', 'chudan_history', 'chudan_hold', 'chudan_record', 'chudan_visit')
			AND CHARACTER_SET_NAME IS NOT NULL AND CHARACTER_SET_NAME <> 'binary' LIMIT 1`).Scan(&table, &column, &charset)
	if err == nil {
		return fmt.Errorf("the column %s of %s has the character set %s, which takes different values for the same; make it VARBINARY", column, table, charset)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	for _, statement := range []string{
		`SELECT id FROM chudan_record FORCE INDEX (record_status, record_at) LIMIT 0`,
		`SELECT ` + columns + `, id FROM chudan_record LIMIT 0`, `SELECT value, path, tenant, record FROM chudan_claim LIMIT 0`,
		`SELECT record, revision, status, product, edition, digest, fingerprint, at, sealed FROM chudan_history LIMIT 0`,
		`SELECT id, event, audit, hash FROM chudan_journal LIMIT 0`, `SELECT journal, owner, until FROM chudan_outbox LIMIT 0`,
		`SELECT product, edition, digest, source, at FROM chudan_edition LIMIT 0`, `SELECT record, placed_by, why, at FROM chudan_hold LIMIT 0`,
		`SELECT subject, until, record, amount FROM chudan_exposure LIMIT 0`, `SELECT subject, amount FROM chudan_exposure_sum LIMIT 0`,
		`SELECT ` + visitColumns + ` FROM chudan_visit FORCE INDEX (visit_reference, visit_key) LIMIT 0`,
	} {
		if _, err := s.reads.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	if err := ask(ctx, s.reads); !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return errNoHead
}
