package main

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/chudan-io/chudan/policy"
)

// journalOptions are the flags of what is kept of every request.
type journalOptions struct {
	volume *choice
	days   int
}

func (o *journalOptions) add(f *pflag.FlagSet) {
	o.volume = newChoice("all", "new", "off")
	f.Var(o.volume, "journal", "which requests are kept, sealed, beside decisions: all, new (without those answered from what was kept before) or off")
	f.IntVar(&o.days, "journal-days", 365, "`N` days after which requests of the journal are deleted, 0 for never; decisions stay")
}

// of is the journal that a store keeps; nil for none.
func (o *journalOptions) of(s store) policy.Journal {
	switch o.volume.value {
	case "off":
		return nil
	case "new":
		return newOnly{s}
	}
	return s
}

// newOnly is a journal without what was answered from what was kept before.
type newOnly struct{ policy.Journal }

// Enter is policy.Journal's.
func (j newOnly) Enter(ctx context.Context, v ...policy.Visit) error {
	v = slices.DeleteFunc(slices.Clone(v), func(v policy.Visit) bool { return v.Replayed })
	if len(v) == 0 {
		return nil
	}
	return j.Journal.Enter(ctx, v...)
}

const (
	forgetEvery = time.Hour
	forgetBatch = 1000 // visits that a transaction deletes
)

// forget deletes what is older than the journal's days until ctx ends.
func (o *journalOptions) forget(ctx context.Context, j policy.Journal, log *slog.Logger) {
	if j == nil || o.days <= 0 {
		return
	}
	again := time.NewTicker(forgetEvery)
	defer again.Stop()
	for {
		n, err := forgetBefore(ctx, j, time.Now().AddDate(0, 0, -o.days))
		if err != nil && ctx.Err() == nil {
			log.Warn("the journal was not cleared; it is tried again in an hour", "error", err)
		}
		if n > 0 {
			log.Info("the journal was cleared", "requests", n, "days", o.days)
		}
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}

func forgetBefore(ctx context.Context, j policy.Journal, before time.Time) (deleted int, err error) {
	for {
		n, err := j.Forget(ctx, before, forgetBatch)
		deleted += n
		if err != nil || n < forgetBatch {
			return deleted, err
		}
	}
}
