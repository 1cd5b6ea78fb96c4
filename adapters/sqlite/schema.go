package sqlite

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
)

var (
	//go:embed schema/1.sql
	schema1 string
	//go:embed schema/2.sql
	schema2 string
	//go:embed schema/3.sql
	schema3 string
	//go:embed schema/4.sql
	schema4 string
	//go:embed schema/5.sql
	schema5 string
	//go:embed schema/6.sql
	schema6 string
	//go:embed schema/7.sql
	schema7 string
	//go:embed schema/8.sql
	schema8 string
)

// migrations lead from each version of the schema to the next; what was
// released is never edited. The version is kept in PRAGMA user_version.
var migrations = []string{schema1, schema2, schema3, schema4, schema5, schema6, schema7, schema8}

// applicationID marks the file as chudan's: "chud" in ASCII.
const applicationID = 0x63687564

// migrate brings the schema up to date in one transaction, so that of two
// processes that start at once the second one finds the work done.
func migrate(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := upgrade(ctx, conn)
	end := "COMMIT"
	if err != nil {
		end = "ROLLBACK"
	}
	if _, ended := conn.ExecContext(ctx, end); err == nil {
		err = ended
	}
	return err
}

func upgrade(ctx context.Context, conn *sql.Conn) error {
	var application, version, tables int
	err := conn.QueryRowContext(ctx, `SELECT
		(SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)`).
		Scan(&application, &version, &tables)
	switch {
	case err != nil:
		return err
	case application != applicationID && (tables > 0 || version > 0 || application != 0):
		return fmt.Errorf("a database of another application (application_id %#x); name another file", application)
	case version > len(migrations):
		return fmt.Errorf("the schema has version %d, newer than the %d that this program knows; take the newer program", version, len(migrations))
	}
	for _, migration := range migrations[version:] {
		if _, err := conn.ExecContext(ctx, migration); err != nil {
			return fmt.Errorf("migrating the schema from version %d to %d: %w", version, len(migrations), err)
		}
	}
	// Written even where it says so already: on a file that cannot be written SQLite begins IMMEDIATE transactions without a word.
	_, err = conn.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, len(migrations)))
	return err
}
