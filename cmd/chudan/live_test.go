package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/chudan-io/chudan/adapters/qimen"
)

// The product of these tests refuses the published request by two rules, and
// keeps no refusal, so that the edition was never used. The rules'
// messages bear the mark of the edition: an answer with one of them, or with
// two marks, was not decided under an edition that passes its tests.
const (
	liveProduct = `product: PERFORMANCE_SURETY_BONDS
edition: 1
title: 保险
coverages: {QUALITY: 质量险, DELIVERY: 交期险, APPEARANCE: 外观险}
pin_refusals: false
rules:
  FIRST: {reject_if: amount > 1, message: 一 MARK}
  SECOND: {reject_if: amount > 2, message: 二 MARK}
`
	liveTests    = "product: PERFORMANCE_SURETY_BONDS\nedition: 1\nrequire: {rules: 50%}\nfixtures: {sample: sample.json}\ncases:\n  it: {given: sample, expect: reject FIRST SECOND}\n"
	liveCalendar = "product: PERFORMANCE_SURETY_BONDS\neditions: [{from: 2021-01-01, edition: 1}]\n"
	liveDir      = "performance_surety_bonds"
)

// liveEdition is the edition with a mark.
func liveEdition(mark string) string { return strings.ReplaceAll(liveProduct, "MARK", mark) }

// halfEdition is one that fails the tests.
func halfEdition(mark string) string {
	return strings.Replace(liveEdition(mark), "amount > 2", "amount > 999999", 1)
}

// place is a directory that tests write to.
type place struct {
	t   testing.TB
	dir string
}

func (p place) write(name, text string) {
	p.t.Helper()
	name = filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p place) rename(from, to string) {
	p.t.Helper()
	if err := os.Rename(filepath.Join(p.dir, from), filepath.Join(p.dir, to)); err != nil {
		p.t.Fatal(err)
	}
}

// put puts a file in place whole.
func (p place) put(name, text string) {
	p.t.Helper()
	p.write(name+".new", text)
	p.rename(name+".new", name)
}

func (p place) link(to, name string) {
	p.t.Helper()
	if err := os.Symlink(to, filepath.Join(p.dir, name)); err != nil {
		p.t.Fatal(err)
	}
}

func (p place) remove(name string) {
	p.t.Helper()
	if err := os.RemoveAll(filepath.Join(p.dir, name)); err != nil {
		p.t.Fatal(err)
	}
}

// product writes the product, whole, below a directory.
func (p place) product(dir, mark string) {
	_, sample := variant(p.t, 1)
	p.write(filepath.Join(dir, "1.yaml"), liveEdition(mark))
	p.write(filepath.Join(dir, "1_test.yaml"), liveTests)
	p.write(filepath.Join(dir, "calendar.yaml"), liveCalendar)
	p.write(filepath.Join(dir, "sample.json"), string(sample))
}

// other writes another product.
func (p place) other(dir string) {
	p.write(filepath.Join(dir, "1.yaml"), strings.ReplaceAll(liveEdition("C"), "PERFORMANCE_SURETY_BONDS", "OTHERS"))
	p.write(filepath.Join(dir, "calendar.yaml"), strings.ReplaceAll(liveCalendar, "PERFORMANCE_SURETY_BONDS", "OTHERS"))
}

// mounted lays the product out as Kubernetes mounts a volume.
func (p place) mounted(volume, mark string) {
	p.product(filepath.Join(volume, liveDir), mark)
	p.link(volume, "..data.new")
	p.rename("..data.new", "..data")
}

var marks = regexp.MustCompile(`([一二]) ([A-Z])`)

// markOf is the mark of the edition that an answer was decided under: what it
// is refused for where there is none, "torn" where no edition that passes its
// tests would have given the answer.
func markOf(a qimen.Answer) string {
	found := marks.FindAllStringSubmatch(a.Message, -1)
	switch {
	case len(found) == 2 && found[0][1] != found[1][1] && found[0][2] == found[1][2]:
		return found[0][2]
	case len(found) == 0 && !a.Success:
		return a.Code
	}
	return "torn"
}

// traffic is requests that are sent to a server all the time.
type traffic struct {
	t      testing.TB
	client *qimen.Client
	next   atomic.Int64
	ended  atomic.Bool
	all    sync.WaitGroup
	marks  sync.Map // mark → *atomic.Int64
}

