package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// server is the two listeners and what is served on them.
type server struct {
	*console
	log     *slog.Logger
	metrics *metrics
	drain   time.Duration

	public, admin net.Listener // admin is nil where it is off
	url, adminURL string
	local         bool // reached from this machine only

	conns    census
	leaving  atomic.Bool  // readiness is off
	deadline time.Time    // of leaving
	lastSeen atomic.Int64 // when the last request came, in Unix nanoseconds
}

// listen takes the addresses first of all: a port in use is the most common
// mistake.
func (s *server) listen(ctx context.Context, public, admin string) error {
	var err error
	if s.public, err = listenOn(ctx, "--listen", public); err != nil {
		return err
	}
	s.url, s.local = "http://"+s.public.Addr().String(), isLocal(s.public)
	if admin == "off" || admin == "" {
		return nil
	}
	if s.admin, err = listenOn(ctx, "--admin-listen", admin); err != nil {
		return errors.Join(err, s.public.Close())
	}
	s.adminURL = "http://" + s.admin.Addr().String()
	return nil
}

// linksUnder is the URL that policies' links begin with.
func (s *server) linksUnder(o *serveOptions) (string, error) {
	switch {
	case o.publicURL != "":
		return o.publicURL, nil
	case s.local:
		return s.url, nil
	}
	return "", usage("--listen %s 对外提供服务，请用 --public-url https://… 指定保单链接的地址",
		"--listen %s reaches beyond this machine: give the address of policies' links with --public-url https://…", o.listen)
}

func listenOn(ctx context.Context, flag, address string) (net.Listener, error) {
	var how net.ListenConfig
	l, err := how.Listen(ctx, "tcp", address)
	var denied *net.AddrError
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, usage("%[1]s %[2]s：端口已被占用。请停止占用它的程序，或换一个端口，如 %[1]s 127.0.0.1:0（自动选择）",
			"%[1]s %[2]s: the port is in use; stop what uses it, or take another one, such as %[1]s 127.0.0.1:0 (any that is free)", flag, address)
	case errors.Is(err, syscall.EACCES):
		return nil, usage("%[1]s %[2]s：没有权限监听该端口，请换 1024 以上的端口", "%[1]s %[2]s: not permitted; take a port from 1024 on", flag, address)
	case errors.As(err, &denied):
		return nil, usage("%[1]s %[2]s：应为 主机:端口，如 127.0.0.1:8080", "%[1]s %[2]s: want HOST:PORT, such as 127.0.0.1:8080", flag, address)
	}
	return nil, usage("%[1]s %[2]s：无法监听：%[3]v", "%[1]s %[2]s: cannot listen: %[3]v", flag, address, err)
}

func isLocal(l net.Listener) bool {
	host, _, err := net.SplitHostPort(l.Addr().String())
	return err == nil && policy.IsLoopback(host)
}

func (s *server) close() {
	_ = s.public.Close()
	if s.admin != nil {
		_ = s.admin.Close()
	}
}

// newHTTP is an HTTP server that does not wait for ever for anybody.
func (s *server) newHTTP(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
}

// run serves until the context ends, and then ends without losing a request.
func (s *server) run(ctx context.Context, public, admin http.Handler) error {
	failed := make(chan error, 2)
	start := func(h http.Handler, l net.Listener, note func(net.Conn, http.ConnState)) *http.Server {
		server := s.newHTTP(h)
		server.ConnState = note
		go func() {
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) && !s.leaving.Load() {
				failed <- err
			}
		}()
		return server
	}
	out := start(public, s.public, s.conns.note)
	if s.admin != nil {
		// It serves to the last, so that whoever asks is told that we leave.
		defer start(admin, s.admin, nil).Close()
	}
	select {
	case err := <-failed:
		return trouble(err, "服务意外终止", "serving ended unexpectedly")
	case <-ctx.Done():
	}
	return s.leave(out)
}

// writeAddresses tells others where we listen, whole or not at all.
func writeAddresses(path string, urls ...string) error {
	if path == "" {
		return nil
	}
	text := ""
	for _, u := range urls {
		text += u + "\n"
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".addr-*")
	if err == nil {
		_, err = fmt.Fprint(temp, text)
		err = errors.Join(err, temp.Close())
	}
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return usage("无法写入 --addr-file %[1]s：%[2]v", "--addr-file %[1]s cannot be written: %[2]v", path, reason(err))
	}
	return nil
}
