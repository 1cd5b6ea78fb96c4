package queue_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/chudan-io/chudan/adapters/queue"
	"github.com/chudan-io/chudan/adapters/queue/queuetest"
	"github.com/chudan-io/chudan/policy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// desk is a consumer between a broker in memory and an issuer that does what
// messages say: their bodies are VERB IDENTIFIER.
type desk struct {
	*queuetest.Broker
	issue func(ctx context.Context, verb, identifier string) error // of verbs that are not its own

	mu       sync.Mutex
	calls    map[string]int // of Issue, by identifier
	outcomes map[queue.Outcome]int
}

func newDesk() *desk {
	return &desk{Broker: queuetest.NewBroker(), calls: map[string]int{}, outcomes: map[queue.Outcome]int{}}
}

var errDown = fmt.Errorf("the store is down: %w", policy.ErrUnavailable)

func (d *desk) Issue(ctx context.Context, t policy.Tenant, r *policy.Request) (policy.Receipt, error) {
	d.mu.Lock()
	d.calls[r.Identifier]++
	call := d.calls[r.Identifier]
	d.mu.Unlock()
	if t != "tenant" || policy.Reference(ctx) == "" {
		return policy.Receipt{}, fmt.Errorf("tenant %q, reference %q", t, policy.Reference(ctx))
	}
	receipt := policy.Receipt{PolicyNo: "P-" + r.Identifier}
	switch r.ProductCode {
	case "issue":
		return receipt, nil
	case "refuse":
		return policy.Receipt{}, &policy.Refusal{Faults: faults(policy.KindRejected), Reference: policy.Reference(ctx)}
	case "conflict":
		return policy.Receipt{}, &policy.ConflictError{Fields: []string{"amount"}}
	case "trouble":
		return policy.Receipt{}, errDown
	case "trouble-twice":
		if call <= 2 {
			return policy.Receipt{}, errDown
		}
		return receipt, nil
	case "hang":
		<-ctx.Done()
		return policy.Receipt{}, ctx.Err()
	case "panic":
		panic("CANARY " + r.Identifier)
	}
	return receipt, d.issue(ctx, r.ProductCode, r.Identifier)
}

func faults(k policy.Kind) policy.Faults {
	return policy.Faults{{Kind: k, Severity: policy.Reject, Code: string(k)}}
}

func (d *desk) Message(o queue.Outcome, _ time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.outcomes[o]++
}

func decode(body []byte) (*policy.Request, policy.Faults) {
	verb, identifier, found := strings.Cut(string(body), " ")
	switch {
	case !found:
		return nil, faults(policy.KindInvalidParameter)
	case verb == "panic-early":
		panic(errors.New("CANARY"))
	}
	return &policy.Request{ProductCode: verb, Identifier: identifier}, nil
}

func reply(receipt policy.Receipt, err error, _ string) []byte {
	var refusal *policy.Refusal
	var conflict *policy.ConflictError
	switch {
	case err == nil:
		return []byte(receipt.PolicyNo)
	case errors.As(err, &refusal):
		return []byte(refusal.Faults[0].Kind)
	case errors.As(err, &conflict):
		return []byte(policy.KindIdempotencyConflict)
	}
	return []byte(policy.TroubleKind(err))
}

// config is of a consumer that waits for hours, as nobody has to: tests run in
// a bubble of their own time.
func (d *desk) config() queue.Config {
	return queue.Config{
		Source: d.Source("requests"), Replies: d.Publisher("answers"), Dead: d.Publisher("dead"),
		Issuer: d, Tenant: "tenant", Decode: decode, Reply: reply, Observer: d,
		Attempts: 5, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
}

func (d *desk) send(t testing.TB, bodies ...string) {
	t.Helper()
	for _, b := range bodies {
		if err := d.Publisher("requests").Publish(t.Context(), []queue.Message{{Body: []byte(b)}}); err != nil {
			t.Fatal(err)
		}
	}
}

// work runs a consumer for a while.
func (d *desk) work(t testing.TB, c queue.Config, long time.Duration) {
	t.Helper()
	consumer, err := queue.New(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithTimeout(t.Context(), long)
	defer end()
	consumer.Run(ctx)
	if err := c.Source.Close(); err != nil {
		t.Error(err)
	}
}

// answers are the bodies that were published to a topic.
func (d *desk) answers(topic string) (all []string) {
	for _, m := range d.Messages(topic) {
		all = append(all, string(m.Body))
	}
	return all
}

// left are the requests that nobody has acknowledged.
func (d *desk) left(t testing.TB) (all []string) {
	t.Helper()
	time.Sleep(time.Hour) // until what waits is handed out
	synctest.Wait()
	s := d.Source("requests")
	defer s.Close()
	for {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		batch, err := s.Fetch(ctx, 100)
		cancel()
		if err != nil {
			return all
		}
		for _, m := range batch {
			all = append(all, string(m.Body))
		}
	}
}
