package core_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chudan-io/chudan/adapters/core"
	"github.com/chudan-io/chudan/policy"
)

// blocks is a source that counts, and fails or lies as a test says.
type blocks struct {
	mu     sync.Mutex
	next   uint64
	calls  int
	inside atomic.Int32
	twice  atomic.Bool // two calls were under way at once
	fails  func(call int) error
	gives  func(call int, r core.Range) core.Range
}

var errSource = errors.New("the source is down")

func (b *blocks) Next(_ context.Context, pool string, size int) (core.Range, error) {
	if b.inside.Add(1) > 1 {
		b.twice.Store(true)
	}
	defer b.inside.Add(-1)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls++
	if b.fails != nil {
		if err := b.fails(b.calls); err != nil {
			return core.Range{}, err
		}
	}
	r := core.Range{Prefix: pool, From: b.next, To: b.next + uint64(size) - 1, Width: 8}
	b.next += uint64(size)
	if b.gives != nil {
		r = b.gives(b.calls, r)
	}
	return r, nil
}

func ranges(t testing.TB, c core.RangesConfig) *core.Ranges {
	t.Helper()
	if c.Pool == "" {
		c.Pool = "P"
	}
	r, err := core.NewRanges(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func numbered(id int) policy.Proposal { return policy.Proposal{ID: fmt.Sprintf("%032x", id+1)} }

// draw draws until there is a number: trouble of the source is met by calling
// again with the same ID, as the Issuer does.
func draw(t *testing.T, r *core.Ranges, id int) string {
	for range 10_000 {
		b, err := r.Book(t.Context(), numbered(id))
		if err == nil {
			return b.PolicyNo
		}
		if !errors.Is(err, errSource) {
			t.Errorf("%v", err)
			break
		}
	}
	return ""
}

// drawAll lets 64 callers draw 10,000 numbers and counts how often each came.
func drawAll(t *testing.T, draw func(id int) string) map[string]int {
	t.Helper()
	const callers, all = 64, 10_000
	seen := make(map[string]int)
	var mu sync.Mutex
	var ids atomic.Int64
	var wait sync.WaitGroup
	for range callers {
		wait.Go(func() {
			for id := int(ids.Add(1)); id <= all; id = int(ids.Add(1)) {
				number := draw(id)
				mu.Lock()
				seen[number]++
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return seen
}

// TestManyCallers shows that no number is drawn twice, while every third call
// of the source fails.
func TestManyCallers(t *testing.T) {
	source := &blocks{fails: func(call int) error {
		if call%3 == 0 {
			return errSource
		}
		return nil
	}}
	r := ranges(t, core.RangesConfig{Source: source, Size: 70})
	seen := drawAll(t, func(id int) string { return draw(t, r, id) })
	form := regexp.MustCompile(`^P[0-9]{8}$`)
	for number, times := range seen {
		if times != 1 || !form.MatchString(number) {
			t.Errorf("%q came %d times", number, times)
		}
	}
	source.mu.Lock()
	defer source.mu.Unlock()
	if len(seen) != 10_000 || source.twice.Load() || source.calls < 10_000/70 {
		t.Errorf("%d numbers of %d calls; two at once: %v", len(seen), source.calls, source.twice.Load())
	}
}

// TestManyCallersControl shows that the count above can fail: two processes
// whose source hands out the same ranges to both have nobody who notices.
func TestManyCallersControl(t *testing.T) {
	two := [2]*core.Ranges{ranges(t, core.RangesConfig{Source: &blocks{}}), ranges(t, core.RangesConfig{Source: &blocks{}})}
	seen := drawAll(t, func(id int) string { return draw(t, two[id%2], id) })
	if len(seen) != 5_000 {
		t.Errorf("%d numbers, want 5,000 that came twice", len(seen))
	}
}

// TestSameProposal shows that a proposal keeps its number, for as long as it is
// remembered.
func TestSameProposal(t *testing.T) {
	r := ranges(t, core.RangesConfig{Source: &blocks{}, Size: 10, Remember: 3})
	first := draw(t, r, 0)
	for id := range 3 {
		if draw(t, r, id) == first != (id == 0) {
			t.Errorf("proposal %d has the wrong number", id)
		}
	}
	if again := draw(t, r, 0); again != first {
		t.Errorf("%s, then %s", first, again)
	}
	draw(t, r, 3)
	if again := draw(t, r, 0); again == first {
		t.Errorf("%s is remembered for ever", first)
	}
	if _, err := r.Book(t.Context(), policy.Proposal{}); err == nil {
		t.Error("a proposal without ID is booked")
	}
}

// TestAhead shows that the next range is fetched before it is needed: the
// source is never waited for, but for the first time.
func TestAhead(t *testing.T) {
	open := make(chan struct{}, 1)
	called := make(chan struct{}, 8)
	source := &blocks{fails: func(int) error { called <- struct{}{}; <-open; return nil }}
	r := ranges(t, core.RangesConfig{Source: source, Size: 10})
	open <- struct{}{}
	for id := range 5 {
		draw(t, r, id)
	}
	<-called
	<-called // half is used: it has been asked for the next, and does not answer yet
	for id := range 5 {
		draw(t, r, 5+id)
	}
	late, cancel := context.WithTimeout(t.Context(), 1)
	defer cancel()
	if _, err := r.Book(late, numbered(10)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an eleventh number of ten: %v", err)
	}
	open <- struct{}{}
	if got := draw(t, r, 10); got != "P00000010" {
		t.Errorf("%s: the range of a caller who gave up is lost", got)
	}
}

// TestOutage shows that what is left is drawn while the source is down, without
// asking it each time.
func TestOutage(t *testing.T) {
	source := &blocks{fails: func(call int) error {
		if call > 1 {
			return errSource
		}
		return nil
	}}
	r := ranges(t, core.RangesConfig{Source: source, Size: 1024})
	for id := range 1024 {
		if b, err := r.Book(t.Context(), numbered(id)); err != nil || b.PolicyNo != fmt.Sprintf("P%08d", id) {
			t.Fatalf("%d: %+v, %v", id, b, err)
		}
	}
	if _, err := r.Book(t.Context(), numbered(1024)); !errors.Is(err, errSource) {
		t.Errorf("%v", err)
	}
	source.mu.Lock()
	defer source.mu.Unlock()
	if source.calls > 14 {
		t.Errorf("a source that is down was asked %d times", source.calls)
	}
}

// TestRefusedRanges shows which ranges are not used.
func TestRefusedRanges(t *testing.T) {
	for name, c := range map[string]struct {
		first, second core.Range
		ok            bool
	}{
		"the next":                       {core.Range{"A", 1, 9, 3}, core.Range{"A", 10, 19, 3}, true},
		"the one before":                 {core.Range{"A", 10, 19, 3}, core.Range{"A", 0, 9, 3}, true},
		"another prefix":                 {core.Range{"A", 1, 9, 3}, core.Range{"B", 1, 9, 3}, true},
		"another width":                  {core.Range{"A", 1, 9, 3}, core.Range{"A", 1, 9, 4}, true},
		"a prefix with letters":          {core.Range{"A", 100, 200, 3}, core.Range{"A1B", 0, 9, 1}, true},
		"a prefix of other digits":       {core.Range{"A", 100, 199, 3}, core.Range{"A2", 0, 99, 2}, true},
		"no prefix":                      {core.Range{"", 1, 9, 3}, core.Range{"A", 1, 9, 2}, true},
		"the same":                       {core.Range{"A", 1, 9, 3}, core.Range{"A", 1, 9, 3}, false},
		"one number too many":            {core.Range{"A", 1, 9, 3}, core.Range{"A", 9, 19, 3}, false},
		"one inside":                     {core.Range{"A", 1, 9, 3}, core.Range{"A", 5, 5, 3}, false},
		"one around":                     {core.Range{"A", 5, 5, 3}, core.Range{"A", 1, 9, 3}, false},
		"the same, cut elsewhere":        {core.Range{"A", 100, 199, 3}, core.Range{"A1", 50, 60, 2}, false},
		"the same, cut before":           {core.Range{"A10", 5, 5, 1}, core.Range{"A", 1, 999, 3}, false},
		"it ends before it begins":       {core.Range{"A", 1, 9, 3}, core.Range{"A", 20, 19, 3}, false},
		"too many digits":                {core.Range{"A", 1, 9, 3}, core.Range{"A", 990, 1000, 3}, false},
		"no width":                       {core.Range{"A", 1, 9, 3}, core.Range{"A", 0, 0, 0}, false},
		"more digits than integers have": {core.Range{"A", 1, 9, 3}, core.Range{"A", 0, 1, 19}, false},
		"a prefix with a space":          {core.Range{"A", 1, 9, 3}, core.Range{"A ", 1, 9, 3}, false},
		"longer than a policy number":    {core.Range{"A", 1, 9, 3}, core.Range{strings.Repeat("A", 62), 1, 9, 3}, false},
	} {
		t.Run(name, func(t *testing.T) {
			source := &blocks{gives: func(call int, _ core.Range) core.Range {
				if call == 1 {
					return c.first
				}
				return c.second
			}}
			r := ranges(t, core.RangesConfig{Source: source})
			id := 0
			for ; id < int(c.first.To-c.first.From)+1; id++ {
				draw(t, r, id)
			}
			b, err := r.Book(t.Context(), numbered(id))
			if c.ok && (err != nil || b.PolicyNo != fmt.Sprintf("%s%0*d", c.second.Prefix, c.second.Width, c.second.From)) || !c.ok && !errors.Is(err, core.ErrRange) {
				t.Errorf("%+v, %v", b, err)
			}
		})
	}
}

// TestOverlapLater shows that a range is held against all before it, though
// they were merged.
func TestOverlapLater(t *testing.T) {
	source := &blocks{gives: func(call int, r core.Range) core.Range {
		if call == 5 {
			r.From, r.To = 15, 15
		}
		return r
	}}
	r := ranges(t, core.RangesConfig{Source: source, Size: 10})
	for id := range 40 {
		draw(t, r, id)
	}
	for {
		_, err := r.Book(t.Context(), numbered(40))
		if err == nil {
			break // the sixth call: the fifth was made ahead
		}
		if !errors.Is(err, core.ErrRange) {
			t.Fatal(err)
		}
	}
	if got := draw(t, r, 40); got != "P00000050" {
		t.Errorf("%s", got)
	}
}

func TestRangesConfig(t *testing.T) {
	for name, c := range map[string]core.RangesConfig{
		"no source":       {Pool: "P"},
		"no pool":         {Source: &blocks{}},
		"a pool of words": {Source: &blocks{}, Pool: "a b"},
		"a negative size": {Source: &blocks{}, Pool: "P", Size: -1},
		"a huge size":     {Source: &blocks{}, Pool: "P", Size: 1_000_001},
	} {
		if _, err := core.NewRanges(c); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// TestSource asks a core system for ranges over HTTP.
func TestSource(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   core.Range
		err    error
	}{
		"a range":               {200, `{"prefix":"PBDI2026","from":"00000001","to":"00001000"}`, core.Range{"PBDI2026", 1, 1000, 8}, nil},
		"no prefix":             {200, `{"from":"00","to":"99"}`, core.Range{"", 0, 99, 2}, nil},
		"ends of other lengths": {200, `{"prefix":"P","from":"1","to":"1000"}`, core.Range{}, core.ErrAnswer},
		"a sign":                {200, `{"prefix":"P","from":"+1","to":"09"}`, core.Range{}, core.ErrAnswer},
		"no digits":             {200, `{"prefix":"P","from":"01","to":"0x"}`, core.Range{}, core.ErrAnswer},
		"numbers":               {200, `{"prefix":"P","from":1,"to":9}`, core.Range{}, core.ErrAnswer},
		"nothing in it":         {200, `{}`, core.Range{}, core.ErrAnswer},
		"nineteen digits":       {200, `{"from":"0000000000000000001","to":"0000000000000000002"}`, core.Range{}, core.ErrAnswer},
		"none left":             {422, `{"declined":"POOL_USED_UP"}`, core.Range{}, core.ErrStatus},
		"busy":                  {503, ``, core.Range{}, core.ErrStatus},
	} {
		t.Run(name, func(t *testing.T) {
			s := &system{answer: says(c.status, c.body)}
			got, err := start(t, s).Next(t.Context(), "SURETY", 1000)
			if got != c.want || !errors.Is(err, c.err) {
				t.Errorf("%+v, %v", got, err)
			}
			var no *policy.DeclinedError
			if errors.As(err, &no) {
				t.Error("a used up pool is the end of a policy")
			}
			if want := `{"kind":"range","id":"` + s.calls[0].ID + `","pool":"SURETY","size":"1000"}`; string(s.calls[0].Body) != want {
				t.Errorf("asked %s", s.calls[0].Body)
			}
		})
	}
}

// TestSourceReplayed shows that the range of one call is no answer to another,
// even in the same second.
func TestSourceReplayed(t *testing.T) {
	var first core.Message
	h := start(t, &system{answer: func(m core.Message, w http.ResponseWriter) {
		if first.ID == "" {
			first = m
		}
		reply(w, secrets(secret), first, 200, `{"from":"01","to":"99"}`)
	}})
	if _, err := h.Next(t.Context(), "P", 99); err != nil {
		t.Fatal(err)
	}
	if r, err := h.Next(t.Context(), "P", 99); !errors.Is(err, core.ErrSignature) {
		t.Errorf("%+v, %v", r, err)
	}
}