func newTraffic(t testing.TB, p *process) *traffic {
	transport := &http.Transport{MaxIdleConnsPerHost: callers}
	f := &traffic{t: t, client: &qimen.Client{URL: p.URL, Secret: devSecret, HTTP: &http.Client{Transport: transport, Timeout: patience}}}
	for range 2 {
		f.all.Go(func() {
			for !f.ended.Load() {
				f.ask("PERFORMANCE_SURETY_BONDS")
			}
		})
	}
	t.Cleanup(func() { f.end(); transport.CloseIdleConnections() })
	return f
}

func (f *traffic) end() { f.ended.Store(true); f.all.Wait() }

// ask sends a request and counts the mark of the answer.
func (f *traffic) ask(product string) (mark string) {
	_, body := variant(f.t, int(f.next.Add(1)))
	answer, err := f.client.Issue(context.Background(), []byte(strings.Replace(string(body), "PERFORMANCE_SURETY_BONDS", product, 1)))
	if err != nil {
		f.t.Error(err)
		f.ended.Store(true)
		return ""
	}
	mark = markOf(answer)
	count, _ := f.marks.LoadOrStore(mark, new(atomic.Int64))
	count.(*atomic.Int64).Add(1)
	return mark
}

// seen counts the answers with a mark.
func (f *traffic) seen(mark string) int64 {
	if count, ok := f.marks.Load(mark); ok {
		return count.(*atomic.Int64).Load()
	}
	return 0
}

// serveLive serves the product with mark A from a directory.
func serveLive(t *testing.T, lay func(place)) (*process, place) {
	dir := t.TempDir()
	at := place{t, filepath.Join(dir, "products")}
	lay(at)
	return startServer(t, dir, "--products", "products", "--store", "memory:", "--key-file", "keys"), at
}

func plainly(p place) { p.product(liveDir, "A") }

// metric tells whether a server shows a line in its metrics.
func metric(p *process, line string) bool {
	_, _, text, err := fetch(http.MethodGet, p.Admin+"/metrics")
	return err == nil && strings.Contains(string(text), "\n"+line+"\n")
}

// A directory of products is changed in every way in which people and machines
// do it, while requests come. All of them are answered, each under one edition
// that passes its tests; readiness stays.
func TestProductsAreReloaded(t *testing.T) {
	for name, c := range map[string]struct {
		lay     func(place)
		change  func(place)
		product string
		want    string // the mark afterwards
	}{
		"rewritten in place": {plainly, func(p place) { p.write(liveDir+"/1.yaml", liveEdition("B")) }, "PERFORMANCE_SURETY_BONDS", "B"},
		"renamed over":       {plainly, func(p place) { p.put(liveDir+"/1.yaml", liveEdition("B")) }, "PERFORMANCE_SURETY_BONDS", "B"},
		"directory renamed over": {plainly, func(p place) {
			p.product(".new", "B")
			p.rename(liveDir, ".old")
			p.rename(".new", liveDir)
		}, "PERFORMANCE_SURETY_BONDS", "B"},
		"volume of Kubernetes": {func(p place) {
			p.mounted("..1", "A")
			p.link("..data/"+liveDir, liveDir)
		}, func(p place) { p.mounted("..2", "B"); p.remove("..1") }, "PERFORMANCE_SURETY_BONDS", "B"},
		"links to files": {func(p place) {
			p.mounted("..1", "A")
			p.write(liveDir+"/x", "") // the directory itself
			for _, name := range []string{"1.yaml", "1_test.yaml", "calendar.yaml", "sample.json"} {
				p.link("../..data/"+liveDir+"/"+name, liveDir+"/"+name)
			}
		}, func(p place) { p.mounted("..2", "B") }, "PERFORMANCE_SURETY_BONDS", "B"},
		"a product more": {plainly, func(p place) { p.other("others") }, "OTHERS", "C"},
		"a product less": {func(p place) { plainly(p); p.other("others") }, func(p place) { p.remove("others") }, "OTHERS", "isv.product-not-found"},
		"sales stop": {func(p place) { plainly(p); p.other("others") }, func(p place) {
			p.write("others/calendar.yaml", strings.ReplaceAll(liveCalendar, "PERFORMANCE_SURETY_BONDS", "OTHERS")+"stop: 2021-02-01 00:00:00\n")
		}, "OTHERS", "isv.product-not-on-sale"},
	} {
		t.Run(name, func(t *testing.T) {
			p, at := serveLive(t, c.lay)
			f := newTraffic(t, p)
			await(t, "answers", func() bool { return f.seen("A") > 50 })
			c.change(at)
			await(t, "the change counts", func() bool { return t.Failed() || f.ask(c.product) == c.want })
			before := f.seen("A") + f.seen("B")
			await(t, "answers", func() bool { return t.Failed() || f.seen("A")+f.seen("B") > before+50 })
			f.end()
			if f.seen("torn") > 0 || !ready(p.Admin) || !metric(p, "chudan_products_last_reload_successful 1") {
				t.Errorf("%d torn answers, ready: %t\n%s", f.seen("torn"), ready(p.Admin), p.log)
			}
			t.Logf("%d answers A, %d B, none failed", f.seen("A"), f.seen("B"))
		})
	}
}

