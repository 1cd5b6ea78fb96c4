package mysql_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/mysql"
	"github.com/chudan-io/chudan/internal/mytest"
	"github.com/chudan-io/chudan/policy"
)

// began is when the first of many records was decided; each next one a second later.
var began = time.Date(2021, 8, 1, 0, 0, 0, 0, time.UTC)

// fill writes many records past the store, decided a second after each other.
func fill(t *testing.T, server *mytest.Server, database string, rows int) {
	t.Helper()
	server.Exec(t, database, fmt.Sprintf(`INSERT INTO chudan_record (id, identifier, tenant, revision, status, number, product, edition, digest, fingerprint, at, sealed)
		SELECT seq, concat('k', seq), 'app-1', 1, 'issued', concat('N', seq), if(seq %% 2, 'P1', 'P2'), 'E', 'd', '', %d + (seq - 1) * 1000000, '' FROM seq_1_to_%d`, began.UnixMicro(), rows))
	server.Exec(t, database, fmt.Sprintf(`UPDATE chudan_head SET record = %d`, rows))
	server.Exec(t, database, `ANALYZE TABLE chudan_record`)
}

// rowsRead is how many rows and entries of indexes the server has read for all.
func rowsRead(t *testing.T, server *mytest.Server, database string) int {
	t.Helper()
	sum, err := strconv.Atoi(read(t, server, database, `SELECT CAST(sum(VARIABLE_VALUE) AS CHAR) FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME LIKE 'HANDLER\_READ\_%'`, scanText)[0])
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// TestListReads: what is selected is found, in order of arrival, and the server
// has read little beside.
func TestListReads(t *testing.T) {
	if testing.Short() {
		t.Skip("200,000 records: make test has them")
	}
	const rows = 200_000
	server := newServer(t)
	database := server.Database(t)
	s := open(t, mysql.Config{DSN: server.URL(database), Wait: 30 * time.Second})
	fill(t, server, database, rows)
	// Late ones: every tenth of the first half was decided on the last day.
	server.Exec(t, database, fmt.Sprintf(`UPDATE chudan_record SET revision = 2, at = %d + id WHERE id %% 10 = 0 AND id <= %d`, began.AddDate(0, 0, 30).UnixMicro(), rows/2))
	server.Exec(t, database, `UPDATE chudan_record SET status = 'reserved', number = NULL WHERE id IN (7, 100001, 199999)`)
	late := policy.Selection{From: began.AddDate(0, 0, 30), To: began.AddDate(0, 0, 31)}
	for name, c := range map[string]struct {
		sel        policy.Selection
		want, most int // records, and what may be read for them
	}{
		"pending":           {policy.Selection{Status: policy.StatusReserved}, 3, 100},
		"pending, of a day": {policy.Selection{Status: policy.StatusReserved, From: began, To: began.AddDate(0, 0, 1)}, 1, 100},
		"pending, none":     {policy.Selection{Status: policy.StatusBooked}, 0, 100},
		"an hour":           {policy.Selection{From: began.Add(40 * time.Hour), To: began.Add(41 * time.Hour)}, 3600, 15_000},
		"the last minute":   {policy.Selection{From: began.Add((rows - 60) * time.Second)}, 60 + rows/20, 60_000},
		"of a product":      {policy.Selection{From: began.Add(40 * time.Hour), To: began.Add(41 * time.Hour), Product: "P1"}, 1800, 15_000},
		"scattered":         {late, rows / 20, 60_000},
		"a time of none":    {policy.Selection{From: began.AddDate(1, 0, 0)}, 0, 100},
		"more than a part":  {policy.Selection{From: began.Add(60_000 * time.Second)}, 140_000 - 4_000 + 10_000, 600_000},
	} {
		t.Run(name, func(t *testing.T) {
			before, count, last := rowsRead(t, server, database), 0, 0
			for r, err := range s.List(t.Context(), c.sel) {
				if err != nil {
					t.Fatal(err)
				}
				id, _ := strconv.Atoi(r.Key.Identifier[1:])
				if id <= last || !c.sel.Selects(&r) {
					t.Fatalf("%v of %v, %s, comes behind %d", id, r.At, r.Status, last)
				}
				count, last = count+1, id
			}
			took := rowsRead(t, server, database) - before
			if count != c.want || took > c.most {
				t.Errorf("%d records, want %d; the server read %d rows, and %d would do", count, c.want, took, c.most)
			}
			t.Logf("%d records, %d rows read", count, took)
		})
	}
}

// TestListOneMoment: more records of one moment than a part of the index is read.
func TestListOneMoment(t *testing.T) {
	const rows = 100_100
	server := newServer(t)
	database := server.Database(t)
	s := open(t, mysql.Config{DSN: server.URL(database), Wait: 30 * time.Second})
	fill(t, server, database, rows)
	server.Exec(t, database, fmt.Sprintf(`UPDATE chudan_record SET at = %d`, began.UnixMicro()))
	count := 0
	for _, err := range s.List(t.Context(), policy.Selection{From: began}) {
		if err != nil {
			t.Fatal(err)
		}
		count++
	}
	if count != rows {
		t.Errorf("%d of %d were listed", count, rows)
	}
}
