package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// stall is a shelf that the test wakes, and what it tells.
type stall struct {
	*shelf
	t   *testing.T
	s   *server
	out *lockedBuffer
}

const bondFile = "performance_surety_bonds/2021.2.yaml"

// newStall opens a shelf of the worked examples.
func newStall(t *testing.T, accept ...check) *stall {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, products.Library()); err != nil {
		t.Fatal(err)
	}
	out := new(lockedBuffer)
	s := &server{console: newConsole(nil, out, out, nil), log: slog.New(slog.NewTextHandler(out, nil)), metrics: newMetrics()}
	s.lang.value = string(policy.English)
	h, err := s.openShelf(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.require(t.Context(), accept...); err != nil {
		t.Fatal(err)
	}
	return &stall{h, t, s, out}
}

// edit replaces text in a file.
func (s *stall) edit(name, old, text string) {
	s.t.Helper()
	name = filepath.Join(s.dir, name)
	data, err := os.ReadFile(name)
	if err != nil || !strings.Contains(string(data), old) {
		s.t.Fatalf("%s: %v", name, err)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(string(data), old, text, 1)), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stall) wakes() bool { return s.woken(s.t.Context()) }
func (s *stall) looks() bool { return s.looked(s.t.Context()) }

// numbers are the metrics of products.
func (s *stall) numbers() map[string]float64 {
	s.t.Helper()
	families, err := s.s.metrics.registry.Gather()
	if err != nil {
		s.t.Fatal(err)
	}
	found := make(map[string]float64)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := strings.TrimPrefix(f.GetName(), "chudan_products_")
			if name == "reloads_total" {
				name = m.GetLabel()[0].GetValue()
			}
			if strings.HasPrefix(f.GetName(), "chudan_products_") && name != "loaded_timestamp_seconds" {
				found[name] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	return found
}

// want holds the metrics against what they have to be, and the log against a
// text that it has to hold this often.
func (s *stall) want(swapped, refused, unreadable, good float64, times int, text string) {
	s.t.Helper()
	want := map[string]float64{"swapped": swapped, "refused": refused, "unreadable": unreadable, "last_reload_successful": good, "info": 1}
	if got := s.numbers(); !maps.Equal(got, want) {
		s.t.Errorf("metrics %v, want %v", got, want)
	}
	if got := strings.Count(s.out.String(), text); got != times {
		s.t.Errorf("%d times %q, want %d, in\n%s", got, text, times, s.out)
	}
}

// limit is the sum above which a request is referred, as the catalog in use has
// it.
func (s *stall) limit() string {
	text := string(s.live.Catalog().Edition("PERFORMANCE_SURETY_BONDS", "2021.2").Source())
	_, after, _ := strings.Cut(text, "autoLimit: ")
	limit, _, _ := strings.Cut(after, "\n")
	return limit
}

// Products whose tests fail are not sold, those that do not load neither; those
// from before are, until there are others that pass.
func TestRefusedProducts(t *testing.T) {
	s := newStall(t)
	s.edit(bondFile, "autoLimit: 100000", "autoLimit: 150000")
	s.wakes()
	s.want(1, 1, 0, 0, 1, "2021.2_test.yaml:51: limits/2: failed | verdict: want refer, got accept")
	s.wakes()
	s.want(1, 1, 0, 0, 1, "the products were not reloaded; those from before stay in use")
	s.edit(bondFile, "autoLimit: 150000", "autoLimit: [")
	s.wakes()
	s.want(1, 2, 0, 0, 1, s.dir+"/"+bondFile+":")
	if got := s.limit(); got != "100000" {
		t.Errorf("limit %s", got)
	}
	s.edit(bondFile, "autoLimit: [", "autoLimit: 100000")
	s.wakes()
	s.want(1, 2, 0, 1, 1, "the products are those in use")
	s.edit(bondFile, "autoLimit: 100000", "autoLimit: 90000")
	s.wakes()
	s.want(1, 3, 0, 0, 1, "2021.2_test.yaml:50: limits/1: failed")
	if err := os.Remove(filepath.Join(s.dir, "performance_surety_bonds", "2021.2_test.yaml")); err != nil {
		t.Fatal(err)
	}
	s.wakes()
	s.want(2, 3, 0, 1, 1, "editions have no tests")
	if got := s.limit(); got != "90000" {
		t.Errorf("limit %s", got)
	}
}

// What a calendar says is exchanged as editions are, and the log tells it.
func TestSwappedProducts(t *testing.T) {
	s := newStall(t)
	s.edit("performance_surety_bonds/calendar.yaml", "product: PERFORMANCE_SURETY_BONDS\n", "product: PERFORMANCE_SURETY_BONDS\nstop: 2031-12-01 18:00:00\n")
	s.wakes()
	s.want(2, 0, 0, 1, 1, `changes="PERFORMANCE_SURETY_BONDS, stop: (none) → 2031-12-01 18:00:00"`)
	if err := os.RemoveAll(filepath.Join(s.dir, "delivery_delay")); err != nil {
		t.Fatal(err)
	}
	s.wakes()
	s.want(3, 0, 0, 1, 1, "edition DELIVERY_DELAY@2023.1 removed: ")
	if s.live.Catalog().Edition("DELIVERY_DELAY", "2023.1") != nil {
		t.Error("an edition that is gone is there")
	}
}

// Where nobody wakes the shelf it looks by itself, and takes what was there at
// two looks.
func TestLook(t *testing.T) {
	s := newStall(t)
	s.edit(bondFile, "# 履约", "# 一")
	s.looks()
	s.edit(bondFile, "# 一", "# 二")
	s.looks()
	s.want(1, 0, 0, 1, 0, "the products were reloaded")
	s.looks()
	s.want(2, 0, 0, 1, 1, "the products were reloaded")
	if s.looks() {
		t.Error("nothing has changed")
	}
	if !strings.Contains(string(s.live.Catalog().Edition("PERFORMANCE_SURETY_BONDS", "2021.2").Source()), "# 二") {
		t.Error("not what was there in the end")
	}
	s.demanded(t.Context()) // whoever asks is answered
	s.want(2, 0, 0, 1, 1, "the products are those in use")
}

// A directory that cannot be read changes nothing.
func TestUnreadableProducts(t *testing.T) {
	s := newStall(t)
	away := s.dir + ".away"
	if err := os.Rename(s.dir, away); err != nil {
		t.Fatal(err)
	}
	s.wakes()
	s.want(1, 0, 1, 0, 1, "unreadable cannot be read")
	if err := os.Rename(away, s.dir); err != nil {
		t.Fatal(err)
	}
	s.wakes()
	s.want(1, 0, 1, 1, 1, "the products are those in use")
}

// A check may refuse what loads and passes its tests, and what it has trouble
// with is asked again.
func TestChecks(t *testing.T) {
	answers := make(chan error, 4)
	answers <- nil // to what is there at the beginning
	s := newStall(t, func(context.Context, *products.Catalog) error { return <-answers })
	answers <- usage("不行", "no, not this one")
	s.edit(bondFile, "# 履约", "# 一")
	s.wakes()
	s.want(1, 1, 0, 0, 1, "no, not this one")
	s.looks() // nothing to ask: the answer stands
	answers <- errors.New("the store is away")
	s.edit(bondFile, "# 一", "# 二")
	s.wakes()
	s.want(1, 1, 1, 0, 1, "the store is away")
	answers <- errors.New("the store is away")
	s.looks()
	s.want(1, 1, 1, 0, 1, "the store is away")
	answers <- nil
	s.looks()
	s.want(2, 1, 1, 1, 1, "the products were reloaded")
}
