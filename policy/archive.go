package policy

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ArchivedEdition is an edition as decisions were made under it.
type ArchivedEdition struct {
	Product string
	Edition string
	Digest  string    // SHA-256 of Source in hex
	Source  []byte    // what it consists of (see Terms.Source); empty for a product that is written in Go
	At      time.Time // when it was first about to be used, UTC, to the microsecond
}

// Archive keeps the editions that were used, so that a decision can be
// explained as long as it is kept, and an edition that was used stays as it
// was. Stores implement it beside Store; they pass storetest.Run with it.
type Archive interface {
	// KeepEdition keeps an edition for good. One that is there by product, edition
	// and digest stays as it is; one that is there with another digest answers an
	// *EditionChangedError. What was kept is durable. Trouble is that of Store.
	KeepEdition(ctx context.Context, e ArchivedEdition) error

	// KeptEdition gives the edition with this digest; ErrNotFound where there is none.
	KeptEdition(ctx context.Context, digest string) (ArchivedEdition, error)

	// KeptEditions gives all of them by product and edition, without their Source.
	KeptEditions(ctx context.Context) ([]ArchivedEdition, error)
}

// EditionChangedError tells that an edition is not what it was when decisions
// were made under it.
type EditionChangedError struct {
	Product, Edition string
	Kept, Digest     string // SHA-256 in hex: of the edition that was used, and of the one at hand
}

func (e *EditionChangedError) Error() string {
	return fmt.Sprintf("policy: product %s, edition %s was used and has changed since: its digest was %s and is %s; a change is a new edition",
		e.Product, e.Edition, e.Kept, e.Digest)
}

// CheckEditions holds editions against an archive, before anything is issued
// under them. Its error joins an *EditionChangedError for each one that was
// used and has changed since.
func CheckEditions(ctx context.Context, a Archive, editions ...Terms) error {
	kept, err := a.KeptEditions(ctx)
	if err != nil {
		return err
	}
	type name struct{ product, edition string }
	used := make(map[name]string, len(kept))
	for _, k := range kept {
		used[name{k.Product, k.Edition}] = k.Digest
	}
	var changed []error
	for _, t := range editions {
		if digest, ok := used[name{t.Product, t.Edition}]; ok && digest != t.Digest {
			changed = append(changed, &EditionChangedError{t.Product, t.Edition, digest, t.Digest})
		}
	}
	return errors.Join(changed...)
}

// archive keeps the edition of a decision before the decision itself, so that
// no decision is without its edition. An Issuer asks once for each digest: of
// many callers who are the first one asks, and the others wait for him.
func (i *Issuer) archive(ctx context.Context, t *Terms) error {
	if i.config.Archive == nil || t.Digest == "" {
		return nil
	}
	if _, kept := i.archived.Load(t.Digest); kept {
		return nil
	}
	select {
	case i.archiving <- struct{}{}:
		defer func() { <-i.archiving }()
	case <-ctx.Done():
		return fmt.Errorf("policy: ended while waiting for the edition to be archived: %w", ctx.Err())
	}
	if _, kept := i.archived.Load(t.Digest); kept {
		return nil
	}
	err := i.config.Archive.KeepEdition(ctx, ArchivedEdition{
		Product: t.Product, Edition: t.Edition, Digest: t.Digest, Source: t.Source,
		At: i.config.Clock().UTC().Truncate(time.Microsecond),
	})
	if err == nil {
		i.archived.Store(t.Digest, true)
	}
	return err
}
