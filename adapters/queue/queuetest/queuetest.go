// Package queuetest is the conformance suite of queue.Source and
// queue.Publisher, and a broker in memory that passes it. An adapter's test is
// ten lines:
//
//	func TestBroker(t *testing.T) {
//		queuetest.Run(t, func(t testing.TB) queuetest.Queue { … })
//	}
package queuetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/queue"
)

// Queue is how the suite reaches one queue.
type Queue struct {
	Join    func(t testing.TB) queue.Source // one more member of the one group
	Send    queue.Publisher                 // to the queue
	Nowhere queue.Publisher                 // to what is not there
}

// Run holds an adapter against the contract; open gives a new and empty queue.
func Run(t *testing.T, open func(t testing.TB) Queue) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(testing.TB, Queue)
	}{
		{"what is sent arrives", checkRoundTrip},
		{"no more than the limit", checkLimit},
		{"acknowledged stays done", checkAcknowledged},
		{"not acknowledged comes again", checkLeft},
		{"an earlier one is not acknowledged by a later one", checkGap},
		{"retried", checkRetried},
		{"retried holds up nobody", checkHeldUp},
		{"two members share", checkShared},
		{"ended and closed", checkEnded},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
}

// patience is how long a broker may take, on a machine that does other things.
const patience = time.Minute

func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func send(t testing.TB, q Queue, bodies ...string) {
	t.Helper()
	messages := make([]queue.Message, len(bodies))
	for i, b := range bodies {
		messages[i] = queue.Message{Key: b, Body: []byte(b)}
	}
	if err := q.Send.Publish(soon(t), messages); err != nil {
		t.Fatalf("Publish: %v", err)
	}
}

// fetch waits for n messages.
func fetch(t testing.TB, s queue.Source, n int) (all []queue.Delivery) {
	t.Helper()
	for len(all) < n {
		got, err := s.Fetch(soon(t), n-len(all))
		if err != nil {
			t.Fatalf("Fetch, with %d of %d: %v", len(all), n, err)
		}
		if len(got) == 0 || len(got) > n-len(all) {
			t.Fatalf("Fetch gives %d of 1 to %d", len(got), n-len(all))
		}
		all = append(all, got...)
	}
	return all
}

func ack(t testing.TB, s queue.Source, done ...queue.Delivery) {
	t.Helper()
	if err := s.Ack(soon(t), done); err != nil {
		t.Errorf("Ack: %v", err)
	}
}

func end(t testing.TB, s queue.Source) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func bodies(all []queue.Delivery) []string {
	var texts []string
	for _, d := range all {
		texts = append(texts, string(d.Body))
	}
	slices.Sort(texts)
	return texts
}

func got(t testing.TB, what string, all []queue.Delivery, want ...string) {
	t.Helper()
	if texts := bodies(all); !slices.Equal(texts, want) {
		t.Errorf("%s: %q, want %q", what, texts, want)
	}
}

func byBody(t testing.TB, all []queue.Delivery, body string) queue.Delivery {
	t.Helper()
	i := slices.IndexFunc(all, func(d queue.Delivery) bool { return string(d.Body) == body })
	if i < 0 {
		t.Fatalf("%q is not among %q", body, bodies(all))
	}
	return all[i]
}

func checkRoundTrip(t testing.TB, q Queue) {
	everyByte := make([]byte, 256)
	for i := range everyByte {
		everyByte[i] = byte(i)
	}
	sent := []queue.Message{
		{Key: "1", ID: "id-1", Headers: map[string]string{"correlation-id": "c 1/ä", "content-type": "application/json; charset=utf-8"}, Body: []byte(`{"a":"保单"}`)},
		{Key: "2", Body: everyByte},
		{Body: bytes.Repeat([]byte("64 KiB. "), 8<<10), Headers: map[string]string{"x": "y"}},
		{Key: "4", Body: []byte{}},
	}
	if err := q.Send.Publish(soon(t), sent); err != nil {
		t.Fatal(err)
	}
	s := q.Join(t)
	places := map[string]bool{}
	for _, d := range fetch(t, s, len(sent)) {
		i := slices.IndexFunc(sent, func(m queue.Message) bool { return bytes.Equal(m.Body, d.Body) })
		if i < 0 {
			t.Errorf("%d bytes were never sent", len(d.Body))
			continue
		}
		for name, value := range sent[i].Headers {
			if d.Headers[name] != value {
				t.Errorf("message %d has the headers %q, want %q", i+1, d.Headers, sent[i].Headers)
			}
		}
		for name := range maps.Keys(d.Headers) {
			if name != strings.ToLower(name) {
				t.Errorf("the header %q is not in lower case", name)
			}
		}
		if d.Attempt != 1 || d.Place == "" || places[d.Place] {
			t.Errorf("message %d: attempt %d, place %q", i+1, d.Attempt, d.Place)
		}
		places[d.Place] = true
	}
	end(t, s)
}

