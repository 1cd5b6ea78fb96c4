package mysql

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

//go:embed schema/1.sql
var schema1 string

//go:embed schema/2.sql
var schema2 string

//go:embed schema/3.sql
var schema3 string

//go:embed schema/4.sql
var schema4 string

//go:embed schema/5.sql
var schema5 string

// steps lead to the schema of this program, one statement each; their count is
// the version. What was released is never edited.
var steps = slices.Concat(statements(schema1), statements(schema2), statements(schema3), statements(schema4), statements(schema5))

// migrationWait is how long one node waits for another one that migrates. Its own
// steps take the time that they take: an index over many records is built for long.
const migrationWait = time.Minute

// versionTable holds the version, and its row is the lock under which one node
// migrates. GET_LOCK would be another way, but OceanBase lacks it.
// Source: github.com/flyway/flyway/pull/3571.
const versionTable = `CREATE TABLE IF NOT EXISTS chudan_version (
	one     TINYINT NOT NULL PRIMARY KEY,
	version INT NOT NULL
) ENGINE = InnoDB`

// statements splits a file at the semicolons that end its lines.
func statements(file string) (all []string) {
	for _, s := range strings.Split(file, ";\n") {
		if s = strings.TrimSpace(s); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// migrate brings the schema up to date. Of nodes that start at once, one does;
// a database that is up to date is only read, so that a user without the right
// to create tables is enough from then on.
func (s *Store) migrate(ctx context.Context) error {
	version, err := readVersion(ctx, s.reads)
	switch {
	case number(err) == noTable:
		if _, err := s.writes.ExecContext(ctx, versionTable); err != nil && number(err) != tableExists {
			return err
		}
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return err
	case err == nil && version == len(steps):
		return nil
	case err == nil && version > len(steps):
		return s.config.refuseNewer(version)
	}
	waiting, cancel := context.WithTimeout(ctx, migrationWait)
	defer cancel()
	for attempt := 0; ; attempt++ {
		err := s.upgrade(ctx)
		if !passing(err) || !pause(waiting, attempt) {
			return err
		}
	}
}

func (c *Config) refuseNewer(version int) error {
	if c.AcceptNewerSchema {
		return nil
	}
	return fmt.Errorf("the schema has version %d, newer than the %d that this program knows; take the newer program, or set Config.AcceptNewerSchema", version, len(steps))
}

// upgrade carries out the steps that are left while it holds the lock. DDL
// commits the transaction that it runs in: it runs on another connection. The
// lock is on one of those that the server keeps when they say nothing for long.
func (s *Store) upgrade(ctx context.Context) (err error) {
	if _, err := s.writes.ExecContext(ctx, `INSERT INTO chudan_version (one, version) VALUES (1, 0)`); err != nil && number(err) != duplicate {
		return err
	}
	lock, err := s.reads.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreDone(lock.Rollback()))
		}
	}()
	var version int
	if err := lock.QueryRowContext(ctx, `SELECT version FROM chudan_version WHERE one = 1 FOR UPDATE`).Scan(&version); err != nil {
		return err
	}
	if version > len(steps) {
		return s.config.refuseNewer(version) // of a node that was faster
	}
	for i, step := range steps[version:] {
		if _, err := s.writes.ExecContext(ctx, step); err != nil && !done(err) {
			return fmt.Errorf("migrating the schema, step %d of %d: %w", version+i+1, len(steps), err)
		}
	}
	if _, err := lock.ExecContext(ctx, `UPDATE chudan_version SET version = ? WHERE one = 1`, len(steps)); err != nil {
		return err
	}
	return lock.Commit()
}

// done tells whether a step failed because a node that died had carried it out
// and not got to write the version.
func done(err error) bool {
	switch number(err) {
	case tableExists, columnExists, indexExists:
		return true
	}
	return false
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

func readVersion(ctx context.Context, db *sql.DB) (version int, err error) {
	err = db.QueryRowContext(ctx, `SELECT version FROM chudan_version WHERE one = 1`).Scan(&version)
	return version, err
}
