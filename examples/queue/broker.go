package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// startBroker runs a NATS server on loopback, with one stream that keeps all
// subjects of the example. In production it is somebody else's.
func startBroker(ctx context.Context) (address string, end func(), err error) {
	dir, err := os.MkdirTemp("", "chudan-queue-*")
	if err != nil {
		return "", nil, err
	}
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: dir, NoLog: true, NoSigs: true})
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	s.Start()
	end = func() {
		s.Shutdown()
		s.WaitForShutdown()
		_ = os.RemoveAll(dir)
	}
	if !s.ReadyForConnections(30 * time.Second) {
		end()
		return "", nil, errors.New("the broker does not start")
	}
	if err := makeStream(ctx, s.ClientURL()); err != nil {
		end()
		return "", nil, err
	}
	return s.Addr().String(), end, nil
}

func makeStream(ctx context.Context, url string) error {
	conn, err := client.Connect(url)
	if err != nil {
		return err
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return err
	}
	_, err = js.CreateStream(ctx, jetstream.StreamConfig{Name: "POLICIES", Subjects: []string{"requests", "answers", "dead-letters", "events"}})
	return err
}
