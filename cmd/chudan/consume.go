package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/adapters/queue"
	"github.com/chudan-io/chudan/adapters/queue/kafka"
	"github.com/chudan-io/chudan/adapters/queue/nats"
	"github.com/chudan-io/chudan/policy"
)

// belt is what brokers bring in and carry away.
type belt struct {
	server   *server
	consumer *queue.Consumer
	relay    *queue.Relay
	closing  []func() // in this order

	consuming, relaying sync.WaitGroup
	stopRelay           context.CancelFunc
}

// openBelt connects to the brokers that were named.
func (s *server) openBelt(ctx context.Context, h *house, requests, events *brokerName) (_ *belt, err error) {
	b := &belt{server: s, stopRelay: func() {}}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if events != nil {
		if err := b.openRelay(ctx, h, events); err != nil {
			return nil, brokerTrouble(events, err)
		}
	}
	if requests != nil {
		if err := b.openConsumer(ctx, h, requests); err != nil {
			return nil, brokerTrouble(requests, err)
		}
	}
	return b, nil
}

func (b *belt) openRelay(ctx context.Context, h *house, n *brokerName) error {
	outbox, ok := h.store.(policy.Outbox)
	if !ok {
		return usage("--events：该存储没有待发事件", "--events: this kind of store keeps no events")
	}
	to, err := n.connect(ctx)
	if err != nil {
		return err
	}
	b.closing = append(b.closing, to.Close)
	publisher, err := to.Publisher(ctx, n.topic)
	if err != nil {
		return err
	}
	b.relay, err = queue.NewRelay(queue.RelayConfig{Outbox: outbox, Events: publisher, Observer: b.server.metrics, Log: b.server.log})
	return err
}

func (b *belt) openConsumer(ctx context.Context, h *house, n *brokerName) error {
	from, err := n.connect(ctx)
	if err != nil {
		return err
	}
	b.closing = append([]func(){from.Close}, b.closing...)
	replies, err := from.Publisher(ctx, n.reply)
	if err != nil {
		return err
	}
	dead, err := from.Publisher(ctx, n.dead)
	if err != nil {
		return err
	}
	source, err := n.source(ctx, from)
	if err != nil {
		return err
	}
	b.closing = append([]func(){func() { _ = source.Close() }}, b.closing...)
	lang := b.server.language()
	b.consumer, err = queue.New(queue.Config{
		Source: source, Replies: replies, Dead: dead,
		Issuer: b.waking(h.issuer), Tenant: policy.Tenant(n.tenant),
		Decode: decode, Unread: h.issuer.EnterUnread, Seal: h.keys.SealLetter,
		Reply: func(receipt policy.Receipt, err error, reference string) []byte {
			return qimen.Reply(receipt, err, lang, reference)
		},
		Observer: b.server.metrics, Log: b.server.log,
	})
	return err
}

// waking has the relay look at the outbox when something was decided.
func (b *belt) waking(issuer qimen.Issuer) qimen.Issuer {
	if b == nil || b.relay == nil {
		return issuer
	}
	return wakingIssuer{issuer, b.relay}
}

type wakingIssuer struct {
	qimen.Issuer
	relay *queue.Relay
}

func (w wakingIssuer) Issue(ctx context.Context, t policy.Tenant, r *policy.Request) (policy.Receipt, error) {
	receipt, err := w.Issuer.Issue(ctx, t, r)
	w.relay.Wake()
	return receipt, err
}

// start takes requests until ctx ends, and publishes events until finish.
func (b *belt) start(ctx context.Context) {
	if b.consumer != nil {
		b.consuming.Go(func() { b.consumer.Run(ctx) })
	}
	if b.relay != nil {
		relaying, stop := context.WithCancel(context.WithoutCancel(ctx))
		b.stopRelay = stop
		b.relaying.Go(func() { b.relay.Run(relaying) })
	}
}

// finish comes when no more requests do, over HTTP or from a broker: what is in
// hand is seen through, and then the events of all of it are published.
func (b *belt) finish(deadline time.Time) {
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	defer b.close()
	if !within(ctx, &b.consuming) {
		b.server.log.Warn("requests from the queue are still in hand; they come again")
	}
	b.stopRelay()
	if b.relay == nil || !within(ctx, &b.relaying) {
		return
	}
	if err := b.relay.Flush(ctx); err != nil {
		b.server.log.Warn("events are left in the outbox; they are published after the next start", "error", err)
	}
}

// within waits for all of them, unless ctx ends before.
func within(ctx context.Context, all *sync.WaitGroup) bool {
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

func (b *belt) close() {
	b.stopRelay()
	for _, end := range b.closing {
		end()
	}
}

// brokerTrouble is the failure of a broker at the start, and what to do.
func brokerTrouble(n *brokerName, err error) error {
	var topic *kafka.NoTopicError
	var stream *nats.NoStreamError
	var told *failure
	switch {
	case errors.As(err, &told):
		return err
	case errors.As(err, &topic):
		return usage("%[1]s：Kafka 中没有主题 %[2]s，请先创建", "%[1]s: Kafka has no topic %[2]s; make it first", n.flag, topic.Topic)
	case errors.As(err, &stream):
		return usage("%[1]s：没有 JetStream 流保存 %[2]s，请先创建：nats stream add --subjects %[2]s", "%[1]s: no JetStream stream keeps %[2]s; make one first: nats stream add --subjects %[2]s", n.flag, stream.Subject)
	}
	return trouble(err, "%[1]s：无法使用 %[2]s://…，请检查地址、用户与密码", "%[1]s: %[2]s://… cannot be used; check the address, user and password", n.flag, n.kind)
}
