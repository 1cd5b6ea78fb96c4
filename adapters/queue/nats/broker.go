// Package nats lets requests come from NATS JetStream, and answers, dead
// letters and events go there. Subjects are kept by streams, which their
// operator makes: what no stream keeps is refused, at the start and on every
// publish.
//
// JetStream acknowledges before it has synced to its disk, unless it is told
// otherwise: it carries messages, and is never the ledger.
package nats

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/chudan-io/chudan/adapters/queue"
)

// Config says where the servers are, and who we are to them.
type Config struct {
	Servers        []string // required: HOST:PORT
	User, Password string
	Token          string
	Credentials    string      // path of a .creds file
	TLS            *tls.Config // nil for none
}

// Broker is a connection. It is made again whenever it breaks. Safe for
// concurrent use.
type Broker struct {
	conn   *client.Conn
	stream jetstream.JetStream
}

// publishTimeout is how long a server may take to say that it has a message.
const publishTimeout = 10 * time.Second

// Connect connects. Errors hold no password.
func Connect(ctx context.Context, c Config) (*Broker, error) {
	if len(c.Servers) == 0 {
		return nil, errors.New("nats: Config needs Servers")
	}
	scheme := "nats://"
	o := client.GetDefaultOptions()
	for _, s := range c.Servers {
		o.Servers = append(o.Servers, scheme+s)
	}
	o.Name, o.User, o.Password, o.Token = "chudan", c.User, c.Password, c.Token
	o.MaxReconnect = -1
	if deadline, ok := ctx.Deadline(); ok {
		o.Timeout = time.Until(deadline)
	}
	if c.TLS != nil {
		o.Secure, o.TLSConfig = true, c.TLS
	}
	if c.Credentials != "" {
		if err := client.UserCredentials(c.Credentials)(&o); err != nil {
			return nil, fmt.Errorf("nats: %w", err)
		}
	}
	conn, err := o.Connect()
	if err != nil {
		return nil, err // which says that it is of nats
	}
	stream, err := jetstream.New(conn, jetstream.WithPublishAsyncTimeout(publishTimeout))
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("nats: %w", err)
	}
	return &Broker{conn, stream}, nil
}

// Close ends the connection. Sources are closed before.
func (b *Broker) Close() { b.conn.Close() }

// streamOf is the stream that keeps a subject.
func (b *Broker) streamOf(ctx context.Context, subject string) (string, error) {
	name, err := b.stream.StreamNameBySubject(ctx, subject)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return "", &NoStreamError{Subject: subject}
	}
	if err != nil {
		return "", fmt.Errorf("nats: asking for the stream of %s: %w", subject, err)
	}
	return name, nil
}

// NoStreamError tells that no stream keeps a subject.
type NoStreamError struct{ Subject string }

func (e *NoStreamError) Error() string { return "nats: no stream keeps the subject " + e.Subject }

// Publisher publishes to a subject, which a stream must keep.
func (b *Broker) Publisher(ctx context.Context, subject string) (queue.Publisher, error) {
	if _, err := b.streamOf(ctx, subject); err != nil {
		return nil, err
	}
	return &publisher{b, subject}, nil
}

type publisher struct {
	broker  *Broker
	subject string
}

func (p *publisher) Publish(ctx context.Context, messages []queue.Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	stored := make([]jetstream.PubAckFuture, 0, len(messages))
	for _, m := range messages {
		out := client.NewMsg(p.subject)
		for name, value := range m.Headers {
			out.Header[name] = []string{value} // Set would write names in its own way
		}
		if m.ID != "" {
			out.Header.Set(jetstream.MsgIDHeader, m.ID)
		}
		out.Data = m.Body
		f, err := p.broker.stream.PublishMsgAsync(out)
		if err != nil {
			return fmt.Errorf("nats: publishing to %s: %w", p.subject, err)
		}
		stored = append(stored, f)
	}
	for _, f := range stored {
		select {
		case <-f.Ok():
		case err := <-f.Err():
			return fmt.Errorf("nats: publishing to %s: %w", p.subject, err)
		case <-ctx.Done():
			return fmt.Errorf("nats: publishing to %s: %w", p.subject, ctx.Err())
		}
	}
	return nil
}
