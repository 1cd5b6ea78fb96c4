package queuetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/chudan-io/chudan/adapters/queue"
)

// Broker is a broker that forgets everything when the process ends. It is
// safe for concurrent use, and for synctest.
type Broker struct {
	mu     sync.Mutex
	topics map[string]*topic
	fail   func(topic string, messages []queue.Message) error
}

// topic is what was published under a name, and who is at work on it: all
// sources of one topic are one group.
type topic struct {
	all     []queue.Message
	ready   []queue.Delivery
	changed chan struct{} // closed when something becomes ready
}

// NewBroker gives an empty broker. A topic is there once it is named.
func NewBroker() *Broker { return &Broker{topics: map[string]*topic{}} }

// Fail asks f before anything is published; its error is the publisher's.
func (b *Broker) Fail(f func(topic string, messages []queue.Message) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fail = f
}

// Messages are all that was published to a topic, in order.
func (b *Broker) Messages(name string) []queue.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.topic(name).all)
}

func (b *Broker) topic(name string) *topic {
	t := b.topics[name]
	if t == nil {
		t = &topic{changed: make(chan struct{})}
		b.topics[name] = t
	}
	return t
}

func (t *topic) put(d queue.Delivery) {
	t.ready = append(t.ready, d)
	close(t.changed)
	t.changed = make(chan struct{})
}

// Publisher publishes to a topic.
func (b *Broker) Publisher(topic string) queue.Publisher { return &publisher{b, topic} }

type publisher struct {
	broker *Broker
	topic  string
}

func (p *publisher) Publish(ctx context.Context, messages []queue.Message) error {
	p.broker.mu.Lock()
	defer p.broker.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.topic == "" {
		return errors.New("queuetest: there is no such topic")
	}
	if p.broker.fail != nil {
		if err := p.broker.fail(p.topic, messages); err != nil {
			return err
		}
	}
	t := p.broker.topic(p.topic)
	for _, m := range messages {
		m.Headers, m.Body = maps.Clone(m.Headers), slices.Clone(m.Body)
		t.all = append(t.all, m)
		place := len(t.all)
		m.ID = ""
		t.put(queue.Delivery{Message: m, Place: fmt.Sprint(p.topic, "/", place), Handle: place})
	}
	return nil
}

// Source joins the group of a topic.
func (b *Broker) Source(topic string) queue.Source {
	return &source{broker: b, topic: topic, held: map[int]queue.Delivery{}, closed: make(chan struct{})}
}

type source struct {
	broker *Broker
	topic  string
	held   map[int]queue.Delivery // by place
	closed chan struct{}
}

var errClosed = errors.New("queuetest: the source is closed")

func (s *source) Fetch(ctx context.Context, limit int) ([]queue.Delivery, error) {
	for {
		batch, changed, err := s.take(ctx, limit)
		if err != nil || len(batch) > 0 {
			return batch, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
		case <-s.closed:
		}
	}
}

func (s *source) take(ctx context.Context, limit int) ([]queue.Delivery, <-chan struct{}, error) {
	s.broker.mu.Lock()
	defer s.broker.mu.Unlock()
	if s.isClosed() {
		return nil, nil, errClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	t := s.broker.topic(s.topic)
	n := min(limit, len(t.ready))
	batch := slices.Clone(t.ready[:n])
	t.ready = slices.Delete(t.ready, 0, n)
	for i := range batch {
		batch[i].Attempt++
		s.held[batch[i].Handle.(int)] = batch[i]
	}
	return batch, t.changed, nil
}

func (s *source) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

func (s *source) Ack(_ context.Context, done []queue.Delivery) error {
	s.broker.mu.Lock()
	defer s.broker.mu.Unlock()
	if s.isClosed() {
		return errClosed
	}
	for _, d := range done {
		delete(s.held, d.Handle.(int))
	}
	return nil
}

func (s *source) Retry(_ context.Context, d queue.Delivery, after time.Duration) error {
	s.broker.mu.Lock()
	defer s.broker.mu.Unlock()
	if s.isClosed() {
		return errClosed
	}
	delete(s.held, d.Handle.(int))
	time.AfterFunc(after, func() {
		s.broker.mu.Lock()
		defer s.broker.mu.Unlock()
		s.broker.topic(s.topic).put(d)
	})
	return nil
}

func (s *source) Close() error {
	s.broker.mu.Lock()
	defer s.broker.mu.Unlock()
	if s.isClosed() {
		return nil
	}
	close(s.closed)
	t := s.broker.topic(s.topic)
	for _, d := range slices.SortedFunc(maps.Values(s.held), func(a, b queue.Delivery) int {
		return cmp.Compare(a.Handle.(int), b.Handle.(int))
	}) {
		t.put(d)
	}
	return nil
}
