package policy_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/memory"
	"github.com/chudan-io/chudan/policy"
)

// coreSystem books each proposal once. Its answers can be lost.
type coreSystem struct {
	mu     sync.Mutex
	booked map[string]policy.Booking // by id
	calls  int
	before func(ctx context.Context, p policy.Proposal) error // nothing is booked where it fails
	after  func() error                                       // it is, and the answer lost
}

func newCore() *coreSystem { return &coreSystem{booked: map[string]policy.Booking{}} }

func (c *coreSystem) Book(ctx context.Context, p policy.Proposal) (policy.Booking, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	if c.before != nil {
		if err := c.before(ctx, p); err != nil {
			return policy.Booking{}, err
		}
	}
	b, there := c.booked[p.ID]
	if !there {
		b = policy.Booking{PolicyNo: fmt.Sprintf("CORE-%04d", len(c.booked)+1)}
		c.booked[p.ID] = b
	}
	if c.after != nil {
		if err := c.after(); err != nil {
			return policy.Booking{}, err
		}
	}
	return b, nil
}

func booking(c policy.Booker) func(*policy.Config) {
	return func(config *policy.Config) { config.Cores = map[policy.Tenant]policy.Core{acme: {Booker: c}} }
}

var errLost = errors.New("the answer was lost")

func TestBooking(t *testing.T) {
	store, core := memory.New(), newCore()
	var asked policy.Proposal
	core.before = func(_ context.Context, p policy.Proposal) error { asked = p; return nil }
	i := issuerOf(t, store, booking(core))
	r := sample(t)
	receipt := issue(t, i, r)
	if receipt.PolicyNo != "CORE-0001" || receipt.PolicyFileURL == "" || !receipt.IssuedAt.Equal(noon.Truncate(time.Microsecond)) {
		t.Errorf("%+v", receipt)
	}
	if asked.Key != (policy.Key{Tenant: acme, Identifier: r.Identifier}) || asked.Premium.Rounded.Fixed(2) != "6.36" || len(asked.ID) != 32 || asked.Edition != "2021.2" || asked.Request.InsuredPersonalInfo != r.InsuredPersonalInfo {
		t.Errorf("the core system was asked %+v", asked)
	}
	if again := issue(t, i, r); again != receipt || core.calls != 1 {
		t.Errorf("again %+v, want %+v; %d calls", again, receipt, core.calls)
	}
	if events := store.Events(); len(events) != 1 {
		t.Errorf("%d events", len(events))
	}
	if audit := store.Audit(); len(audit) != 3 {
		t.Errorf("%d audit events", len(audit))
	}
	found, err := i.Policy(t.Context(), "CORE-0001", receipt.PolicyFileURL[len(receipt.PolicyFileURL)-32:])
	if err != nil || found.Booking == nil || found.Receipt != receipt {
		t.Errorf("%+v (%v)", found, err)
	}
}

// TestBookingElsewhere: other tenants get numbers of ours, and the two never meet.
func TestBookingElsewhere(t *testing.T) {
	store, core := memory.New(), newCore()
	i := issuerOf(t, store, booking(core))
	issue(t, i, sample(t))
	receipt, err := i.Issue(t.Context(), "acme-test", sample(t))
	if err != nil || core.calls != 1 || receipt.PolicyNo[:4] != "PBDI" {
		t.Errorf("%+v, %v; %d calls", receipt, err, core.calls)
	}
}

