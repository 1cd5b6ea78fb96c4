package policy

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// retentionEvent is what the audit chain tells of a legal hold, and of a record
// that was erased.
type retentionEvent struct {
	Type       string    `json:"type"` // policy.held, policy.released or policy.erased
	Tenant     Tenant    `json:"tenant"`
	Identifier string    `json:"identifier"`
	Revision   int64     `json:"revision,omitempty"` // the last of those that were erased
	PolicyNo   string    `json:"policyNo,omitempty"`
	By         string    `json:"by"`
	Why        string    `json:"why"`
	Time       time.Time `json:"time"`
}

var errNoEraser = errors.New("policy: the store is no Eraser: it neither erases nor holds")

// Hold places a legal hold on whatever is kept for a key. Errors are ErrNotFound,
// ErrErased, a *HeldError, ErrRuling, and trouble. The ruling's Revision counts
// for nothing: all of them are held.
func (i *Issuer) Hold(ctx context.Context, k Key, r Ruling) error {
	store, audit, at, err := i.holding(k, r, "policy.held")
	if err != nil {
		return err
	}
	return store.Hold(ctx, Hold{Key: k, By: r.By, Why: r.Why, At: at}, audit)
}

// Release takes a legal hold away. Errors are ErrNotFound where there is none,
// ErrRuling, and trouble.
func (i *Issuer) Release(ctx context.Context, k Key, r Ruling) error {
	store, audit, _, err := i.holding(k, r, "policy.released")
	if err != nil {
		return err
	}
	return store.Release(ctx, k, audit)
}

func (i *Issuer) holding(k Key, r Ruling, event string) (store Eraser, audit []byte, at time.Time, err error) {
	store, ok := i.config.Store.(Eraser)
	switch {
	case !ok:
		return nil, nil, at, errNoEraser
	case !r.told():
		return nil, nil, at, ErrRuling
	}
	at = i.now()
	audit, err = json.Marshal(retentionEvent{Type: event, Tenant: k.Tenant, Identifier: k.Identifier, By: r.By, Why: r.Why, Time: at})
	return store, audit, at, err
}
