package nats

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/chudan-io/chudan/adapters/queue"
)

// SourceConfig says which requests, and for whom.
type SourceConfig struct {
	Subject string        // required; a stream must keep it
	Group   string        // required: the durable consumer, made where it is missing
	AckWait time.Duration // after which a message of a consumer that was killed goes to another one; default 30 seconds
}

// maxPending is how many messages may be unacknowledged, those that wait for
// another attempt too.
const maxPending = 10_000

// Source joins a group.
func (b *Broker) Source(ctx context.Context, c SourceConfig) (queue.Source, error) {
	if c.AckWait == 0 {
		c.AckWait = 30 * time.Second
	}
	stream, err := b.streamOf(ctx, c.Subject)
	if err != nil {
		return nil, err
	}
	consumer, err := b.stream.Consumer(ctx, stream, c.Group)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		consumer, err = b.stream.CreateConsumer(ctx, stream, jetstream.ConsumerConfig{
			Durable: c.Group, FilterSubject: c.Subject, AckPolicy: jetstream.AckExplicitPolicy, AckWait: c.AckWait,
			DeliverPolicy: jetstream.DeliverAllPolicy, MaxDeliver: -1, MaxAckPending: maxPending,
		})
	}
	if err != nil {
		return nil, fmt.Errorf("nats: the consumer %s of the stream %s: %w", c.Group, stream, err)
	}
	made := consumer.CachedInfo().Config
	if err := check(made, c.Subject); err != nil {
		return nil, fmt.Errorf("nats: the consumer %s of the stream %s: %w", c.Group, stream, err)
	}
	s := &source{broker: b, consumer: consumer, held: map[jetstream.Msg]bool{}}
	s.open, s.end = context.WithCancel(context.WithoutCancel(ctx))
	s.beating.Go(func() { s.beat(made.AckWait / 3) })
	return s, nil
}

// check refuses a consumer that somebody made in another way: with it messages
// would be lost, or be somebody else's.
func check(made jetstream.ConsumerConfig, subject string) error {
	switch {
	case made.AckPolicy != jetstream.AckExplicitPolicy:
		return errors.New("its AckPolicy must be explicit")
	case made.MaxDeliver > 0:
		return fmt.Errorf("its MaxDeliver is %d, after which messages are lost; it must be unlimited (-1)", made.MaxDeliver)
	case made.FilterSubject != subject:
		return fmt.Errorf("it takes the subject %q where it must take %q; name another group", made.FilterSubject, subject)
	}
	return nil
}

type source struct {
	broker   *Broker
	consumer jetstream.Consumer
	open     context.Context
	end      context.CancelFunc
	beating  sync.WaitGroup
	ending   sync.Once
	ended    error

	mu   sync.Mutex
	held map[jetstream.Msg]bool
}

var errClosed = errors.New("nats: the source is closed")

// wait is how long a request for a message stands at the server.
const wait = 5 * time.Second

// Fetch takes what is there at once, and waits only where nothing is.
func (s *source) Fetch(ctx context.Context, limit int) ([]queue.Delivery, error) {
	for {
		switch {
		case s.open.Err() != nil:
			return nil, errClosed
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
		batch, err := s.take(s.consumer.FetchNoWait(limit))
		if err != nil || len(batch) > 0 {
			return batch, err
		}
		waiting, cancel := context.WithTimeout(ctx, wait)
		stop := context.AfterFunc(s.open, cancel)
		batch, err = s.take(s.consumer.Fetch(1, jetstream.FetchContext(waiting)))
		over := waiting.Err() != nil || errors.Is(err, jetstream.ErrInvalidOption) // no time was left to ask
		stop()
		cancel()
		if len(batch) > 0 || err != nil && !over {
			return batch, err
		}
	}
}

func (s *source) take(batch jetstream.MessageBatch, err error) ([]queue.Delivery, error) {
	if err != nil {
		return nil, ignoreNone(err)
	}
	var all []queue.Delivery
	for m := range batch.Messages() {
		if d, ok := delivery(m); ok {
			s.hold(m)
			all = append(all, d)
		}
	}
	if len(all) > 0 {
		return all, nil // what went wrong will again
	}
	return nil, ignoreNone(batch.Error())
}

func ignoreNone(err error) error {
	for _, none := range []error{client.ErrTimeout, jetstream.ErrNoMessages, context.DeadlineExceeded, context.Canceled} {
		if errors.Is(err, none) {
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("nats: fetching: %w", err)
	}
	return nil
}

// delivery is a message of a stream; what is none is left to the server.
func delivery(m jetstream.Msg) (_ queue.Delivery, ok bool) {
	about, err := m.Metadata()
	if err != nil {
		return queue.Delivery{}, false
	}
	headers := map[string]string{}
	for name, values := range m.Headers() {
		if len(values) > 0 && !strings.HasPrefix(name, "Nats-") {
			headers[strings.ToLower(name)] = values[0]
		}
	}
	return queue.Delivery{
		Message: queue.Message{Headers: headers, Body: m.Data()},
		Attempt: int(about.NumDelivered), //nolint:gosec // a count
		Place:   fmt.Sprintf("%s/%d", about.Stream, about.Sequence.Stream),
		Handle:  m,
	}, true
}

func (s *source) hold(m jetstream.Msg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[m] = true
}

// let takes a message that is held out of our hands.
func (s *source) let(d queue.Delivery) (m jetstream.Msg, held bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, _ = d.Handle.(jetstream.Msg)
	held = s.held[m]
	delete(s.held, m)
	return m, held
}

// beat tells the server that we are at it, before it gives our messages to others.
func (s *source) beat(every time.Duration) {
	tick := time.NewTicker(max(every, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-s.open.Done():
			return
		case <-tick.C:
			s.each(jetstream.Msg.InProgress)
		}
	}
}

func (s *source) each(tell func(jetstream.Msg) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for m := range s.held {
		_ = tell(m) // or the server gives it to another one
	}
}

func (s *source) Ack(ctx context.Context, done []queue.Delivery) error {
	var failed error
	for _, d := range done {
		if m, held := s.let(d); held {
			if err := m.Ack(); err != nil {
				failed = fmt.Errorf("nats: acknowledging: %w", err)
			}
		}
	}
	if failed != nil {
		return failed
	}
	return s.flush(ctx)
}

func (s *source) Retry(_ context.Context, d queue.Delivery, after time.Duration) error {
	m, held := s.let(d)
	if !held {
		return errClosed
	}
	if err := m.NakWithDelay(after); err != nil {
		return fmt.Errorf("nats: giving a message back: %w", err)
	}
	return nil
}

// flush waits until the server has heard all of it.
func (s *source) flush(ctx context.Context) error {
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, publishTimeout)
		defer cancel()
	}
	if err := s.broker.conn.FlushWithContext(ctx); err != nil {
		return fmt.Errorf("nats: %w", err)
	}
	return nil
}

// Close gives back what is held.
func (s *source) Close() error {
	s.ending.Do(func() {
		s.end()
		s.beating.Wait()
		s.each(jetstream.Msg.Nak)
		s.ended = s.flush(context.Background())
	})
	return s.ended
}