// TestReplyLost: a booking whose answer was lost is one policy, when the
// platform sends the request again and when it does not.
func TestReplyLost(t *testing.T) {
	for name, resume := range map[string]func(t *testing.T, i *policy.Issuer){
		"the request again": func(*testing.T, *policy.Issuer) {},
		"the completer": func(t *testing.T, i *policy.Issuer) {
			t.Helper()
			if n, err := i.Complete(t.Context(), noon.Add(time.Second)); n != 1 || err != nil {
				t.Errorf("%d finished (%v)", n, err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			store, core := memory.New(), newCore()
			core.after = func() error { return errLost }
			i := issuerOf(t, store, booking(core))
			_, err := i.Issue(t.Context(), acme, sample(t))
			if policy.TroubleKind(err) != policy.KindInProgress || !errors.Is(err, errLost) {
				t.Fatalf("got %v, want %s", err, policy.KindInProgress)
			}
			if n, err := i.Complete(t.Context(), noon.Add(-time.Second)); n != 0 || err != nil {
				t.Errorf("%d were finished that are too young (%v)", n, err)
			}
			if n, err := i.Complete(t.Context(), noon.Add(time.Second)); n != 0 || !errors.Is(err, errLost) {
				t.Errorf("%d were finished (%v)", n, err)
			}
			conflict := (*policy.ConflictError)(nil)
			if _, err := i.Issue(t.Context(), acme, with(t, "insureId", "other")); !errors.As(err, &conflict) {
				t.Errorf("another payload under a reserved identifier: %v", err)
			}
			core.after = nil
			resume(t, i)
			if receipt := issue(t, i, sample(t)); receipt.PolicyNo != "CORE-0001" || len(core.booked) != 1 {
				t.Errorf("%+v; %d are booked", receipt, len(core.booked))
			}
		})
	}
}

// TestCoreDeclines: the refusal is kept, other data under the identifier is a
// new attempt, and the business keys are free.
func TestCoreDeclines(t *testing.T) {
	for name, c := range map[string]struct {
		declined policy.DeclinedError
		want     string
	}{
		"with a code":     {policy.DeclinedError{Code: "BLACKLISTED", Message: policy.Text{ZH: "不予承保", EN: "not booked"}}, "isv.underwriting-rejected:BLACKLISTED"},
		"without any":     {policy.DeclinedError{}, "isv.underwriting-rejected:CORE_DECLINED"},
		"with a bad code": {policy.DeclinedError{Code: "no such 码\n"}, "isv.underwriting-rejected:CORE_DECLINED"},
	} {
		t.Run(name, func(t *testing.T) {
			store, core := memory.New(), newCore()
			core.before = func(context.Context, policy.Proposal) error { return &c.declined }
			i := issuerOf(t, store, booking(core))
			if got := refused(t, i, sample(t), c.want); got.Replayed {
				t.Error("the first refusal is told to be replayed")
			}
			if got := refused(t, i, sample(t), c.want); !got.Replayed || core.calls != 1 {
				t.Errorf("again: %+v; %d calls", got, core.calls)
			}
			var ids []string
			core.before = func(_ context.Context, p policy.Proposal) error { ids = append(ids, p.ID); return nil }
			other := with(t, "orderSubjectMatterInfo.subjectMatterName", "other")
			if receipt := issue(t, i, other); receipt.PolicyNo != "CORE-0001" {
				t.Errorf("%+v", receipt)
			}
			if types := eventTypes(t, store); fmt.Sprint(types) != "[policy.refused policy.issued]" {
				t.Errorf("events %v", types)
			}
		})
	}
}

// TestBookingsThatAreNone: what is no number or no link is not issued, and the
// core system is asked again.
func TestBookingsThatAreNone(t *testing.T) {
	for name, b := range map[string]policy.Booking{
		"no number":    {},
		"a space":      {PolicyNo: "P 1"},
		"too long":     {PolicyNo: string(make([]byte, 65))},
		"plain http":   {PolicyNo: "P1", PolicyFileURL: "http://core.example.com/P1"},
		"with a user":  {PolicyNo: "P1", PolicyFileURL: "https://u:p@core.example.com/P1"},
		"no link":      {PolicyNo: "P1", PolicyFileURL: "P1"},
		"a line break": {PolicyNo: "P1", PolicyFileURL: "https://core.example.com/\nP1"},
	} {
		t.Run(name, func(t *testing.T) {
			store, core := memory.New(), newCore()
			i := issuerOf(t, store, booking(core))
			core.booked["any"] = b
			core.before = func(_ context.Context, p policy.Proposal) error { core.booked[p.ID] = b; return nil }
			if _, err := i.Issue(t.Context(), acme, sample(t)); policy.TroubleKind(err) != policy.KindInProgress {
				t.Fatalf("got %v", err)
			}
			core.before = func(_ context.Context, p policy.Proposal) error {
				core.booked[p.ID] = policy.Booking{PolicyNo: "P1", PolicyFileURL: "https://core.example.com/P1"}
				return nil
			}
			if receipt := issue(t, i, sample(t)); receipt.PolicyFileURL != "https://core.example.com/P1" {
				t.Errorf("%+v", receipt)
			}
		})
	}
}

// TestSlowCore: a core system that does not answer is waited for as long as its
// deadline says, and the caller told to come again.
func TestSlowCore(t *testing.T) {
	core := newCore()
	core.before = func(ctx context.Context, _ policy.Proposal) error {
		if _, limited := ctx.Deadline(); !limited {
			return nil // which the test would notice
		}
		<-ctx.Done()
		return ctx.Err()
	}
	i := issuerOf(t, memory.New(), func(c *policy.Config) {
		c.Cores = map[policy.Tenant]policy.Core{acme: {Booker: core, Deadline: time.Millisecond}}
	})
	if _, err := i.Issue(t.Context(), acme, sample(t)); policy.TroubleKind(err) != policy.KindInProgress {
		t.Errorf("got %v", err)
	}
}

// dying is a store whose process ends at one of its steps: before it or after
// it, nothing is done any more.
type dying struct {
	*memory.Store
	left  int // steps until the end
	after bool
}

var errDead = fmt.Errorf("the process has ended: %w", policy.ErrUnavailable)

func (d *dying) Issue(ctx context.Context, draft policy.Draft) (policy.Record, bool, error) {
	d.left--
	if d.left < 0 || d.left == 0 && !d.after {
		return policy.Record{}, false, errDead
	}
	rec, won, err := d.Store.Issue(ctx, draft)
	if d.left == 0 {
		return policy.Record{}, false, errDead
	}
	return rec, won, err
}

func (d *dying) Book(ctx context.Context, core *coreSystem, p policy.Proposal) (policy.Booking, error) {
	d.left--
	if d.left < 0 || d.left == 0 && !d.after {
		return policy.Booking{}, errDead
	}
	b, err := core.Book(ctx, p)
	if d.left == 0 {
		return policy.Booking{}, errDead
	}
	return b, err
}

type bookerFunc func(context.Context, policy.Proposal) (policy.Booking, error)

func (f bookerFunc) Book(ctx context.Context, p policy.Proposal) (policy.Booking, error) {
	return f(ctx, p)
}

// TestKilledAtEveryStep: reserve, book, booked, issue. The process ends before
// or after each of them; whoever comes next, the platform or a completer, ends
// it with one policy, booked once, that is published once.
func TestKilledAtEveryStep(t *testing.T) {
	for step := 1; step <= 4; step++ {
		for _, after := range []bool{false, true} {
			for _, completes := range []bool{false, true} {
				t.Run(fmt.Sprintf("step %d, after it %t, completer %t", step, after, completes), func(t *testing.T) {
					store, core := memory.New(), newCore()
					d := &dying{store, step, after}
					first := issuerOf(t, d, booking(bookerFunc(func(ctx context.Context, p policy.Proposal) (policy.Booking, error) { return d.Book(ctx, core, p) })))
					if _, err := first.Issue(t.Context(), acme, sample(t)); err == nil {
						t.Fatal("the process did not end")
					}
					second := issuerOf(t, store, booking(core))
					if completes {
						if _, err := second.Complete(t.Context(), noon.Add(time.Hour)); err != nil {
							t.Fatal(err)
						}
					}
					receipt := issue(t, second, sample(t))
					if receipt.PolicyNo != "CORE-0001" || len(core.booked) != 1 {
						t.Errorf("%+v; %d are booked", receipt, len(core.booked))
					}
					if again := issue(t, second, sample(t)); again != receipt {
						t.Errorf("again %+v, want %+v", again, receipt)
					}
					if types := eventTypes(t, store); fmt.Sprint(types) != "[policy.issued]" {
						t.Errorf("events %v", types)
					}
				})
			}
		}
	}
}

// TestBookedAtOnce: calls and completers at once book once.
func TestBookedAtOnce(t *testing.T) {
	store, core := memory.New(), newCore()
	i := issuerOf(t, store, booking(core))
	receipts := make([]policy.Receipt, 16)
	var all sync.WaitGroup
	for n := range receipts {
		all.Go(func() {
			receipts[n], _ = i.Issue(t.Context(), acme, sample(t))
			_, _ = i.Complete(t.Context(), noon.Add(time.Hour))
		})
	}
	all.Wait()
	want := issue(t, i, sample(t))
	for _, got := range receipts {
		if got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if len(core.booked) != 1 {
		t.Errorf("%d are booked", len(core.booked))
	}
}

// TestNoneHoldsUpOthers: bookings that come to nothing, again and again, do not
// keep a completer from those behind them.
func TestNoneHoldsUpOthers(t *testing.T) {
	const stuck = 20
	store, core := memory.New(), newCore()
	core.before = func(context.Context, policy.Proposal) error { return errLost }
	i := issuerOf(t, store, booking(core))
	for n := range stuck + 1 {
		r := with(t, "identifier", fmt.Sprint("k", n))
		change(t, r, "attrs.premiumFundStreamNo", fmt.Sprint("p", n))
		if _, err := i.Issue(t.Context(), acme, r); policy.TroubleKind(err) != policy.KindInProgress {
			t.Fatal(err)
		}
	}
	core.before = func(_ context.Context, p policy.Proposal) error {
		if p.Key.Identifier == fmt.Sprint("k", stuck) {
			return nil
		}
		return errLost
	}
	if n, err := i.Complete(t.Context(), noon.Add(time.Hour)); n != 1 || !errors.Is(err, errLost) {
		t.Errorf("%d finished (%v)", n, err)
	}
}

// TestHosted: nothing foreign is waited for in a transaction of the caller's.
func TestHosted(t *testing.T) {
	store, host, core := memory.New(), memory.New(), newCore()
	i := issuerOf(t, store, booking(core))
	if _, err := i.In(host).Issue(t.Context(), acme, sample(t)); err == nil || core.calls != 0 {
		t.Errorf("%v; %d calls", err, core.calls)
	}
	receipt, err := i.In(host).Issue(t.Context(), "own", sample(t))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := host.Policy(t.Context(), receipt.PolicyNo); err != nil || r.Key.Tenant != "own" {
		t.Errorf("%+v (%v)", r, err)
	}
	if _, err := store.Policy(t.Context(), receipt.PolicyNo); !errors.Is(err, policy.ErrNotFound) {
		t.Errorf("the Issuer's own store: %v", err)
	}
}
