// Command bench measures chudan beside its limits and peers, in one run, on
// the same work. What counts is the ratio: machines differ, and are noisy. It
// is a module of its own, so that nobody who imports chudan inherits its
// peers.
//
//	make bench
package main

import (
	"fmt"
	"log"
	"os"
	"runtime"
)

func main() {
	log.SetFlags(0)
	fmt.Printf("%s, %s/%s, %d processors; ratios are medians over the rounds\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	for _, part := range []func() error{reportRules, reportDecisions, reportTraffic, reportPostgres} {
		if err := part(); err != nil {
			log.Print(err)
			os.Exit(1)
		}
	}
}

func reportRules() error {
	field := tenRules()
	times, err := race(field)
	if err != nil {
		return err
	}
	fmt.Println("\nTen rules on the published sample")
	table(field, times)
	verdict("ours / cel-go", ratio(times[0], times[3]), "≤", 1.0)
	verdict("grule / ours", ratio(times[4], times[0]), "≥", 5)
	verdict("OPA / ours", ratio(times[5], times[0]), "≥", 30)
	return nil
}

func reportDecisions() error {
	field := decisions()
	times, err := race(field)
	if err != nil {
		return err
	}
	fmt.Println("\nFrom bytes to a verdict")
	table(field, times)
	verdict("decode and shape / json v2 decoding alone", ratio(times[2], times[4]), "≤", 3.0)
	verdict("bytes to verdict / json v2 decoding alone", ratio(times[0], times[4]), "≤", 5.0)
	allocs, err := allocations()
	if err != nil {
		return err
	}
	verdict("allocations from bytes to verdict", allocs, "≤", 180)
	return nil
}

// allocations counts those of one request from bytes to its verdict.
func allocations() (float64, error) {
	const n = 2000
	r, err := decideFromBytes()
	if err != nil {
		return 0, err
	}
	if err := r(n); err != nil {
		return 0, err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err = r(n)
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / n, err
}

func reportTraffic() error {
	fmt.Printf("\nHTTP, %d connections, load and server on the same processors\n", connections)
	ours, err := contest([]server{
		{"chudan without a store (sign, decide, answer)", deciding},
		{"net/http + encoding/json echo", echo},
		{"the straightforward stack without a store", straightAlone},
	}, 20000)
	if err != nil {
		return err
	}
	verdict("ours / echo, requests per second", ours.perSecond[1], "≥", 0.75)
	verdict("ours / straightforward, requests per second", ours.perSecond[2], "≥", 1.0)
	ours, err = contest([]server{
		{"chudan on SQLite", withSQLite},
		{"the straightforward stack on SQLite, group commit", straightWithSQLite},
		{"chudan in memory", withMemory},
	}, 20000)
	if err != nil {
		return err
	}
	verdict("ours / straightforward, requests per second", ours.perSecond[1], "≥", 1.2)
	verdict("ours / straightforward, p99", ours.p99[1], "≤", 1.0)
	return nil
}

// ratios of the first server to each, round by round.
type ratios struct{ perSecond, p99 []float64 }

func contest(servers []server, requests int) (ratios, error) {
	const turns = 5
	all, err := flows(servers, requests, turns)
	if err != nil {
		return ratios{}, err
	}
	var r ratios
	for i, s := range servers {
		rates, tails := figures(all[i])
		fmt.Printf("  %-52s %9.0f /s   p99 %6.2f ms\n", s.name, median(rates), median(tails))
		firstRates, firstTails := figures(all[0])
		r.perSecond = append(r.perSecond, ratio(firstRates, rates))
		r.p99 = append(r.p99, ratio(firstTails, tails))
	}
	return r, nil
}

func figures(flows []flow) (perSecond, p99 []float64) {
	for _, f := range flows {
		perSecond = append(perSecond, f.perSecond)
		p99 = append(p99, f.p99.Seconds()*1000)
	}
	return perSecond, p99
}

func table(field []contestant, times [][]float64) {
	for i, c := range field {
		fmt.Printf("  %-52s %12.0f ns\n", c.name, median(times[i]))
	}
}

func verdict(what string, figure float64, sign string, target float64) {
	met := figure <= target
	if sign == "≥" {
		met = figure >= target
	}
	word := "met"
	if !met {
		word = "MISSED"
	}
	fmt.Printf("  → %-50s %10.2f   target %s %g: %s\n", what, figure, sign, target, word)
}
