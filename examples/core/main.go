// Core is what a core system has to do, in one small server with nothing but
// the standard library: verify who calls, book each id once, sign the answer.
// It answers facts as well. It follows docs/core.md and docs/facts.md, and
// shares no code with chudan.
//
//	go run . -journal core.jsonl
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"
)

// The secret of a first look, which is known to all: with it the server listens
// on loopback only.
const devSecret = "dev-secret-of-the-core-system-not-for-production" //nolint:gosec // that it is known to all is the point

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		slog.Error("the core system ends", "error", err)
		os.Exit(1)
	}
}

// run serves until the context ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("core", flag.ContinueOnError)
	flags.SetOutput(out)
	listen := flags.String("listen", "127.0.0.1:8090", "`HOST:PORT` on loopback; put TLS in front of anything else")
	journal := flags.String("journal", "", "`FILE` that keeps what was booked; without it all is forgotten at the end")
	secretFile := flags.String("secret-file", "", "`FILE` with secrets, one on a line: the first signs, any verifies (default: one known to all)")
	blocked := flags.String("blocked", "", "`IDS` of sellers that are blocked, with commas between them")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	}
	host, _, err := net.SplitHostPort(*listen)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("-listen %s: want HOST:PORT on loopback", *listen)
	}
	secrets, err := readSecrets(*secretFile)
	if err != nil {
		return err
	}
	book, err := openLedger(*journal)
	if err != nil {
		return err
	}
	defer book.close()
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: &system{secrets: secrets, ledger: book, blocked: strings.Split(*blocked, ","), now: time.Now}, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second}
	at := "http://" + listener.Addr().String()
	fmt.Fprintf(out, "books policies at %s/bookings, hands out numbers at %s/ranges, answers facts at %s/facts\n", at, at, at)
	ended := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer ended()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// readSecrets reads a file of secrets; "" is the one known to all.
func readSecrets(path string) (secrets [][]byte, err error) {
	text := []byte(devSecret)
	if path != "" {
		if text, err = os.ReadFile(path); err != nil {
			return nil, err
		}
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			secrets = append(secrets, []byte(line))
		}
	}
	if len(secrets) == 0 {
		return nil, fmt.Errorf("%s holds no secret", path)
	}
	return secrets, nil
}
