package policy_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/memory"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// limited is the bond with a limit on what is in force for a seller: up to 4,000
// CNY it is issued, up to 9,000 an underwriter looks at it.
type limited struct {
	*bond

	decided *atomic.Int64 // how often it was underwritten
}

const (
	sellerLimit  = "isv.underwriting-referred:SELLER_LIMIT"
	sellerClosed = "isv.underwriting-rejected:SELLER_CLOSED"
)

func newLimited(per ...string) limited {
	b := newBond()
	if len(per) == 0 {
		per = []string{"orderSubjectMatterInfo.sellerId"}
	}
	b.terms.Unique = nil
	b.terms.Facts = []policy.FactSpec{{Name: "sellerExposureCny", Type: policy.FactMoney, PerFields: per}}
	return limited{b, new(atomic.Int64)}
}

func (l limited) Product(code string, insured, effective time.Time) (policy.Product, error) {
	if _, err := l.bond.Product(code, insured, effective); err != nil {
		return nil, err
	}
	return l, nil
}

func (l limited) Underwrite(a *policy.Application, p *policy.Premium) policy.Faults {
	l.decided.Add(1)
	faults := l.bond.Underwrite(a, p)
	text, ok := a.Request.Facts["sellerExposureCny"]
	sum, err := money.Parse(text)
	sum = sum.Add(a.AmountOfCny)
	switch {
	case !ok || err != nil:
		return append(faults, policy.Fault{Kind: policy.KindReferred, Severity: policy.Refer, Code: "SELLER_LIMIT", Err: fmt.Errorf("sellerExposureCny: %w", policy.ErrNoFact)})
	case money.FromInt(9000).Less(sum):
		return append(faults, policy.Fault{Kind: policy.KindRejected, Severity: policy.Reject, Code: "SELLER_CLOSED"})
	case money.FromInt(4000).Less(sum):
		return append(faults, policy.Fault{Kind: policy.KindReferred, Severity: policy.Refer, Code: "SELLER_LIMIT"})
	}
	return faults
}

// order is the sample under an identifier, from a seller.
func order(t testing.TB, n int, seller string) *policy.Request {
	t.Helper()
	r := sample(t)
	change(t, r, "identifier", fmt.Sprintf("order-%d", n))
	change(t, r, "orderSubjectMatterInfo.sellerId", seller)
	return r
}

// told issues and gives the codes of the refusal; "" for none.
func told(t testing.TB, i *policy.Issuer, r *policy.Request) string {
	t.Helper()
	_, err := i.Issue(t.Context(), acme, r)
	if err == nil {
		return ""
	}
	var refusal *policy.Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("got %v, want a refusal", err)
	}
	return codes(refusal.Faults)
}

