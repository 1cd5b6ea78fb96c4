package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"modernc.org/sqlite"
)

// pageSize of a new file: a record of 2.5 KB fills pages of 2 KB without waste,
// and an index under random keys rewrites half of what it would with 4 KB.
const pageSize = 2048

// pragma is a setting, and what SQLite must say when asked for it.
type pragma struct{ name, want string }

// createFile makes a missing file, for its owner alone; SQLite gives its log
// the same mode. Only a new file is opened here: closing a second descriptor of
// a database in use would drop the process's locks on it.
func createFile(path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("sqlite: %s is a directory; name a file in it", path)
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("sqlite: %s is not a regular file", path)
	case err == nil:
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("sqlite: %w", err)
	}
	dir := filepath.Dir(path)
	if _, err := os.Stat(dir); err != nil {
		return fmt.Errorf("sqlite: there is no directory %s for %s; create it first: %w", dir, filepath.Base(path), err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil // another process was faster
	}
	if err != nil {
		return fmt.Errorf("sqlite: cannot create the database: %w", err)
	}
	return f.Close()
}

// connect opens a pool whose connections all have these settings.
func (c Config) connect(settings url.Values) (*sql.DB, error) {
	path, err := filepath.Abs(c.Path)
	if err != nil {
		return nil, err
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	settings.Set("mode", "rw")
	settings.Set("_busy_timeout", strconv.FormatInt(c.Wait.Milliseconds(), 10))
	settings.Set("_dqs", "false")
	settings.Set("_error_rc", "true")
	settings.Add("_pragma", "trusted_schema(0)")
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: settings.Encode()}
	connector, err := sqlite.NewConnector(dsn.String())
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

func (c Config) connectWriter() (*sql.DB, error) {
	db, err := c.connect(url.Values{
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"},
		"_pragma": {
			fmt.Sprintf("page_size(%d)", pageSize),
			"secure_delete(1)",   // what is erased or forgotten is not to be read in the file's free space
			"cache_size(-65536)", // KiB at most: the pages that every commit touches, some ten million policies long
		},
	})
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

func (c Config) connectReaders() (*sql.DB, error) {
	db, err := c.connect(url.Values{"_query_only": {"true"}, "_pragma": {"cache_size(-8192)"}})
	if err == nil {
		db.SetMaxOpenConns(c.Readers)
		db.SetMaxIdleConns(c.Readers)
	}
	return db, err
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// verify holds the settings of a connection against what was asked for: SQLite
// passes over what it does not understand or cannot do.
func verify(ctx context.Context, conn querier, pragmas ...pragma) error {
	for _, p := range pragmas {
		var got string
		if err := conn.QueryRowContext(ctx, "PRAGMA "+p.name).Scan(&got); err != nil {
			return fmt.Errorf("reading PRAGMA %s: %w", p.name, err)
		}
		if !strings.EqualFold(got, p.want) {
			return fmt.Errorf("PRAGMA %s is %s where it must be %s", p.name, got, p.want)
		}
	}
	return nil
}
