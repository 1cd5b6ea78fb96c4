package main

import (
	"context"
	"time"

	"github.com/spf13/pflag"

	"github.com/chudan-io/chudan/policy"
)

// allTenants makes --tenant select one, where without it all are meant.
func allTenants(f *pflag.FlagSet, o *options) {
	f.Lookup("tenant").DefValue, o.tenant = "", ""
	f.Lookup("tenant").Usage = "`NAME` of whose policies (default: those of all tenants)"
}

// openFilled opens a house to look into: one that holds something.
func (c *console) openFilled(ctx context.Context, o *options) (*house, error) {
	name, err := o.storeName()
	if err != nil {
		return nil, err
	}
	if err := name.filled(); err != nil {
		return nil, err
	}
	o.publicURL = localURL // no link is made here; those in the records stay as they are
	return c.openHouse(ctx, o)
}

// each gives the decisions that are selected, one after the other, those that
// were erased with their record alone, and tells of the progress where that
// takes more than a second.
func (h *house) each(ctx context.Context, c *console, which policy.Selection, do func(*policy.Case) error) error {
	reported, count := time.Now(), 0
	for rec, err := range h.store.List(ctx, which) {
		if err != nil {
			return err
		}
		held := policy.Case{Record: rec}
		if !rec.Erased() {
			if held, err = h.issuer.Open(rec); err != nil {
				return err
			}
		}
		if err := do(&held); err != nil {
			return err
		}
		count++
		if now := time.Now(); now.Sub(reported) >= time.Second {
			reported = now
			c.note("已列出 %[1]s 条", "%[1]s gone through", thousands(count))
		}
	}
	return nil
}
