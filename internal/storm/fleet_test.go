package storm_test

import (
	"bufio"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// window is how many orders a node is given at once.
const window = 32

// fleet is nodes on one store, and what they were given and have reported.
type fleet struct {
	t     testing.TB
	dsn   string
	nodes []*member

	mu      sync.Mutex
	changed *sync.Cond
	todo    []order
	open    int // orders without a final report
	reports []final
	trouble map[string]int // by kind
	kills   int
	ending  bool
}

// final is an order with the report that ended it.
type final struct {
	order  order
	report report
}

// member is a node's place in the fleet: when its process dies, another one
// takes it.
type member struct {
	fleet   *fleet
	process *exec.Cmd
	in      io.WriteCloser
	given   map[int]order // without a report
	life    int
	barren  int // processes in a row that ended without a report and without being shot
	shot    bool
}

// maxBarren is how many processes may end by themselves, one after the other,
// before a node is given up: a store that is down for a while ends some.
const maxBarren = 50

// newFleet starts nodes on a store.
func newFleet(t testing.TB, dsn string, nodes int) *fleet {
	f := &fleet{t: t, dsn: dsn, trouble: map[string]int{}}
	f.changed = sync.NewCond(&f.mu)
	f.join(nodes)
	t.Cleanup(f.kill)
	return f
}

// join starts more nodes.
func (f *fleet) join(nodes int) {
	for range nodes {
		m := &member{fleet: f}
		f.nodes = append(f.nodes, m)
		m.start()
	}
}

// start begins a process, and two goroutines that end with it.
func (m *member) start() {
	t := m.fleet.t
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	m.process = exec.Command(self)
	m.process.Env = append(os.Environ(), nodeStore+"="+m.fleet.dsn)
	m.process.Stderr = os.Stderr
	in, err := m.process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := m.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.process.Start(); err != nil {
		t.Fatal(err)
	}
	m.in, m.given = in, map[int]order{}
	m.life++
	go m.feed(m.life, in)
	go m.listen(m.life, out, m.process)
}

// feed gives the node orders as long as it lives.
func (m *member) feed(life int, in io.Writer) {
	f := m.fleet
	for {
		f.mu.Lock()
		for m.life == life && !f.ending && (len(f.todo) == 0 || len(m.given) >= window) {
			f.changed.Wait()
		}
		if m.life != life || f.ending {
			f.mu.Unlock()
			return
		}
		o := f.todo[0]
		f.todo = f.todo[1:]
		m.given[o.ID] = o
		f.mu.Unlock()
		line, _ := json.Marshal(o)
		if _, err := in.Write(append(line, '\n')); err != nil {
			return // it was killed; listen gives its orders to others
		}
	}
}

// listen takes reports; when the process has ended, its orders go to others
// and, unless the storm is over, another process takes its place.
func (m *member) listen(life int, out io.Reader, process *exec.Cmd) {
	f := m.fleet
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var r report
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			continue // cut off by the kill: nobody was told anything
		}
		m.take(r)
	}
	_ = process.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	if m.life != life {
		return
	}
	for _, o := range m.given {
		f.todo = append(f.todo, o)
	}
	m.given = nil
	m.life++
	if m.barren++; m.shot {
		m.barren, m.shot = 0, false
	}
	switch {
	case f.ending:
	case m.barren > maxBarren:
		f.t.Error("a node does not stay: see its last words above")
		f.ending, f.open = true, 0
	default:
		m.start()
	}
	f.changed.Broadcast()
}

func (m *member) take(r report) {
	f := m.fleet
	f.mu.Lock()
	defer f.mu.Unlock()
	defer f.changed.Broadcast()
	o, mine := m.given[r.ID]
	if !mine {
		return
	}
	delete(m.given, r.ID)
	m.barren = 0
	if r.Trouble != "" {
		f.trouble[kindOf(r.Trouble)]++
		f.todo = append(f.todo, o)
		return
	}
	f.reports = append(f.reports, final{o, r})
	f.open--
}

// give hands out orders, in an order of chance.
func (f *fleet) give(orders []order) {
	rand.New(rand.NewPCG(1, 8)).Shuffle(len(orders), func(i, j int) { orders[i], orders[j] = orders[j], orders[i] })
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range orders {
		orders[i].ID = len(f.reports) + f.open + i + 1
	}
	f.todo = append(f.todo, orders...)
	f.open += len(orders)
	f.changed.Broadcast()
}

// await waits until that many orders have their report.
func (f *fleet) await(reports int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.reports) < reports && f.open > 0 {
		f.changed.Wait()
	}
}

// shoot kills a node where it stands.
func (f *fleet) shoot(node int) {
	f.mu.Lock()
	process := f.nodes[node].process
	f.nodes[node].shot = true
	f.kills++
	f.mu.Unlock()
	if err := process.Process.Kill(); err != nil {
		f.t.Error(err)
	}
}

// kill ends all nodes.
func (f *fleet) kill() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ending = true
	for _, m := range f.nodes {
		_ = m.process.Process.Kill()
	}
	f.changed.Broadcast()
}

func kindOf(trouble string) string {
	kind := trouble
	for i, r := range trouble {
		if r == ':' {
			return trouble[:i]
		}
	}
	return kind
}

// troubles is how often an order had to be given again.
func (f *fleet) troubles() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, count := range f.trouble {
		n += count
	}
	return n
}
