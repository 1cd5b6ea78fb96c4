// Queue issues policies for requests that come from a broker, and publishes
// what was decided, with nothing installed: the broker, NATS JetStream, runs in
// this process and is gone when it ends.
//
//	go run .
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"time"

	"github.com/chudan-io/chudan/adapters/memory"
	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/adapters/queue"
	"github.com/chudan-io/chudan/adapters/queue/nats"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		slog.Error("the example failed", "error", err)
		os.Exit(1)
	}
}

// run wires everything, sends the requests of a shop, and prints what comes of
// them.
func run(ctx context.Context, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	address, end, err := startBroker(ctx)
	if err != nil {
		return err
	}
	defer end()
	broker, err := nats.Connect(ctx, nats.Config{Servers: []string{address}})
	if err != nil {
		return err
	}
	defer broker.Close()

	// The insurer: a store, an issuer, and the two ends of the broker.
	store := memory.New() // or sqlite.Open, to keep what is issued
	insurer, err := newInsurer(ctx, broker, store)
	if err != nil {
		return err
	}
	working, done := context.WithCancel(ctx)
	var all sync.WaitGroup
	all.Go(func() { insurer.consumer.Run(working) })
	all.Go(func() { insurer.relay.Run(working) })

	// The platform: it sends, and reads the answers.
	err = shop(ctx, address, broker, out)

	// The end: take nothing more, finish what is in hand, publish what is left.
	done()
	all.Wait()
	return errors.Join(err, insurer.relay.Flush(ctx), insurer.source.Close())
}

// insurer is what consumes requests and publishes events.
type insurer struct {
	source   queue.Source
	consumer *queue.Consumer
	relay    *queue.Relay
}

func newInsurer(ctx context.Context, broker *nats.Broker, store *memory.Store) (*insurer, error) {
	issuer, keys, err := newIssuer(store)
	if err != nil {
		return nil, err
	}
	var to [3]queue.Publisher
	for i, subject := range []string{"answers", "dead-letters", "events"} {
		if to[i], err = broker.Publisher(ctx, subject); err != nil {
			return nil, err
		}
	}
	in := &insurer{}
	if in.source, err = broker.Source(ctx, nats.SourceConfig{Subject: "requests", Group: "chudan"}); err != nil {
		return nil, err
	}
	in.relay, err = queue.NewRelay(queue.RelayConfig{Outbox: store, Events: to[2], Poll: 20 * time.Millisecond})
	if err != nil {
		return nil, err
	}
	in.consumer, err = queue.New(queue.Config{
		Source: in.source, Replies: to[0], Dead: to[1],
		Issuer: issuer, Tenant: "shop", // whoever may publish to the subject: the broker's access lists say who
		Decode: func(body []byte) (*policy.Request, policy.Faults) { return qimen.Decode(body, qimen.DecodeOptions{}) },
		Reply: func(receipt policy.Receipt, err error, reference string) []byte {
			return qimen.Reply(receipt, err, policy.English, reference)
		},
		Seal: keys.SealLetter,
		Log:  slog.New(slog.DiscardHandler),
	})
	return in, err
}

func newIssuer(store policy.Store) (*policy.Issuer, policy.Keys, error) {
	catalog, err := products.Load(products.Library())
	if err != nil {
		return nil, policy.Keys{}, err
	}
	keys, err := policy.ParseKeys([]byte(policy.NewKeyFile())) // of a file, to open it again tomorrow
	if err != nil {
		return nil, policy.Keys{}, err
	}
	numbers, err := policy.ParseNumbering(policy.DefaultNumberTemplate, map[string]string{"default": "PBDI"})
	if err != nil {
		return nil, policy.Keys{}, err
	}
	issuer, err := policy.New(policy.Config{
		Catalog: catalog, Store: store, Keys: keys, Numbering: numbers, PublicURL: "http://127.0.0.1:8080", Clock: time.Now,
	})
	if err != nil {
		return nil, policy.Keys{}, fmt.Errorf("the issuer: %w", err)
	}
	return issuer, keys, nil
}
