package policy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Config is what an Issuer needs.
type Config struct {
	Catalog   Catalog
	Store     Store
	Keys      Keys             // see ParseKeys
	Numbering Numbering        // see ParseNumbering
	PublicURL string           // where policies are served: https, or http on loopback only
	Clock     func() time.Time // time.Now; never held against a request's own times

	// Archive keeps the editions that were used. Nil is the Store, if it is an
	// Archive, as all of chudan's are; without any, editions are not kept.
	Archive Archive

	// Cores are the core systems that own the numbers and documents of a tenant's
	// policies. One without gets numbers by Numbering.
	Cores map[Tenant]Core

	// ReferralLife is how long a referral is held, and then, once an underwriter
	// has accepted it, its policy; 0 stands for DefaultReferralLife.
	ReferralLife time.Duration

	// Journal keeps every authenticated request; nil for none. What it cannot
	// keep changes no answer; JournalTrouble, which may be nil, is told.
	Journal        Journal
	JournalTrouble func(error)

	// Facts is where the facts come from that editions declare. Without it they
	// are not to be had.
	Facts         FactSource
	FactsDeadline time.Duration // of one call; 0 stands for 1 s

	// Ignore lists, for a tenant, the fields that its caller may stamp anew on
	// a retry; they stay out of fingerprints. Most need none.
	Ignore map[Tenant][]string
}

func (c *Config) validate() error {
	for _, need := range []struct {
		missing bool
		name    string
	}{
		{c.Catalog == nil, "Catalog"},
		{c.Store == nil, "Store"},
		{c.Keys.active == "", "Keys (see ParseKeys)"},
		{len(c.Numbering.parts) == 0, "Numbering (see ParseNumbering)"},
		{c.Clock == nil, "Clock (time.Now)"},
	} {
		if need.missing {
			return errors.New("policy: Config needs " + need.name)
		}
	}
	for tenant, core := range c.Cores {
		if core.Booker == nil {
			return fmt.Errorf("policy: Config.Cores of %s: needs a Booker", tenant)
		}
	}
	if c.FactsDeadline < 0 {
		return errors.New("policy: Config.FactsDeadline is below zero")
	}
	for tenant, paths := range c.Ignore {
		for _, p := range paths {
			if _, ok := FieldNamed(p); !ok || p == "identifier" {
				return fmt.Errorf("policy: Config.Ignore of %s: %q is no field that can be ignored", tenant, p)
			}
		}
	}
	return checkPublicURL(c.PublicURL)
}

func checkPublicURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || strings.ContainsAny(text, "?#@") {
		// The text is not shown: it may hold a password.
		return errors.New("policy: PublicURL: want https://host[/path], without user, query and fragment")
	}
	if u.Scheme == "https" || u.Scheme == "http" && IsLoopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("policy: PublicURL %q: want https (http serves on loopback only): the links show policies to whoever holds them", text)
}

// IsLoopback tells whether a host is this machine and nobody else's: there plain
// HTTP may carry what is personal or secret.
func IsLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// Issuer issues policies, one for an identifier. It is safe for concurrent
// use, and any number of Issuers may share a store.
type Issuer struct {
	config    Config
	ignore    map[Tenant]FieldSet
	archived  *sync.Map     // the digests that the archive is known to hold: as many as editions were used
	archiving chan struct{} // holds one, while somebody archives
	hosted    bool          // the store is a transaction of the caller's
	fetching  chan struct{} // holds one for each call of the FactSource that is under way
}

// New makes an Issuer.
func New(c Config) (*Issuer, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
	c.FactsDeadline = cmp.Or(c.FactsDeadline, factsDeadline)
	if archive, ok := c.Store.(Archive); ok && c.Archive == nil {
		c.Archive = archive
	}
	if c.ReferralLife <= 0 {
		c.ReferralLife = DefaultReferralLife
	}
	i := &Issuer{config: c, archived: new(sync.Map), ignore: make(map[Tenant]FieldSet, len(c.Ignore)), archiving: make(chan struct{}, 1), fetching: make(chan struct{}, maxFetches)}
	for tenant, paths := range c.Ignore {
		i.ignore[tenant] = SetOf(paths...)
	}
	return i, nil
}

