package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/adapters/queue"
	"github.com/chudan-io/chudan/adapters/queue/nats"
	"github.com/chudan-io/chudan/policy"
)

// TestQueueStorm: healthy requests end in one policy each, and what makes us
// panic in one dead letter each, whatever happens to consumers.
func TestQueueStorm(t *testing.T) {
	s := blowQueue(t, false)
	if s.policies != s.healthy || s.untold > 0 || s.dead != s.panicking || s.malformed != s.toldMalformed || s.wrong > 0 || s.cuts == 0 {
		t.Error("healthy ones were lost or doubled, or dead letters are not exact, or nobody was cut off")
	}
}

// TestQueueStormNotices is the control: with consumers that acknowledge before
// they decide, the same storm counts what is lost.
func TestQueueStormNotices(t *testing.T) {
	if s := blowQueue(t, true); s.policies == s.healthy && s.untold == 0 {
		t.Error("nobody noticed that acknowledged messages are lost")
	}
}

// queueStorm is what was counted.
type queueStorm struct {
	healthy, policies, untold, malformed, toldMalformed, panicking, dead, wrong, cuts int
}

// blowQueue sends messages, of which 1 % are malformed and 0.1 % make us panic,
// to three consumers that are cut off from the broker at random moments, with
// what they have in hand. CHUDAN_MESSAGES sets another number for a longer run.
func blowQueue(t *testing.T, early bool) (s queueStorm) {
	messages, err := strconv.Atoi(os.Getenv("CHUDAN_MESSAGES"))
	if err != nil {
		if messages = 2000; testing.Short() {
			messages = 300
		}
	}
	b := natsBroker(t)
	w := newWorks(t, b)
	w.early, w.batch = early, max(5, messages/100)
	malformed, panicking := map[string]bool{}, map[string]bool{}
	healthy := map[string]bool{}
	for i := range messages {
		id, body := variant(t, i)
		switch {
		case i%1000 == 7:
			panicking[id], body = true, bytes.Replace(body, []byte(`{`), []byte(`{"panicking": "1", `), 1)
		case i%100 == 50:
			malformed[id], body = true, body[:len(body)/2]
		default:
			healthy[id] = true
		}
		m := queue.Message{Headers: map[string]string{"correlation-id": id}, Body: body}
		if err := b.send.Publish(t.Context(), []queue.Message{m}); err != nil {
			t.Fatal(err)
		}
	}
	working, end := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() { w.run(working) })
	}
	// Of what is acknowledged before it is decided, some is never handled: that is what the control is for.
	for deadline := time.Now().Add(patience + time.Duration(messages)*50*time.Millisecond); !early && !w.busy(messages) || !b.drained(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not all are acknowledged: %d handled", w.handled.Load())
		}
	}
	end()
	all.Wait()
	s.healthy, s.malformed, s.panicking = len(healthy), len(malformed), len(panicking)
	await(t, "the last answers are read", func() bool { return early || len(answersOf(t, b)) >= messages })
	for id, code := range answersOf(t, b) {
		want := "SUCCESS"
		switch {
		case panicking[id]:
			want = string(policy.KindInternal)
		case malformed[id]:
			want = "isv.invalid-parameter:body"
			s.toldMalformed++
		}
		if code != want {
			s.wrong++
			t.Errorf("%s was answered %s, want %s", id, code, want)
		}
	}
	s.policies, s.untold = w.policies(t, healthy)
	s.dead, s.cuts = len(lettersOf(t, b)), int(w.cuts.Load())
	t.Logf("%d messages: %d policies for %d healthy ones, %d of them untold; %d of %d malformed ones answered, %d dead letters for %d panicking ones, %d answered otherwise; %d consumers were cut off, %d messages came again",
		messages, s.policies, s.healthy, s.untold, s.toldMalformed, s.malformed, s.dead, s.panicking, s.wrong, s.cuts, w.handled.Load()-int64(messages))
	return s
}

// works is what consumers of a storm share.
type works struct {
	t      *testing.T
	broker brokerAt
	house  *house

	batch int
	early bool // acknowledge what is not decided yet

	handled, cuts atomic.Int64
}

func newWorks(t *testing.T, b brokerAt) *works {
	c := newConsole(nil, io.Discard, io.Discard, os.LookupEnv)
	o := &options{store: "sqlite:" + filepath.Join(t.TempDir(), "chudan.db"), tenant: "local", publicURL: localURL}
	h, err := c.openHouse(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.store.Close() })
	return &works{t: t, broker: b, house: h}
}

// busy tells whether so many messages have been handled.
func (w *works) busy(messages int) bool { return w.handled.Load() >= int64(messages) }