func checkLimit(t testing.TB, q Queue) {
	send(t, q, "a", "b", "c")
	s := q.Join(t)
	all := fetch(t, s, 2)
	all = append(all, fetch(t, s, 1)...)
	got(t, "fetched", all, "a", "b", "c")
	end(t, s)
}

func checkAcknowledged(t testing.TB, q Queue) {
	send(t, q, "a", "b", "c")
	s := q.Join(t)
	ack(t, s, fetch(t, s, 3)...)
	end(t, s)
	send(t, q, "d")
	s = q.Join(t)
	got(t, "after all were acknowledged", fetch(t, s, 1), "d")
	end(t, s)
}

func checkLeft(t testing.TB, q Queue) {
	send(t, q, "a", "b", "c")
	s := q.Join(t)
	fetch(t, s, 3)
	end(t, s)
	s = q.Join(t)
	all := fetch(t, s, 3)
	got(t, "what was left", all, "a", "b", "c")
	ack(t, s, all...)
	end(t, s)
}

func checkGap(t testing.TB, q Queue) {
	send(t, q, "a", "b", "c", "d")
	s := q.Join(t)
	all := fetch(t, s, 4)
	ack(t, s, byBody(t, all, "b"), byBody(t, all, "d"))
	end(t, s)
	s = q.Join(t)
	left := map[string]bool{}
	for !left["a"] || !left["c"] { // b and d may come too
		for _, d := range fetch(t, s, 1) {
			left[string(d.Body)] = true
			ack(t, s, d)
		}
	}
	end(t, s)
}

func checkRetried(t testing.TB, q Queue) {
	send(t, q, "a", "b")
	s := q.Join(t)
	all := fetch(t, s, 2)
	ack(t, s, byBody(t, all, "b"))
	d := byBody(t, all, "a")
	for attempt := 2; attempt < 5; attempt++ {
		if err := s.Retry(soon(t), d, time.Millisecond); err != nil {
			t.Fatalf("Retry: %v", err)
		}
		again := fetch(t, s, 1)
		got(t, "again", again, "a")
		if d = again[0]; d.Attempt != attempt {
			t.Errorf("attempt %d, want %d", d.Attempt, attempt)
		}
	}
	ack(t, s, d)
	end(t, s)
	send(t, q, "c")
	s = q.Join(t)
	got(t, "after all were acknowledged", fetch(t, s, 1), "c")
	end(t, s)
}

func checkHeldUp(t testing.TB, q Queue) {
	send(t, q, "a")
	s := q.Join(t)
	if err := s.Retry(soon(t), fetch(t, s, 1)[0], time.Hour); err != nil {
		t.Fatalf("Retry: %v", err)
	}
	send(t, q, "b", "c")
	all := fetch(t, s, 2)
	got(t, "behind one that waits", all, "b", "c")
	ack(t, s, all...)
	end(t, s)
}

// checkShared: whatever one member holds when another one joins or leaves,
// nothing is lost.
func checkShared(t testing.TB, q Queue) {
	const messages = 100
	one := q.Join(t)
	seen := map[string]bool{}
	take := func(s queue.Source) {
		batch, err := s.Fetch(soon(t), 10)
		if err != nil {
			t.Fatalf("Fetch: %v", err)
		}
		for _, d := range batch {
			seen[string(d.Body)] = true
		}
		_ = s.Ack(soon(t), batch) // what moved to another member comes again there
	}
	for i := range messages / 2 {
		send(t, q, fmt.Sprint("first ", i))
	}
	take(one)
	two := q.Join(t)
	for i := range messages / 2 {
		send(t, q, fmt.Sprint("second ", i))
	}
	take(one)
	end(t, one)
	for len(seen) < messages {
		take(two)
	}
	end(t, two)
}

func checkEnded(t testing.TB, q Queue) {
	ended, cancel := context.WithCancel(t.Context())
	s := q.Join(t)
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, err = s.Fetch(ended, 1)
	}()
	cancel()
	<-done
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Fetch with a context that ended: %v", err)
	}
	if err := q.Send.Publish(ended, []queue.Message{{Body: []byte("a")}}); !errors.Is(err, context.Canceled) {
		t.Errorf("Publish with a context that has ended: %v", err)
	}
	if err := q.Nowhere.Publish(soon(t), []queue.Message{{Body: []byte("a")}}); err == nil {
		t.Error("published to what is not there")
	}
	end(t, s)
	end(t, s)
	if _, err := s.Fetch(soon(t), 1); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Fetch after Close: %v", err)
	}
}
