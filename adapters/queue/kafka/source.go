package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/chudan-io/chudan/adapters/queue"
)

// SourceConfig says which requests, and for whom.
type SourceConfig struct {
	Topic  string // required
	Group  string // required
	Window int    // messages of a partition that are handed out behind the earliest that is not done with; default 10,000
}

// Source joins a group. A new group begins with the oldest message.
func (b *Broker) Source(ctx context.Context, c SourceConfig) (queue.Source, error) {
	if err := b.find(ctx, c.Topic); err != nil {
		return nil, err
	}
	if c.Window == 0 {
		c.Window = 10_000
	}
	s := &source{window: c.Window, tracks: map[place]*track{}, closed: make(chan struct{})}
	lost := func(_ context.Context, client *kgo.Client, partitions map[string][]int32) {
		s.drop(partitions)
		client.ResumeFetchPartitions(partitions) // they may come back
	}
	client, err := kgo.NewClient(append(b.options[:len(b.options):len(b.options)],
		kgo.ConsumerGroup(c.Group), kgo.ConsumeTopics(c.Topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(), kgo.OnPartitionsRevoked(lost), kgo.OnPartitionsLost(lost),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.FetchMaxWait(time.Second))...)
	if err != nil {
		return nil, fmt.Errorf("kafka: %w", err)
	}
	s.client = client
	return s, nil
}

type source struct {
	client *kgo.Client
	window int

	mu      sync.Mutex
	tracks  map[place]*track
	waiting []waiting

	closing sync.Once
	closed  chan struct{}
}

// waiting is a message that is to be handed out again.
type waiting struct {
	queue.Delivery
	due time.Time
}

// handle is what a Delivery leads back to.
type handle struct {
	*track
	at int64
}

var errClosed = errors.New("kafka: the source is closed")

func (s *source) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

func (s *source) Fetch(ctx context.Context, limit int) ([]queue.Delivery, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if s.isClosed() {
			return nil, errClosed
		}
		batch, next := s.due(time.Now(), limit)
		if len(batch) > 0 {
			return batch, nil
		}
		batch, err := s.poll(ctx, next, limit)
		if err != nil || len(batch) > 0 {
			return batch, err
		}
	}
}

// due gives what is to be handed out again by now, and when the next one is.
func (s *source) due(now time.Time, limit int) (batch []queue.Delivery, next time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = slices.DeleteFunc(s.waiting, func(w waiting) bool {
		if w.Handle.(handle).gone {
			return true
		}
		if len(batch) < limit && !w.due.After(now) {
			batch = append(batch, w.Delivery)
			return true
		}
		if next.IsZero() || w.due.Before(next) {
			next = w.due
		}
		return false
	})
	return batch, next
}

// poll waits for new messages, until one that waits is due.
func (s *source) poll(ctx context.Context, until time.Time, limit int) ([]queue.Delivery, error) {
	polling, cancel := context.WithCancel(ctx)
	if !until.IsZero() {
		polling, cancel = context.WithDeadline(ctx, until)
	}
	defer cancel()
	// No partition is taken away between a poll and our noting what it gave.
	defer s.client.AllowRebalance()
	fetches := s.client.PollRecords(polling, limit)
	if batch := s.note(fetches.Records()); len(batch) > 0 {
		return batch, nil
	}
	if fetches.IsClientClosed() {
		return nil, errClosed
	}
	if polling.Err() != nil {
		return nil, nil
	}
	if err := fetches.Err(); err != nil {
		return nil, fmt.Errorf("kafka: fetching: %w", err)
	}
	return nil, nil
}

func (s *source) note(records []*kgo.Record) (batch []queue.Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range records {
		at := place{r.Topic, r.Partition}
		t := s.tracks[at]
		if t == nil {
			t = &track{place: at}
			s.tracks[at] = t
		}
		t.add(r)
		if len(t.open) == s.window {
			s.client.PauseFetchPartitions(map[string][]int32{at.topic: {at.partition}})
		}
		batch = append(batch, delivery(r, t))
	}
	return batch
}

func delivery(r *kgo.Record, t *track) queue.Delivery {
	headers := make(map[string]string, len(r.Headers))
	for _, h := range r.Headers {
		headers[strings.ToLower(h.Key)] = string(h.Value)
	}
	return queue.Delivery{
		Message: queue.Message{Key: string(r.Key), Headers: headers, Body: r.Value},
		Attempt: 1, Place: fmt.Sprintf("%s/%d/%d", r.Topic, r.Partition, r.Offset), Handle: handle{t, r.Offset},
	}
}

// drop forgets partitions that are somebody else's: what is in hand of them is
// finished, and not committed.
func (s *source) drop(partitions map[string][]int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for topic, numbers := range partitions {
		for _, n := range numbers {
			if t := s.tracks[place{topic, n}]; t != nil {
				t.gone = true
				delete(s.tracks, t.place)
			}
		}
	}
}

// Ack commits up to the earliest message that is not done with.
func (s *source) Ack(ctx context.Context, done []queue.Delivery) error {
	commits := s.done(done)
	if len(commits) == 0 {
		return nil
	}
	var failed error
	s.client.CommitOffsetsSync(ctx, commits, func(_ *kgo.Client, _ *commitRequest, answer *commitResponse, err error) {
		failed = err
		if err == nil {
			failed = firstError(answer)
		}
	})
	if failed != nil {
		return fmt.Errorf("kafka: committing offsets: %w", failed)
	}
	return nil
}

func (s *source) done(done []queue.Delivery) map[string]map[int32]kgo.EpochOffset {
	s.mu.Lock()
	defer s.mu.Unlock()
	commits := map[string]map[int32]kgo.EpochOffset{}
	for _, d := range done {
		h, ok := d.Handle.(handle)
		if !ok || h.gone || !h.done(h.at) {
			continue
		}
		if commits[h.topic] == nil {
			commits[h.topic] = map[int32]kgo.EpochOffset{}
		}
		commits[h.topic][h.partition] = h.commit()
		if len(h.open) < s.window {
			s.client.ResumeFetchPartitions(map[string][]int32{h.topic: {h.partition}})
		}
	}
	return commits
}

// Retry keeps the message here: Kafka knows no such thing.
func (s *source) Retry(_ context.Context, d queue.Delivery, after time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h, ok := d.Handle.(handle); !ok || h.gone || s.isClosed() {
		return errClosed
	}
	d.Attempt++
	s.waiting = append(s.waiting, waiting{d, time.Now().Add(after)})
	return nil
}

// Close leaves the group.
func (s *source) Close() error {
	s.closing.Do(func() {
		close(s.closed)
		s.client.CloseAllowingRebalance()
	})
	return nil
}
