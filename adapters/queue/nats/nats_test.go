package nats_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"github.com/chudan-io/chudan/adapters/queue"
	"github.com/chudan-io/chudan/adapters/queue/nats"
	"github.com/chudan-io/chudan/adapters/queue/queuetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs the real server, on loopback and in a directory of the test.
func start(t testing.TB, change ...func(*server.Options)) *server.Server {
	t.Helper()
	o := &server.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true}
	for _, c := range change {
		c(o)
	}
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("the server does not start")
	}
	return s
}

func config(s *server.Server) nats.Config { return nats.Config{Servers: []string{s.Addr().String()}} }

func connect(t testing.TB, s *server.Server) *nats.Broker {
	t.Helper()
	b, err := nats.Connect(t.Context(), config(s))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// operator is a connection of the one who makes streams.
func operator(t testing.TB, s *server.Server) jetstream.JetStream {
	t.Helper()
	conn, err := client.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func stream(t testing.TB, js jetstream.JetStream, name string, subjects ...string) {
	t.Helper()
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: name, Subjects: subjects}); err != nil {
		t.Fatal(err)
	}
}

func publisher(t testing.TB, b *nats.Broker, subject string) queue.Publisher {
	t.Helper()
	p, err := b.Publisher(t.Context(), subject)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func join(t testing.TB, b *nats.Broker, subject string) queue.Source {
	t.Helper()
	s, err := b.Source(t.Context(), nats.SourceConfig{Subject: subject, Group: "chudan"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestBroker(t *testing.T) {
	s := start(t)
	js := operator(t, s)
	var queues atomic.Int64
	queuetest.Run(t, func(t testing.TB) queuetest.Queue {
		name := fmt.Sprintf("S%d", queues.Add(1))
		stream(t, js, name, name+".requests", name+".gone")
		b := connect(t, s)
		nowhere := publisher(t, b, name+".gone")
		if _, err := js.UpdateStream(t.Context(), jetstream.StreamConfig{Name: name, Subjects: []string{name + ".requests"}}); err != nil {
			t.Fatal(err)
		}
		return queuetest.Queue{
			Join:    func(t testing.TB) queue.Source { return join(t, connect(t, s), name+".requests") },
			Send:    publisher(t, b, name+".requests"),
			Nowhere: nowhere,
		}
	})
}

// TestSlow: a message that takes longer than AckWait stays with whom it was
// given to.
func TestSlow(t *testing.T) {
	s := start(t)
	js := operator(t, s)
	stream(t, js, "S", "requests")
	b := connect(t, s)
	source, err := b.Source(t.Context(), nats.SourceConfig{Subject: "requests", Group: "chudan", AckWait: 3 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	if err := publisher(t, b, "requests").Publish(t.Context(), []queue.Message{{Body: []byte("slow")}}); err != nil {
		t.Fatal(err)
	}
	held, err := source.Fetch(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	// The server itself says when AckWait has passed: it would hand the message out.
	within, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	if again, err := source.Fetch(within, 1); len(again) > 0 || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("handed out twice: %d, %v", len(again), err)
	}
	if err := source.Ack(t.Context(), held); err != nil {
		t.Error(err)
	}
}

// TestCopiesOfAnEvent: the server drops a second copy within its window.
func TestCopiesOfAnEvent(t *testing.T) {
	s := start(t)
	js := operator(t, s)
	stream(t, js, "S", "events")
	p := publisher(t, connect(t, s), "events")
	for range 2 {
		if err := p.Publish(t.Context(), []queue.Message{{ID: "1", Body: []byte("a")}, {ID: "2", Body: []byte("a")}}); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := js.Stream(t.Context(), "S")
	if err != nil {
		t.Fatal(err)
	}
	if n := kept.CachedInfo().State.Msgs; n != 2 {
		t.Errorf("the stream keeps %d events, want 2", n)
	}
}

// TestMisconfigured: what would lose messages is refused at the start.
func TestMisconfigured(t *testing.T) {
	s := start(t)
	js := operator(t, s)
	stream(t, js, "S", "requests", "others")
	b := connect(t, s)
	for group, c := range map[string]struct {
		made jetstream.ConsumerConfig
		want string
	}{
		"forgets": {jetstream.ConsumerConfig{AckPolicy: jetstream.AckExplicitPolicy, MaxDeliver: 5, FilterSubject: "requests"}, "MaxDeliver is 5"},
		"none":    {jetstream.ConsumerConfig{AckPolicy: jetstream.AckNonePolicy, FilterSubject: "requests"}, "AckPolicy"},
		"others":  {jetstream.ConsumerConfig{AckPolicy: jetstream.AckExplicitPolicy, FilterSubject: "others"}, `"others"`},
	} {
		c.made.Durable = group
		if _, err := js.CreateConsumer(t.Context(), "S", c.made); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Source(t.Context(), nats.SourceConfig{Subject: "requests", Group: group}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", group, err)
		}
	}
	var none *nats.NoStreamError
	if _, err := b.Source(t.Context(), nats.SourceConfig{Subject: "nothing", Group: "g"}); !errors.As(err, &none) || none.Subject != "nothing" {
		t.Errorf("a subject that no stream keeps: %v", err)
	}
	if _, err := b.Publisher(t.Context(), "nothing"); !errors.As(err, &none) {
		t.Errorf("a subject that no stream keeps: %v", err)
	}
	if _, err := nats.Connect(t.Context(), nats.Config{}); err == nil {
		t.Error("connected to no server")
	}
}

// TestPassword: errors do not tell it.
func TestPassword(t *testing.T) {
	s := start(t, func(o *server.Options) { o.Username, o.Password = "chudan", "right" })
	c := config(s)
	c.User, c.Password = "chudan", "s3cret"
	if _, err := nats.Connect(t.Context(), c); err == nil || strings.Contains(err.Error(), "s3cret") || !errors.Is(err, client.ErrAuthorization) {
		t.Errorf("a wrong password: %v", err)
	}
	c.Password = "right"
	b, err := nats.Connect(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	b.Close()
}