// Products that do not load or fail their tests change nothing, and the next
// ones that are right do.
func TestBadProductsAreNotReloaded(t *testing.T) {
	p, at := serveLive(t, plainly)
	f := newTraffic(t, p)
	await(t, "answers", func() bool { return f.seen("A") > 50 })
	for i, c := range []struct{ text, said string }{
		{halfEdition("B"), "problem=\"products/" + liveDir + "/1_test.yaml:6: it: failed | fault missing: SECOND"},
		{liveEdition("B") + "zzz: 1\n", "products/" + liveDir + "/1.yaml:9:1: unknown-key"},
		{"", "products/" + liveDir + "/1.yaml:1:1: document"},
	} {
		at.put(liveDir+"/1.yaml", c.text)
		await(t, "a refusal", func() bool { return metric(p, fmt.Sprintf(`chudan_products_reloads_total{outcome="refused"} %d`, i+1)) })
		await(t, c.said, func() bool { return strings.Contains(p.log.String(), c.said) })
		if !ready(p.Admin) || !metric(p, "chudan_products_last_reload_successful 0") || f.ask("PERFORMANCE_SURETY_BONDS") != "A" {
			t.Errorf("bad products changed something\n%s", p.log)
		}
	}
	at.put(liveDir+"/1.yaml", liveEdition("B"))
	await(t, "the edition that is right", func() bool { return f.ask("PERFORMANCE_SURETY_BONDS") == "B" })
	_ = p.Process.Signal(syscall.SIGHUP)
	await(t, "an answer to SIGHUP", func() bool { return strings.Contains(p.log.String(), "the products are those in use") })
	f.end()
	if n := f.seen("torn"); n > 0 || !metric(p, `chudan_products_reloads_total{outcome="swapped"} 2`) {
		t.Errorf("%d answers of an edition that failed its tests\n%s", n, p.log)
	}
}

// An edition that was used stays on sale as it was; put back, it is what is in
// use, and the change is taken as an edition of its own.
func TestUsedEditionIsNotReloaded(t *testing.T) {
	pinned := strings.Replace(liveEdition("A"), "pin_refusals: false", "pin_refusals: true", 1)
	p, at := serveLive(t, func(p place) { plainly(p); p.write(liveDir+"/1.yaml", pinned) })
	f := &traffic{t: t, client: &qimen.Client{URL: p.URL, Secret: devSecret}}
	if mark := f.ask("PERFORMANCE_SURETY_BONDS"); mark != "A" {
		t.Fatal(mark)
	}
	at.put(liveDir+"/1.yaml", strings.ReplaceAll(pinned, " A}", " B}"))
	await(t, "a refusal", func() bool { return metric(p, `chudan_products_reloads_total{outcome="refused"} 1`) })
	both := regexp.MustCompile(`its digest was [0-9a-f]{64} when it was used and is [0-9a-f]{64}`)
	await(t, "both digests in the log", func() bool { return both.MatchString(p.log.String()) })
	if f.ask("PERFORMANCE_SURETY_BONDS") != "A" {
		t.Errorf("a used edition was changed\n%s", p.log)
	}
	at.put(liveDir+"/2.yaml", strings.Replace(strings.ReplaceAll(pinned, " A}", " B}"), "edition: 1", "edition: 2", 1))
	at.put(liveDir+"/calendar.yaml", strings.Replace(liveCalendar, "}]", "}, {from: 2021-02-01, edition: 2}]", 1))
	at.put(liveDir+"/1.yaml", pinned)
	await(t, "the next edition", func() bool { return f.ask("PERFORMANCE_SURETY_BONDS") == "B" })
}

// The edition that fails its tests must be found out where it is sold, or the
// tests above show nothing: here it has none that it could fail.
func TestBadProductsWouldBeNoticed(t *testing.T) {
	p, at := serveLive(t, plainly)
	f := newTraffic(t, p)
	at.remove(liveDir + "/1_test.yaml")
	at.put(liveDir+"/1.yaml", halfEdition("B"))
	await(t, "answers of half an edition", func() bool { return t.Failed() || f.seen("torn") > 0 })
}
