package queue

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// Issuer issues policies; *policy.Issuer is one. It must keep the deadline of
// its context.
type Issuer interface {
	Issue(ctx context.Context, t policy.Tenant, r *policy.Request) (policy.Receipt, error)
}

// Config is what a [Consumer] needs. Zero values take the defaults.
type Config struct {
	Source  Source    // required: where requests come from
	Replies Publisher // where answers go; nil for nowhere
	Dead    Publisher // required: where dead letters go

	Issuer Issuer        // required
	Tenant policy.Tenant // required: whose requests these are

	// Decode reads a message, and Reply writes its answer: what Issue returned,
	// or a *policy.Refusal with the faults of Decode. Both are required;
	// adapters/qimen has them.
	Decode func(body []byte) (*policy.Request, policy.Faults)
	Reply  func(receipt policy.Receipt, err error, reference string) []byte

	// Unread is told of messages that Decode could not read, and of what they are
	// answered; default nobody. (*policy.Issuer).EnterUnread keeps them in its
	// journal.
	Unread func(ctx context.Context, t policy.Tenant, body []byte, faults policy.Faults)

	// Seal encrypts what was sent for its dead letter; policy.Keys can. Nil
	// leaves it out: then it can only be found where it came from.
	Seal func(t policy.Tenant, reference string, body []byte) []byte

	Batch    int           // messages that are decided side by side at most; default 128
	Timeout  time.Duration // for deciding a message, and for sending the answers of a batch; default 10 seconds
	Attempts int           // with trouble of ours, until a message becomes a dead letter; default 20, which is an hour
	Backoff  Backoff       // between them

	Clock    func() time.Time // tells when a dead letter was written; default time.Now
	Observer Observer         // default none
	Log      *slog.Logger     // one line for each message that was not issued; default slog.Default()
}

// Outcome is what became of a message.
type Outcome string

// The outcomes. Retried messages come again, all others are done with.
const (
	Issued   Outcome = "issued" // replays too
	Refused  Outcome = "refused"
	Retried  Outcome = "retried"
	Dead     Outcome = "dead"
	Panicked Outcome = "panicked" // dead, because it made us panic
)

// Observer is told of every message, for metrics: what became of it, and how
// long it was decided on. It is called from many goroutines.
type Observer interface {
	Message(outcome Outcome, took time.Duration)
}

type nobody struct{}

func (nobody) Message(Outcome, time.Duration) {}

func (c *Config) validate() error {
	for _, need := range []struct {
		missing bool
		name    string
	}{
		{c.Source == nil, "Source"},
		{c.Dead == nil, "Dead, where dead letters go"},
		{c.Issuer == nil, "Issuer"},
		{c.Tenant == "", "Tenant"},
		{c.Decode == nil || c.Reply == nil, "Decode and Reply (adapters/qimen has them)"},
	} {
		if need.missing {
			return errors.New("queue: Config needs " + need.name)
		}
	}
	if c.Batch < 0 || c.Timeout < 0 || c.Attempts < 0 || c.Backoff.First < 0 || c.Backoff.Most < 0 {
		return errors.New("queue: a duration or a limit in Config is negative")
	}
	c.Batch = orDefault(c.Batch, 128)
	c.Timeout = orDefault(c.Timeout, 10*time.Second)
	c.Attempts = orDefault(c.Attempts, 20)
	c.Backoff = c.Backoff.orDefault(time.Second, 5*time.Minute)
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Observer == nil {
		c.Observer = nobody{}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return nil
}

// orDefault is v, or where it is zero the default.
func orDefault[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}
