package core

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
)

// Trouble of a call. After that of a proposal nobody knows whether a policy was
// booked: the same one is to be sent again. Callers match with errors.Is.
var (
	ErrUnreachable = errors.New("core: the system was not reached, or hung up")
	ErrTimeout     = errors.New("core: the system did not answer in time")
	ErrStatus      = errors.New("core: the system answered with an error")
	ErrSignature   = errors.New("core: the signature of the answer does not hold")
	ErrAnswer      = errors.New("core: the answer cannot be understood")
)

// broken is what came in the way of an exchange. Errors of package net/http
// quote the address and what a server wrote, which may be anything: only what
// kind they are of is told.
func broken(ctx context.Context, err error) error {
	var slow net.Error
	var refused syscall.Errno
	var host *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("%w: %w", ErrUnreachable, context.Canceled)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		return fmt.Errorf("%w: %w", ErrTimeout, context.DeadlineExceeded)
	case errors.As(err, &host):
		return fmt.Errorf("%w: its host is not found", ErrUnreachable)
	case errors.As(err, &certificate):
		return fmt.Errorf("%w: its TLS certificate is not trusted, or another host's", ErrUnreachable)
	case errors.As(err, &refused):
		return fmt.Errorf("%w: %w", ErrUnreachable, refused)
	}
	return fmt.Errorf("%w: the connection broke, or what came is no HTTP", ErrUnreachable)
}

// unexpected is an answer with a status that is neither a booking nor a no.
func unexpected(status int) error {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return fmt.Errorf("%w: status %d; see whether both have the same secret, and their clocks the same time", ErrStatus, status)
	case status >= 300 && status < 400:
		return fmt.Errorf("%w: status %d, and redirects are not followed; configure the address itself", ErrStatus, status)
	}
	return fmt.Errorf("%w: status %d", ErrStatus, status)
}
