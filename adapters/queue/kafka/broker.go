// Package kafka lets requests come from Kafka, and answers, dead letters and
// events go there.
//
// Kafka hands a partition to one consumer of a group and remembers one offset
// for it: what is committed is everything before the earliest message that is
// not done with. Messages that are to be tried again wait here, while those
// behind them go on, up to a window; attempts are counted by this process and
// begin anew in another one.
//
// The package is tested against franz-go's own imitation of a broker, not yet
// against Kafka itself.
package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/chudan-io/chudan/adapters/queue"
)

// Config says where the brokers are, and who we are to them.
type Config struct {
	Brokers        []string // required: HOST:PORT
	User, Password string
	SASL           string      // plain (the default), scram-sha-256 or scram-sha-512; with a User only
	TLS            *tls.Config // nil for none
}

// Mechanisms are what Config.SASL may be.
var Mechanisms = []string{"plain", "scram-sha-256", "scram-sha-512"}

func (c *Config) mechanism() (sasl.Mechanism, error) {
	switch c.SASL {
	case "", "plain":
		return plain.Auth{User: c.User, Pass: c.Password}.AsMechanism(), nil
	case "scram-sha-256":
		return scram.Auth{User: c.User, Pass: c.Password}.AsSha256Mechanism(), nil
	case "scram-sha-512":
		return scram.Auth{User: c.User, Pass: c.Password}.AsSha512Mechanism(), nil
	}
	return nil, fmt.Errorf("kafka: SASL %q is none of %s", c.SASL, strings.Join(Mechanisms, ", "))
}

func (c *Config) options() ([]kgo.Opt, error) {
	if len(c.Brokers) == 0 {
		return nil, errors.New("kafka: Config needs Brokers")
	}
	all := []kgo.Opt{kgo.SeedBrokers(c.Brokers...), kgo.ClientID("chudan")}
	if c.TLS != nil {
		all = append(all, kgo.DialTLSConfig(c.TLS))
	}
	if c.User != "" {
		m, err := c.mechanism()
		if err != nil {
			return nil, err
		}
		all = append(all, kgo.SASL(m))
	}
	return all, nil
}

// Broker publishes, and makes sources. Safe for concurrent use.
type Broker struct {
	options []kgo.Opt
	client  *kgo.Client
}

// deliveryTimeout is how long a broker may take to say that it has a message.
const deliveryTimeout = 15 * time.Second

// Connect reaches one of the brokers. Errors hold no password.
func Connect(ctx context.Context, c Config) (*Broker, error) {
	options, err := c.options()
	if err != nil {
		return nil, err
	}
	client, err := kgo.NewClient(append(options[:len(options):len(options)],
		kgo.RequiredAcks(kgo.AllISRAcks()), kgo.RecordDeliveryTimeout(deliveryTimeout))...)
	if err != nil {
		return nil, fmt.Errorf("kafka: %w", err)
	}
	if err := client.Ping(ctx); err != nil {
		client.Close()
		return nil, fmt.Errorf("kafka: no broker can be reached: %w", err)
	}
	return &Broker{options, client}, nil
}

// Close ends the connections. Sources are closed before.
func (b *Broker) Close() { b.client.Close() }

// NoTopicError tells that there is no such topic, or none that we may see.
type NoTopicError struct{ Topic string }

func (e *NoTopicError) Error() string { return "kafka: there is no topic " + e.Topic }

// find asks for a topic. A consumer of one that is not there would wait for it
// without a word.
func (b *Broker) find(ctx context.Context, topic string) error {
	ask := kmsg.NewPtrMetadataRequest()
	ask.AllowAutoTopicCreation = false
	one := kmsg.NewMetadataRequestTopic()
	one.Topic = kmsg.StringPtr(topic)
	ask.Topics = append(ask.Topics, one)
	answer, err := ask.RequestWith(ctx, b.client)
	if err != nil {
		return fmt.Errorf("kafka: asking for the topic %s: %w", topic, err)
	}
	for _, t := range answer.Topics {
		switch err := kerr.ErrorForCode(t.ErrorCode); {
		case errors.Is(err, kerr.UnknownTopicOrPartition):
			return &NoTopicError{topic}
		case err != nil:
			return fmt.Errorf("kafka: the topic %s: %w", topic, err)
		}
	}
	return nil
}

// Publisher publishes to a topic that is there, and waits until all replicas in
// sync have what it published.
func (b *Broker) Publisher(ctx context.Context, topic string) (queue.Publisher, error) {
	if err := b.find(ctx, topic); err != nil {
		return nil, err
	}
	return &publisher{b, topic}, nil
}

type publisher struct {
	broker *Broker
	topic  string
}

func (p *publisher) Publish(ctx context.Context, messages []queue.Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	records := make([]*kgo.Record, len(messages))
	for i, m := range messages {
		r := &kgo.Record{Topic: p.topic, Value: m.Body}
		if m.Key != "" {
			r.Key = []byte(m.Key)
		}
		for name, value := range m.Headers {
			r.Headers = append(r.Headers, kgo.RecordHeader{Key: name, Value: []byte(value)})
		}
		records[i] = r
	}
	if err := p.broker.client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return fmt.Errorf("kafka: publishing to %s: %w", p.topic, err)
	}
	return nil
}