// Message is queue.Observer's.
func (w *works) Message(queue.Outcome, time.Duration) { w.handled.Add(1) }

// run is one consumer after the other, each of which is cut off in the middle.
func (w *works) run(ctx context.Context) {
	for ctx.Err() == nil {
		life, end := context.WithCancel(ctx)
		cut := 0
		if w.cuts.Load() < 20 {
			cut = 1 + rand.IntN(4) // fetches
		}
		if err := w.live(life, cut, end); err != nil {
			w.t.Error(err)
		}
		end()
	}
}

// live is one consumer, whose connection breaks at a random moment of the
// cut'th batch; 0 is never.
func (w *works) live(ctx context.Context, cut int, end func()) error {
	b, err := nats.Connect(context.Background(), nats.Config{Servers: []string{w.broker.url[len("nats://") : len(w.broker.url)-1]}})
	if err != nil {
		return err
	}
	defer b.Close()
	source, err := b.Source(context.Background(), nats.SourceConfig{Subject: "requests", Group: "chudan", AckWait: time.Second})
	if err != nil {
		return err
	}
	replies, err := b.Publisher(context.Background(), "answers")
	if err != nil {
		return err
	}
	dead, err := b.Publisher(context.Background(), "dead-letters")
	if err != nil {
		return err
	}
	c := queue.Config{
		Source: &cutting{source, cut, w.early, func() { w.cuts.Add(1); b.Close(); end() }}, Replies: replies, Dead: dead,
		Issuer: w.house.issuer, Tenant: "local", Seal: w.house.keys.SealLetter, Batch: w.batch,
		Decode: func(body []byte) (*policy.Request, policy.Faults) {
			if bytes.HasPrefix(body, []byte(`{"panicking"`)) {
				panic("a request that nobody thought of")
			}
			return decode(body)
		},
		Reply: func(receipt policy.Receipt, err error, reference string) []byte {
			return qimen.Reply(receipt, err, policy.English, reference)
		},
		Observer: w, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Timeout: 5 * time.Second,
	}
	consumer, err := queue.New(c)
	if err != nil {
		return err
	}
	consumer.Run(ctx)
	return nil
}

// cutting is a Source whose connection breaks.
type cutting struct {
	queue.Source
	left  int
	early bool
	cut   func()
}

func (s *cutting) Fetch(ctx context.Context, limit int) ([]queue.Delivery, error) {
	batch, err := s.Source.Fetch(ctx, limit)
	if s.early && err == nil {
		err = s.Ack(ctx, batch)
	}
	if s.left--; s.left == 0 && len(batch) > 0 {
		if rand.IntN(2) == 0 {
			s.cut() // before anything is decided
		} else {
			time.AfterFunc(rand.N(20*time.Millisecond), s.cut) // or somewhere on the way
		}
	}
	return batch, err
}

// policies counts the policies, and those whose number nobody was told; it fails
// where one has another number than was answered.
func (w *works) policies(t *testing.T, healthy map[string]bool) (n, untold int) {
	numbers := map[string]string{}
	for _, m := range w.broker.read("answers") {
		a, err := qimen.ParseAnswer(m.Body)
		id := m.Headers["correlation-id"]
		if err != nil || !a.Success {
			continue
		}
		if numbers[id] != "" && numbers[id] != a.PolicyNo {
			t.Errorf("%s was answered %s and %s", id, numbers[id], a.PolicyNo)
		}
		numbers[id] = a.PolicyNo
	}
	for r, err := range w.house.store.(policy.Lister).List(t.Context(), policy.Selection{Status: policy.StatusIssued}) {
		if err != nil {
			t.Fatal(err)
		}
		number, told := numbers[r.Key.Identifier]
		if !healthy[r.Key.Identifier] || told && number != r.Number {
			t.Errorf("%s has the policy %s and was answered %s", r.Key.Identifier, r.Number, number)
		}
		n++
		if !told {
			untold++
		}
	}
	return n, untold
}

// answersOf are the codes by correlation-id.
func answersOf(t *testing.T, b brokerAt) map[string]string {
	codes := map[string]string{}
	for _, m := range b.read("answers") {
		a, err := qimen.ParseAnswer(m.Body)
		if err != nil {
			t.Fatal(err)
		}
		codes[m.Headers["correlation-id"]] = a.Code
	}
	return codes
}

// lettersOf are the reasons by place: of two copies of a letter one counts.
func lettersOf(t *testing.T, b brokerAt) map[string]string {
	reasons := map[string]string{}
	for _, m := range b.read("dead-letters") {
		var l queue.Letter
		if err := json.Unmarshal(m.Body, &l); err != nil {
			t.Fatal(err)
		}
		reasons[l.Place] = fmt.Sprint(l.Reason)
	}
	return reasons
}