func TestExposure(t *testing.T) {
	store := memory.New()
	i := issuerOf(t, store, selling(newLimited()))
	for n := range 3 {
		if got := told(t, i, order(t, n, "s1")); got != "" {
			t.Fatalf("order %d: %s", n, got)
		}
	}
	if got := told(t, i, order(t, 3, "s1")); got != sellerLimit {
		t.Errorf("over the limit: %q", got)
	}
	if got := told(t, i, order(t, 4, "s2")); got != "" {
		t.Errorf("another seller: %s", got)
	}
	if _, err := i.Issue(t.Context(), "acme-test", order(t, 4, "s1")); err != nil {
		t.Errorf("another tenant: %v", err)
	}
	rec, err := store.Find(t.Context(), policy.Key{Tenant: acme, Identifier: "order-2"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := i.Open(rec)
	if err != nil || c.Request.Facts["sellerExposureCny"] != "2036" {
		t.Errorf("decided with %q in force, want 2036 (%v)", c.Request.Facts["sellerExposureCny"], err)
	}
	absent := order(t, 5, "")
	if got := told(t, i, absent); got != sellerLimit {
		t.Errorf("no seller: %q", got)
	}
}

// TestExposureOfUnderwriters: what an underwriter accepts is issued over the
// limit, and counts from then on.
func TestExposureOfUnderwriters(t *testing.T) {
	i := issuerOf(t, memory.New(), selling(newLimited()))
	for n := range 3 {
		told(t, i, order(t, n, "s1"))
	}
	for n := range 5 {
		r := order(t, 10+n, "s1")
		if got := told(t, i, r); got != sellerLimit {
			t.Fatalf("order %d: %q", n, got)
		}
		if _, err := i.Accept(t.Context(), policy.Key{Tenant: acme, Identifier: r.Identifier}, policy.Ruling{By: "w", Why: "known"}); err != nil {
			t.Fatal(err)
		}
		issue(t, i, r)
	}
	if got := told(t, i, order(t, 20, "s1")); got != sellerClosed {
		t.Errorf("8 policies in force: %q", got)
	}
	facts, err := i.InForce(t.Context(), acme, order(t, 30, "s1"), newLimited().terms.Facts)
	if err != nil || facts["sellerExposureCny"] != "8144" {
		t.Errorf("in force: %q (%v)", facts["sellerExposureCny"], err)
	}
}

// TestExposureEnds: what has expired is in force no longer.
func TestExposureEnds(t *testing.T) {
	now := noon
	i := issuerOf(t, memory.New(), selling(newLimited()), func(c *policy.Config) { c.Clock = func() time.Time { return now } })
	for n := range 3 {
		told(t, i, order(t, n, "s1"))
	}
	expires := time.Date(2021, 9, 12, 23, 59, 59, 0, time.FixedZone("", 8*3600))
	now = expires.Add(-time.Microsecond)
	if got := told(t, i, order(t, 3, "s1")); got != sellerLimit {
		t.Errorf("before expireTime: %q", got)
	}
	now = expires
	if got := told(t, i, order(t, 4, "s1")); got != "" {
		t.Errorf("at expireTime: %q", got)
	}
}

// TestExposureKeys: sums outlive the rotation of the keys that name their
// subjects, also for a reservation that comes to nothing afterwards.
func TestExposureKeys(t *testing.T) {
	store, core := memory.New(), newCore()
	before := issuerOf(t, store, selling(newLimited()))
	for n := range 2 {
		told(t, before, order(t, n, "s1"))
	}
	core.after = func() error { return errLost }
	reserving := issuerOf(t, store, selling(newLimited()), booking(core))
	if _, err := reserving.Issue(t.Context(), acme, order(t, 2, "s1")); !errors.Is(err, errLost) {
		t.Fatal(err)
	}
	rotated := func(c *policy.Config) { c.Keys = keysOf(t, keyTwo, keyOne) }
	after := issuerOf(t, store, selling(newLimited()), rotated)
	if got := told(t, after, order(t, 3, "s1")); got != sellerLimit {
		t.Errorf("under new keys: %q", got)
	}
	core.before = func(context.Context, policy.Proposal) error { return &policy.DeclinedError{Code: "NO"} }
	declining := issuerOf(t, store, selling(newLimited()), rotated, booking(core))
	if got := told(t, declining, order(t, 2, "s1")); got != "isv.underwriting-rejected:NO" {
		t.Errorf("declined: %q", got)
	}
	if got := told(t, after, order(t, 4, "s1")); got != "" {
		t.Errorf("given back: %q", got)
	}
	if got := told(t, after, order(t, 5, "s1")); got != sellerLimit {
		t.Errorf("summed over both keys: %q", got)
	}
}

// TestExposureAtOnce: 64 applications at once, of which the limit lets three
// pass, with or without a core system. The control does not ask again under the
// lock, and overshoots.
func TestExposureAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		wrap   func(policy.Store) policy.Store
		change func(*policy.Config)
		least  int
		most   int
	}{
		"issued":  {func(s policy.Store) policy.Store { return s }, func(*policy.Config) {}, 3, 3},
		"booked":  {func(s policy.Store) policy.Store { return s }, booking(newCore()), 3, 3},
		"control": {func(s policy.Store) policy.Store { return unlocked{s} }, func(*policy.Config) {}, 64, 64},
	} {
		t.Run(name, func(t *testing.T) {
			together := &gathering{Store: c.wrap(memory.New()), left: 64, open: make(chan struct{})}
			i := issuerOf(t, together, selling(newLimited()), c.change)
			var issued, closed atomic.Int64
			var callers sync.WaitGroup
			for n := range 64 {
				r := order(t, n, "s1")
				callers.Go(func() {
					refusal := (*policy.Refusal)(nil)
					switch _, err := i.Issue(context.Background(), acme, r); {
					case err == nil:
						issued.Add(1)
					case errors.As(err, &refusal):
						closed.Add(1)
					default:
						t.Error(err)
					}
				})
			}
			callers.Wait()
			if n := int(issued.Load()); n < c.least || n > c.most || n+int(closed.Load()) != 64 {
				t.Errorf("%d issued and %d not, want %d to %d issued", n, closed.Load(), c.least, c.most)
			}
		})
	}
}