// In is an Issuer that keeps what it decides in another store: in a transaction
// that its caller owns (see Within of the adapters). What it answers counts once
// that is committed. No core system is called, and requests are not entered in
// the journal. Editions are archived in s if it is an Archive, and else where
// they always are. Facts are fetched, as ever, if the edition declares any: have
// the FactSource answer out of what is at hand. What is in force is asked of s, and
// nobody else adds to it from the decision until the transaction ends.
func (i *Issuer) In(s Store) *Issuer {
	other := *i
	other.config.Store, other.config.Journal, other.hosted = s, nil, true
	if a, ok := s.(Archive); ok {
		// What is archived within a transaction may vanish with it: it is not remembered.
		other.config.Archive, other.archived, other.archiving = a, new(sync.Map), make(chan struct{}, 1)
	}
	return &other
}

var errHosted = errors.New("policy: the tenant's policies are booked by a core system, which is not called within a transaction of the caller's")

func (i *Issuer) now() time.Time { return i.config.Clock().UTC().Truncate(time.Microsecond) }

// maxReplacements bounds how often one call tries to replace a refused or
// referred record that other calls keep replacing under it.
const maxReplacements = 8

// ErrInProgress is the error of a call that kept losing to others under the
// same identifier.
var ErrInProgress = errors.New("policy: the same identifier is being worked on")

// Issue decides a request and issues its policy, at most one for (tenant,
// identifier), for ever. A repeated request gets the stored answer, whatever
// has changed since: it is looked up before anything is checked.
//
// The error is a *Refusal where the request was refused or referred, a
// *ConflictError where the identifier was used for another payload, and
// trouble otherwise (see TroubleKind), upon which the same request may be sent
// again. r must not be changed afterwards: a store may still be at work on it
// when ctx has ended.
func (i *Issuer) Issue(ctx context.Context, t Tenant, r *Request) (Receipt, error) {
	if Reference(ctx) == "" {
		ctx = WithReference(ctx, NewReference())
	}
	if err := ctx.Err(); err != nil {
		return Receipt{}, err
	}
	a := attempt{issuer: i, tenant: t, request: r, ignore: i.ignore[t], reference: Reference(ctx)}
	receipt, err := a.issue(ctx)
	i.enter(ctx, &a, err)
	return receipt, err
}

// status is what a decision makes of its key; kept is false for a refusal that
// is not pinned: corrected data, or the same, is a new attempt.
func (d *Decision) status() (status Status, kept bool) {
	switch d.Verdict() {
	case Reject:
		return StatusRefused, d.Terms.PinRefusals && d.pinned()
	case Refer:
		return StatusReferred, true
	case Accept, Note:
	}
	return StatusIssued, true
}

// pinned tells whether every rejecting fault is a product rule's.
func (d *Decision) pinned() bool {
	for _, f := range d.Faults {
		info, _ := f.Kind.Info()
		if f.Severity == Reject && (info.Pin != PinKept || f.Err != nil) {
			return false
		}
	}
	return true
}

// Policy gives the policy with this number to whoever holds the token of its
// link, ErrErased where its retention is over, and ErrNotFound to everybody
// else.
func (i *Issuer) Policy(ctx context.Context, number, token string) (Case, error) {
	if !i.config.Keys.validLink(number, token) {
		return Case{}, ErrNotFound
	}
	rec, err := i.config.Store.Policy(ctx, number)
	if err != nil {
		return Case{}, err
	}
	return i.Open(rec)
}

func (i *Issuer) policyURL(number string) string {
	k := i.config.Keys
	return i.config.PublicURL + "/policies/" + number + "/" + k.byID[k.active].linkToken(number)
}
