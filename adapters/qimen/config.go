package qimen

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// Issuer issues policies; *policy.Issuer is one. It must keep the deadline of
// its context.
type Issuer interface {
	Issue(ctx context.Context, t policy.Tenant, r *policy.Request) (policy.Receipt, error)
}

// Observer is told of every answer, for metrics: its errorCode (one of a few
// hundred: kinds, and with a colon fields of the page or codes of rules) and
// how long it took.
type Observer interface {
	Observe(code string, took time.Duration)
}

// Config is what a [Handler] needs. Zero values take the defaults.
type Config struct {
	Issuer Issuer // required
	Apps   *Apps  // required

	// Unread is told of verified requests that could not be read as one, in the
	// bytes that were sent, and of what they are answered; default nobody.
	// (*policy.Issuer).EnterUnread keeps them in its journal.
	Unread func(ctx context.Context, t policy.Tenant, body []byte, faults policy.Faults)

	Clock   func() time.Time // for signatures and secrets; default time.Now
	Window  time.Duration    // how far a timestamp may be off, either way; default 10 minutes
	Timeout time.Duration    // from the first byte to the answer; default 3 seconds
	MaxBody int64            // bytes; default 64 KiB

	MaxWorking int // requests that are worked on at once; default 256
	MaxWaiting int // requests that wait for it; default 1024

	// SignedHeaders are headers that top-sign-list may name beside X-… ones.
	SignedHeaders []string

	// Lax takes parameters as the official class does: names twice, pairs with a
	// second =, any name and value. A caller between the platform and us can then
	// move bytes between parameters and body under a signature that holds. It is
	// a way out for the day when the platform sends what is refused here.
	Lax bool

	AllowFrom      []netip.Prefix // addresses that may call; default all
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed; default none

	Observer Observer     // default none
	Log      *slog.Logger // one line for each request; default slog.Default()
}

func (c *Config) validate() error {
	switch {
	case c.Issuer == nil:
		return errors.New("qimen: Config needs Issuer")
	case c.Apps == nil || c.Apps.current.Load() == nil:
		return errors.New("qimen: Config needs Apps (see NewApps)")
	case c.Window < 0 || c.Timeout < 0 || c.MaxBody < 0 || c.MaxWorking < 0 || c.MaxWaiting < 0:
		return errors.New("qimen: a duration or a limit in Config is negative")
	}
	for _, p := range append(c.AllowFrom[:len(c.AllowFrom):len(c.AllowFrom)], c.TrustedProxies...) {
		if !p.IsValid() {
			return errors.New("qimen: a prefix in Config is no network")
		}
	}
	return nil
}

// orDefault is v, or where it is zero the default.
func orDefault[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}
