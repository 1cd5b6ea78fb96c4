package storm_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chudan-io/chudan/internal/tcpproxy"
)

// size is how much of a test is done: the first in make test, the second in
// make storm.
func size(short, long int) int {
	if os.Getenv("CHUDAN_STORM") != "" {
		return long
	}
	return short
}

// arena is a kind of store, and how an empty one is had.
type arena struct {
	name  string
	nodes int
	new   func(t testing.TB) server
}

// server is a store with its surroundings.
type server struct {
	dsn   string
	crash func() // ends the store's own process at once and starts it again; nil for a store without one

	// lossy is another way to it, through a network that fails on demand; nil
	// where none is known.
	lossy func() (dsn string, network *tcpproxy.Proxy)
}

var arenas = []arena{
	{"sqlite", 2, func(t testing.TB) server { return server{dsn: "sqlite:" + filepath.Join(t.TempDir(), "chudan.db")} }},
	{"postgres", 3, newPostgres},
	{"mysql", 3, newMySQL},
}

// everywhere runs a test on each kind of store.
func everywhere(t *testing.T, test func(t *testing.T, a arena)) {
	for _, a := range arenas {
		t.Run(a.name, func(t *testing.T) { test(t, a) })
	}
}

const copies = 8

// flood is identifiers, each eight times.
func flood(identifiers int) []order { return floodFrom(0, identifiers) }

func floodFrom(first, identifiers int) []order {
	var orders []order
	for i := first; i < first+identifiers; i++ {
		for range copies {
			orders = append(orders, order{Identifier: fmt.Sprintf("D%06d", i), Stream: fmt.Sprintf("S%06d", i), Subject: "纸箱"})
		}
	}
	return orders
}

// TestDuplicates: each identifier comes eight times, from callers who never saw
// each other, through nodes that are killed. (Trust, tests 1 and 4.)
func TestDuplicates(t *testing.T) {
	identifiers, kills := size(150, 10_000), size(4, 100)
	everywhere(t, func(t *testing.T, a arena) {
		began := time.Now()
		f := newFleet(t, a.new(t).dsn, a.nodes)
		f.rage(identifiers, kills)
		v := f.examine(t)
		t.Logf("%d × %d, %d nodes, %d killed, sent again after trouble %d: %s, in %v", identifiers, copies, a.nodes, f.kills, f.troubles(), v, time.Since(began).Round(time.Second))
		if !v.sound() || v.identifiers != identifiers || v.acknowledged != identifiers*copies {
			t.Error(v)
		}
	})
}

// rage floods the fleet and kills its nodes in turns, each after another
// number of reports.
func (f *fleet) rage(identifiers, kills int) {
	random := rand.New(rand.NewPCG(1, 4))
	f.give(flood(identifiers))
	step := identifiers * copies / (kills + 1)
	for i := range kills {
		f.await(i*step + 1 + random.IntN(step))
		f.shoot(i % len(f.nodes))
	}
	f.await(identifiers * copies)
}

// TestDuplicatesControl: nodes without a common store, which is what the
// unique key makes of one, are found out.
func TestDuplicatesControl(t *testing.T) {
	const identifiers = 100
	f := newFleet(t, "apart:", 3)
	f.rage(identifiers, 1)
	v := f.examine(t)
	t.Logf("control, each node a store of its own: %s", v)
	if v.duplicates == 0 || v.lost == 0 {
		t.Errorf("nobody noticed: %s", v)
	}
}

// TestPayloads: one identifier, eight payloads at once: one wins, and each of
// the others is told what differs. (Trust, test 8.)
func TestPayloads(t *testing.T) {
	if testing.Short() {
		t.Skip("the storm of duplicates is enough for the race detector: make test has all of them")
	}
	keys := size(40, 1000)
	everywhere(t, func(t *testing.T, a arena) {
		f := newFleet(t, a.new(t).dsn, a.nodes)
		var orders []order
		for k := range keys {
			for payload := range copies {
				orders = append(orders, order{Identifier: fmt.Sprintf("P%06d", k), Stream: fmt.Sprintf("S%06d", k), Subject: fmt.Sprint("纸箱", payload)})
			}
		}
		f.give(orders)
		f.await(len(orders))
		won, lost := map[string]int{}, map[string]int{}
		for _, r := range f.reports {
			switch {
			case r.report.Number != "":
				won[r.order.Identifier]++
			case len(r.report.Fields) == 1 && r.report.Fields[0] == "orderSubjectMatterInfo.subjectMatterName":
				lost[r.order.Identifier]++
			default:
				t.Errorf("%s: %+v", r.order.Identifier, r.report)
			}
		}
		for k := range keys {
			if id := fmt.Sprintf("P%06d", k); won[id] != 1 || lost[id] != copies-1 {
				t.Errorf("%s: %d winners and %d conflicts", id, won[id], lost[id])
			}
		}
		v := f.examine(t)
		t.Logf("%d identifiers × %d payloads: %d winners; %s", keys, copies, len(won), v)
		if !v.sound() {
			t.Error(v)
		}
	})
}

// TestOnePayment: a payment funds one policy, whoever brings it. (Trust, test 9.)
func TestOnePayment(t *testing.T) {
	if testing.Short() {
		t.Skip("the storm of duplicates is enough for the race detector: make test has all of them")
	}
	payments, identifiers := size(3, 50), 100
	everywhere(t, func(t *testing.T, a arena) {
		f := newFleet(t, a.new(t).dsn, a.nodes)
		var orders []order
		for p := range payments {
			for i := range identifiers {
				orders = append(orders, order{Identifier: fmt.Sprintf("O%03d-%03d", p, i), Stream: fmt.Sprintf("PAY%03d", p), Subject: "纸箱"})
			}
		}
		f.give(orders)
		f.await(len(orders))
		funded, refused := map[string]int{}, 0
		for _, r := range f.reports {
			switch {
			case r.report.Number != "":
				funded[r.order.Stream]++
			case r.report.Refused == "isv.duplicate-business-key:attrs.premiumFundStreamNo":
				refused++
			default:
				t.Errorf("%s: %+v", r.order.Identifier, r.report)
			}
		}
		v := f.examine(t)
		t.Logf("%d payments under %d identifiers each: %d policies, %d refused; %s", payments, identifiers, v.stored, refused, v)
		if v.stored != payments || len(funded) != payments || refused != payments*(identifiers-1) || !v.sound() {
			t.Error("a payment funded more than one policy, or none")
		}
	})
}
