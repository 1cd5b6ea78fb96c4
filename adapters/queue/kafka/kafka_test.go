package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"go.uber.org/goleak"

	"github.com/chudan-io/chudan/adapters/queue"
	"github.com/chudan-io/chudan/adapters/queue/kafka"
	"github.com/chudan-io/chudan/adapters/queue/queuetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs an imitation of Kafka on loopback.
func start(t testing.TB, o ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1), kfake.GroupMinSessionTimeout(time.Second)}, o...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func connect(t testing.TB, c *kfake.Cluster) *kafka.Broker {
	t.Helper()
	b, err := kafka.Connect(t.Context(), kafka.Config{Brokers: c.ListenAddrs()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func publisher(t testing.TB, b *kafka.Broker, topic string) queue.Publisher {
	t.Helper()
	p, err := b.Publisher(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func join(t testing.TB, b *kafka.Broker, c kafka.SourceConfig) queue.Source {
	t.Helper()
	s, err := b.Source(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestBroker(t *testing.T) {
	var topics []string
	for i := range 20 {
		topics = append(topics, fmt.Sprintf("requests-%d", i))
	}
	for name, partitions := range map[string]int32{"one partition": 1, "four partitions": 4} {
		t.Run(name, func(t *testing.T) {
			cluster := start(t, kfake.SeedTopics(partitions, topics...))
			var next atomic.Int64
			queuetest.Run(t, func(t testing.TB) queuetest.Queue {
				topic := topics[next.Add(1)]
				b := connect(t, cluster)
				return queuetest.Queue{
					Join: func(t testing.TB) queue.Source {
						return join(t, b, kafka.SourceConfig{Topic: topic, Group: "chudan-" + topic})
					},
					Send:    publisher(t, b, topic),
					Nowhere: nowhere{b},
				}
			})
		})
	}
}

// nowhere publishes to a topic that is not there.
type nowhere struct{ *kafka.Broker }

func (n nowhere) Publish(ctx context.Context, _ []queue.Message) error {
	_, err := n.Publisher(ctx, "nothing")
	return err
}

// TestWindow: a message that is tried again and again holds up those behind it
// only when there are too many, and not for ever.
func TestWindow(t *testing.T) {
	cluster := start(t, kfake.SeedTopics(1, "requests"))
	b := connect(t, cluster)
	p := publisher(t, b, "requests")
	var sent []queue.Message
	for i := range 30 {
		sent = append(sent, queue.Message{Key: "k", Body: fmt.Append(nil, i)})
	}
	if err := p.Publish(t.Context(), sent); err != nil {
		t.Fatal(err)
	}
	s := join(t, b, kafka.SourceConfig{Topic: "requests", Group: "chudan", Window: 10})
	var got []string
	take := func(n int) (last queue.Delivery) {
		for range n {
			all, err := s.Fetch(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(all[0].Body))
			last = all[0]
			if string(last.Body) != "0" {
				if err := s.Ack(t.Context(), all); err != nil {
					t.Fatal(err)
				}
			}
		}
		return last
	}
	poison := take(1)
	take(9) // the window is full: what comes next is the poison
	if err := s.Retry(t.Context(), poison, 0); err != nil {
		t.Fatal(err)
	}
	again := take(1)
	if again.Attempt != 2 || string(again.Body) != "0" || again.Key != "k" {
		t.Errorf("in a full window: %s, attempt %d", again.Body, again.Attempt)
	}
	if err := s.Ack(t.Context(), []queue.Delivery{again}); err != nil {
		t.Fatal(err)
	}
	take(20)
	slices.Sort(got)
	if len(slices.Compact(got)) != 30 {
		t.Errorf("got %q", got)
	}
}

func TestMisconfigured(t *testing.T) {
	cluster := start(t, kfake.SeedTopics(1, "requests"))
	b := connect(t, cluster)
	var none *kafka.NoTopicError
	if _, err := b.Source(t.Context(), kafka.SourceConfig{Topic: "nothing", Group: "g"}); !errors.As(err, &none) || none.Topic != "nothing" {
		t.Errorf("a topic that is not there: %v", err)
	}
	if _, err := kafka.Connect(t.Context(), kafka.Config{}); err == nil {
		t.Error("connected to no broker")
	}
	if _, err := kafka.Connect(t.Context(), kafka.Config{Brokers: []string{"127.0.0.1:1"}, User: "u", SASL: "magic"}); err == nil || !strings.Contains(err.Error(), "scram-sha-512") {
		t.Errorf("an unknown mechanism: %v", err)
	}
}

// TestPassword: errors do not tell it.
func TestPassword(t *testing.T) {
	for _, mechanism := range kafka.Mechanisms {
		t.Run(mechanism, func(t *testing.T) {
			cluster := start(t, kfake.EnableSASL(), kfake.Superuser(strings.ToUpper(mechanism), "chudan", "right"))
			c := kafka.Config{Brokers: cluster.ListenAddrs(), User: "chudan", Password: "s3cret", SASL: mechanism}
			if _, err := kafka.Connect(t.Context(), c); err == nil || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("a wrong password: %v", err)
			}
			c.Password = "right"
			b, err := kafka.Connect(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			b.Close()
		})
	}
}