// gathering has the first look at what is in force wait for all: each of them
// is told that nothing is.
type gathering struct {
	policy.Store

	mu   sync.Mutex
	left int
	open chan struct{}
}

func (g *gathering) InForce(ctx context.Context, at time.Time, subjects []policy.Subject) ([]int64, error) {
	sums, err := g.Store.(policy.Exposer).InForce(ctx, at, subjects)
	g.mu.Lock()
	if g.left--; g.left == 0 {
		close(g.open)
	}
	g.mu.Unlock()
	<-g.open
	return sums, err
}

func (g *gathering) Expose(ctx context.Context, k policy.Key, e policy.Exposure) (bool, error) {
	return g.Store.(policy.Exposer).Expose(ctx, k, e)
}

// unlocked passes the second look over.
type unlocked struct{ policy.Store }

func (u unlocked) Issue(ctx context.Context, d policy.Draft) (policy.Record, bool, error) {
	if d.Exposure != nil {
		x := *d.Exposure
		x.Hold, d.Exposure = nil, &x
	}
	return u.Store.Issue(ctx, d)
}

func (u unlocked) InForce(ctx context.Context, at time.Time, subjects []policy.Subject) ([]int64, error) {
	return u.Store.(policy.Exposer).InForce(ctx, at, subjects)
}

func (u unlocked) Expose(ctx context.Context, k policy.Key, e policy.Exposure) (bool, error) {
	return u.Store.(policy.Exposer).Expose(ctx, k, e)
}

// TestExposureDecidedOnce: nobody is decided twice while nothing has changed.
func TestExposureDecidedOnce(t *testing.T) {
	l := newLimited()
	i := issuerOf(t, memory.New(), selling(l))
	for n := range 3 {
		told(t, i, order(t, n, "s1"))
	}
	if got := l.decided.Load(); got != 3 {
		t.Errorf("decided %d times, want 3", got)
	}
}

// TestExposureWithoutExposer: a store that does not know what is in force has
// the product's on_error apply; nothing is taken for zero.
func TestExposureWithoutExposer(t *testing.T) {
	i := issuerOf(t, newLedger(), selling(newLimited()))
	if got := told(t, i, order(t, 1, "s1")); got != sellerLimit {
		t.Errorf("got %q", got)
	}
}

// TestExposureTooLarge: an amount that cannot be summed is refused by name.
func TestExposureTooLarge(t *testing.T) {
	l := newLimited()
	r := order(t, 1, "s1")
	for path, text := range map[string]string{"amount": "10000000000000.01", "amountOfCny": "10000000000000.01", "premiumRate": "", "premium": "1", "premiumOfCny": "1"} {
		change(t, r, path, text)
	}
	d, err := policy.Decide(l, r)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, f := range d.Faults {
		found = found || f.ErrorCode() == "isv.invalid-parameter:amountOfCny"
	}
	if !found {
		t.Errorf("got %s", codes(d.Faults))
	}
}

// TestExpose: policies that were issued before the limit are counted in, once.
func TestExpose(t *testing.T) {
	store := memory.New()
	before := issuerOf(t, store)
	for n := range 4 {
		r := order(t, n, "s1")
		change(t, r, "attrs.premiumFundStreamNo", fmt.Sprintf("S%d", n))
		issue(t, before, r)
	}
	i := issuerOf(t, store, selling(newLimited()))
	facts := newLimited().terms.Facts
	for round, want := range []bool{true, false} {
		for rec, err := range store.List(t.Context(), policy.Selection{}) {
			if err != nil {
				t.Fatal(err)
			}
			if added, err := i.Expose(t.Context(), rec, facts); added != want || err != nil {
				t.Errorf("round %d: added %v, %v", round, added, err)
			}
		}
	}
	if got := told(t, i, order(t, 5, "s1")); got != sellerLimit {
		t.Errorf("four policies counted in: %q", got)
	}
	late := issuerOf(t, store, selling(newLimited("orderSubjectMatterInfo.buyerId")), func(c *policy.Config) {
		c.Clock = func() time.Time { return noon.AddDate(1, 0, 0) }
	})
	rec, err := store.Find(t.Context(), policy.Key{Tenant: acme, Identifier: "order-0"})
	if err != nil {
		t.Fatal(err)
	}
	if added, err := late.Expose(t.Context(), rec, newLimited("orderSubjectMatterInfo.buyerId").terms.Facts); added || err != nil {
		t.Errorf("one that has expired: added %v, %v", added, err)
	}
}
