package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"io"

	"github.com/chudan-io/chudan/adapters/queue"
	"github.com/chudan-io/chudan/adapters/queue/nats"
)

//go:embed request.json
var request []byte

// order is a request, and what it shows.
type order struct {
	about string
	body  []byte
}

// orders are what the shop sends.
func orders() []order {
	const identifier = "010101004178221080402170019"
	other := bytes.Replace(request, []byte(identifier), []byte("another-1"), 1)
	return []order{
		{"a request", request},
		{"the same once more, as brokers do", request},
		{"the same identifier with another amount", bytes.Replace(request, []byte(`"amount":"1018.0"`), []byte(`"amount":"2018.0"`), 1)},
		{"another one that is paid with the same money", other},
		{"half of a request", request[:len(request)/2]},
	}
}

// shop sends the orders one by one, and prints what is answered, and then the
// events.
func shop(ctx context.Context, address string, broker *nats.Broker, out io.Writer) error {
	requests, err := broker.Publisher(ctx, "requests")
	if err != nil {
		return err
	}
	reader, err := nats.Connect(ctx, nats.Config{Servers: []string{address}})
	if err != nil {
		return err
	}
	defer reader.Close()
	answers, err := reader.Source(ctx, nats.SourceConfig{Subject: "answers", Group: "shop"})
	if err != nil {
		return err
	}
	defer answers.Close()
	for i, o := range orders() {
		headers := map[string]string{"correlation-id": fmt.Sprint("order-", i+1), "content-type": "application/json"}
		if err := requests.Publish(ctx, []queue.Message{{Headers: headers, Body: o.body}}); err != nil {
			return err
		}
		answer, err := next(ctx, answers)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "order-%d: %s\n  -> %s: %s\n", i+1, o.about, answer.Headers["correlation-id"], answer.Body)
	}
	events, err := reader.Source(ctx, nats.SourceConfig{Subject: "events", Group: "shop-events"})
	if err != nil {
		return err
	}
	defer events.Close()
	event, err := next(ctx, events)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "event, once for one policy:\n  -> %s\n", event.Body)
	return nil
}

func next(ctx context.Context, s queue.Source) (queue.Delivery, error) {
	got, err := s.Fetch(ctx, 1)
	if err != nil {
		return queue.Delivery{}, err
	}
	return got[0], s.Ack(ctx, got)
}
