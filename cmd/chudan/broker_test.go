package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/adapters/queue"
	"github.com/chudan-io/chudan/adapters/queue/kafka"
	"github.com/chudan-io/chudan/adapters/queue/nats"
)

// brokerAt is a broker of a test: what it is to chudan, and what is sent to
// and read from it past chudan.
type brokerAt struct {
	url  string // with %s where topics go
	send queue.Publisher
	read func(topic string) []queue.Message

	drained func() bool // of NATS: whether every request has been acknowledged
}

var brokerTopics = []string{"requests", "answers", "dead-letters", "events"}

// startNATS runs the real server, in this process.
func startNATS(t testing.TB) *natsserver.Server {
	t.Helper()
	s, err := natsserver.NewServer(&natsserver.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(patience) {
		t.Fatal("the server does not start")
	}
	return s
}

func natsBroker(t testing.TB) brokerAt {
	t.Helper()
	s := startNATS(t)
	conn, err := client.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "ALL", Subjects: brokerTopics}); err != nil {
		t.Fatal(err)
	}
	b, err := nats.Connect(t.Context(), nats.Config{Servers: []string{s.Addr().String()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	send, err := b.Publisher(t.Context(), "requests")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	got := map[string][]queue.Message{}
	reader, err := js.OrderedConsumer(t.Context(), "ALL", jetstream.OrderedConsumerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	reading, err := reader.Consume(func(m jetstream.Msg) {
		mu.Lock()
		defer mu.Unlock()
		headers := map[string]string{}
		for name := range m.Headers() {
			headers[name] = m.Headers()[name][0]
		}
		got[m.Subject()] = append(got[m.Subject()], queue.Message{Headers: headers, Body: m.Data()})
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(reading.Stop)
	read := func(topic string) []queue.Message {
		mu.Lock()
		defer mu.Unlock()
		return got[topic]
	}
	return brokerAt{"nats://" + s.Addr().String() + "/", send, read, func() bool {
		group, err := js.Consumer(t.Context(), "ALL", "chudan")
		return err == nil && group.CachedInfo().NumPending == 0 && group.CachedInfo().NumAckPending == 0
	}}
}

func kafkaBroker(t testing.TB) brokerAt {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, brokerTopics...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	b, err := kafka.Connect(t.Context(), kafka.Config{Brokers: c.ListenAddrs()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	send, err := b.Publisher(t.Context(), "requests")
	if err != nil {
		t.Fatal(err)
	}
	reader, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.ConsumeTopics(brokerTopics...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(reader.Close)
	got := map[string][]queue.Message{}
	return brokerAt{url: "kafka://" + c.ListenAddrs()[0] + "/", send: send, read: func(topic string) []queue.Message {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		reader.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			headers := map[string]string{}
			for _, h := range r.Headers {
				headers[h.Key] = string(h.Value)
			}
			got[r.Topic] = append(got[r.Topic], queue.Message{Headers: headers, Body: r.Value})
		})
		return got[topic]
	}}
}

// TestBrokers: requests in, answers and events out, with either broker; what was
// in hand when the server ends is not lost, nor done twice.
func TestBrokers(t *testing.T) {
	for name, start := range map[string]func(testing.TB) brokerAt{"nats": natsBroker, "kafka": kafkaBroker} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, dir := start(t), t.TempDir()
			serve := func() *process {
				return startServer(t, dir, "--queue", b.url+"requests?reply=answers&dead=dead-letters", "--events", b.url+"events")
			}
			p := serve()
			_, first := variant(t, 1)
			_, second := variant(t, 2)
			send := func(correlation string, body []byte) {
				if err := b.send.Publish(t.Context(), []queue.Message{{Headers: map[string]string{"correlation-id": correlation}, Body: body}}); err != nil {
					t.Fatal(err)
				}
			}
			answer := func(correlation string) (queue.Message, qimen.Answer) {
				var m queue.Message
				await(t, "the answer to "+correlation, func() bool {
					for _, m = range b.read("answers") {
						if m.Headers["correlation-id"] == correlation {
							return true
						}
					}
					return false
				})
				a, err := qimen.ParseAnswer(m.Body)
				if err != nil {
					t.Fatal(err)
				}
				return m, a
			}
			send("one", first)
			send("again", first)
			send("malformed", []byte(`{"identifier":`))
			one, a := answer("one")
			again, _ := answer("again")
			if !a.Success || string(one.Body) != string(again.Body) || one.Headers["identifier"] != "K000001" {
				t.Errorf("%s %q, then %s", one.Body, one.Headers, again.Body)
			}
			if _, a := answer("malformed"); a.Success || !strings.HasPrefix(a.Code, "isv.") {
				t.Errorf("%+v", a)
			}
			await(t, "the event", func() bool { return len(b.read("events")) == 1 })
			var event struct{ SpecVersion, ID, Source, Type, Subject string }
			if err := json.Unmarshal(b.read("events")[0].Body, &event); err != nil || event.SpecVersion != "1.0" || event.Type != "policy.issued" || event.Subject != "K000001" {
				t.Errorf("%+v, %v", event, err)
			}
			await(t, "the metrics", func() bool {
				_, _, text, err := fetch("GET", p.Admin+"/metrics")
				return err == nil && strings.Contains(string(text), `chudan_queue_messages_total{outcome="issued"} 2`) &&
					strings.Contains(string(text), `chudan_queue_messages_total{outcome="refused"} 1`) && strings.Contains(string(text), "chudan_events_published_total 1")
			})
			// An answer over HTTP is an event too.
			if a, err := (&qimen.Client{URL: p.URL, Secret: devSecret}).Issue(t.Context(), second); err != nil || !a.Success {
				t.Fatal(a, err)
			}
			_ = p.Process.Signal(syscall.SIGTERM)
			if err := p.Wait(); err != nil {
				t.Errorf("the server ended with %v\n%s", err, p.log)
			}
			await(t, "the event of a server that has ended", func() bool { return len(b.read("events")) == 2 })
			send("restarted", second)
			serve()
			if _, again := answer("restarted"); !again.Success || len(b.read("dead-letters")) != 0 {
				t.Errorf("%+v, %d dead letters", again, len(b.read("dead-letters")))
			}
		})
	}
}

// TestLetter: what a dead letter holds can be read with the keys, and not
// without.
func TestLetter(t *testing.T) {
	dir := t.TempDir()
	c := newConsole(strings.NewReader(""), new(strings.Builder), new(strings.Builder), os.LookupEnv)
	name := storeName{driver: "sqlite", path: filepath.Join(dir, "chudan.db")}
	keys, err := c.keys(name, "")
	if err != nil {
		t.Fatal(err)
	}
	letter, _ := json.Marshal(queue.Letter{Reference: "r", Tenant: "local", Sealed: keys.SealLetter("local", "r", []byte(`{"a":"张三"}`))})
	for what, want := range map[string]struct {
		text, args, out string
		code            int
	}{
		"its own":       {string(letter), "", `{"a":"张三"}`, exitOK},
		"of another":    {strings.Replace(string(letter), `"r"`, `"x"`, 1), "", "", exitUsage},
		"no letter":     {`{}`, "", "", exitUsage},
		"no JSON":       {`x`, "", "", exitUsage},
		"no such store": {string(letter), "nowhere:", "", exitUsage},
		"no keys":       {string(letter), "sqlite:" + filepath.Join(dir, "other.db"), "", exitUsage},
	} {
		var out, log strings.Builder
		c := newConsole(strings.NewReader(want.text), &out, &log, func(string) (string, bool) { return "", false })
		root := newRoot(c)
		args := []string{"letter", "-", "--store", "sqlite:" + name.path}
		if want.args != "" {
			args[3] = want.args
		}
		root.SetArgs(args)
		code := exitOK
		if err := root.ExecuteContext(t.Context()); err != nil {
			code = c.tell(err)
		}
		if code != want.code || out.String() != want.out {
			t.Errorf("%s: exit %d, %s%s", what, code, out.String(), log.String())
		}
	}
}
