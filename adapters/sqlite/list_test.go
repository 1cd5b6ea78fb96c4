package sqlite_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/sqlite"
	"github.com/chudan-io/chudan/policy"
)

// TestListingsUseAnIndex: none of them sorts records, and only the one that
// selects all reads all.
func TestListingsUseAnIndex(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	open(t, sqlite.Config{Path: path})
	for query, want := range map[string][]string{
		sqlite.Everything:    {"SEARCH record USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
		sqlite.Pending:       {"SEARCH record USING INDEX record_pending (status=? AND rowid>? AND rowid<?)"},
		sqlite.DecidedWithin: {"SEARCH record USING COVERING INDEX record_at (at>? AND at<?)", "USE TEMP B-TREE FOR ORDER BY"},

		sqlite.VisitsByReference:  {"SEARCH visit USING INDEX visit_reference (reference=? AND at>? AND at<?)"},
		sqlite.VisitsByIdentifier: {"SEARCH visit USING INDEX visit_identifier (identifier=? AND at>? AND at<?)"},
		sqlite.VisitsByTime:       {"SEARCH visit USING INDEX visit_at (at>? AND at<?)"},
	} {
		if got := plan(t, path, query); !slices.Equal(got, want) {
			t.Errorf("%s:\n%q, want\n%q", query, got, want)
		}
	}
}

var parameter = regexp.MustCompile(`\?\d*`)

// plan is how SQLite carries out a query.
func plan(t *testing.T, path, query string) []string {
	t.Helper()
	return read(t, path, "EXPLAIN QUERY PLAN "+parameter.ReplaceAllString(query, "'1'"), func(r *sql.Rows) (detail string, err error) {
		var id, parent, unused int
		err = r.Scan(&id, &parent, &unused, &detail)
		return detail, err
	})
}

// TestWritesMakeNoTable: SQLite makes a table of its own for some expressions,
// each time, which costs more than the row that is written.
func TestWritesMakeNoTable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	open(t, sqlite.Config{Path: path})
	for _, query := range sqlite.Queries() {
		if !strings.HasPrefix(query, "INSERT INTO") {
			continue
		}
		steps := read(t, path, "EXPLAIN "+parameter.ReplaceAllString(query, "'1'"), func(r *sql.Rows) (opcode string, err error) {
			var rest [7]any
			err = r.Scan(&rest[0], &opcode, &rest[1], &rest[2], &rest[3], &rest[4], &rest[5], &rest[6])
			return opcode, err
		})
		if !slices.Contains(steps, "MakeRecord") || slices.Contains(steps, "OpenEphemeral") {
			t.Errorf("%s: %q", query, steps)
		}
	}
}

// TestListByTime: of many records that were decided on several days, in no
// order, those of a day are given as they arrived, also where they are more
// runs than are kept in mind at once.
func TestListByTime(t *testing.T) {
	if testing.Short() {
		t.Skip("one list after the other: make test has it")
	}
	const rows = 3000
	path := filepath.Join(t.TempDir(), "chudan.db")
	s := open(t, sqlite.Config{Path: path})
	execute(t, path, fmt.Sprintf(`WITH RECURSIVE series(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM series WHERE i < %d)
		INSERT INTO record SELECT i, i, 'app-1', 1, iif(i %% 7, 'refused', 'reserved'), NULL, 'P', 'E', 'd', x'', (i * 7919 %% 3) * 86400000000 + i, x'', NULL FROM series`, rows))
	day := func(n int) time.Time { return time.UnixMicro(0).UTC().AddDate(0, 0, n) }
	for name, sel := range map[string]policy.Selection{
		"a day":             {From: day(1), To: day(2)},
		"from a day":        {From: day(1)},
		"to a day":          {To: day(1)},
		"pending, of a day": {From: day(1), To: day(2), Status: policy.StatusReserved},
		"kept, of a day":    {From: day(1), To: day(2), Status: policy.StatusRefused},
		"no day":            {From: day(5), To: day(6)},
	} {
		t.Run(name, func(t *testing.T) {
			var want []string
			for i := 1; i <= rows; i++ {
				status := policy.StatusRefused
				if i%7 == 0 {
					status = policy.StatusReserved
				}
				if sel.Selects(&policy.Record{Status: status, At: day(i * 7919 % 3).Add(time.Duration(i) * time.Microsecond)}) {
					want = append(want, fmt.Sprint(i))
				}
			}
			if got := identifiers(t, s, sel); !slices.Equal(got, want) {
				t.Errorf("%d are given, want %d: %.80q", len(got), len(want), strings.Join(got, " "))
			}
		})
	}
}

func TestDecidedInRuns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	s := open(t, sqlite.Config{Path: path})
	for id, day := range []int{1, 1, 2, 1, 1, 1, 2, 1} {
		execute(t, path, fmt.Sprintf(`INSERT INTO record VALUES (%d, %d, 'app-1', 1, 'refused', NULL, 'P', 'E', 'd', x'', %d, x'', NULL)`, id+1, id, day))
	}
	sel := policy.Selection{From: time.UnixMicro(1), To: time.UnixMicro(2)}
	for _, c := range []struct {
		after int64
		limit int
		want  [][2]int64
		more  bool
	}{
		{0, 9, [][2]int64{{1, 2}, {4, 6}, {8, 8}}, false},
		{0, 3, [][2]int64{{1, 2}, {4, 6}, {8, 8}}, false},
		{0, 2, [][2]int64{{1, 2}, {4, 6}}, true},
		{6, 2, [][2]int64{{8, 8}}, false},
		{8, 2, nil, false},
	} {
		runs, more, err := s.Decided(t.Context(), sel, c.after, c.limit)
		if err != nil || more != c.more || !slices.Equal(runs, c.want) {
			t.Errorf("behind %d, %d of them: %v, %v, %v, want %v, %v", c.after, c.limit, runs, more, err, c.want, c.more)
		}
	}
}

func identifiers(t *testing.T, s *sqlite.Store, sel policy.Selection) (all []string) {
	t.Helper()
	for r, err := range s.List(t.Context(), sel) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r.Key.Identifier)
	}
	return all
}
