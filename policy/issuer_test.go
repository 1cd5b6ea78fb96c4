package policy_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chudan-io/chudan/policy"
)

func TestIssueSample(t *testing.T) {
	l := newLedger()
	i := issuerOf(t, l)
	receipt := issue(t, i, sample(t))
	if want := "PBDI2021080400000001"; !strings.HasPrefix(receipt.PolicyNo, want) || len(receipt.PolicyNo) != len(want)+1 {
		t.Errorf("number %s, want %s and a check character", receipt.PolicyNo, want)
	}
	link := regexp.MustCompile(`^https://policies\.example\.com/policies/` + receipt.PolicyNo + `/[0-9a-f]{32}$`)
	if !link.MatchString(receipt.PolicyFileURL) {
		t.Errorf("link %s", receipt.PolicyFileURL)
	}
	if !receipt.IssuedAt.Equal(noon.Truncate(time.Microsecond)) || receipt.IssuedAt.Location() != time.UTC {
		t.Errorf("issued at %s", receipt.IssuedAt)
	}
	if again := issue(t, i, sample(t)); again != receipt || l.writes != 1 {
		t.Errorf("again: %+v, want %+v; %d writes", again, receipt, l.writes)
	}
}

// TestSpellings: however one payload is spelt, it is one policy.
// (That JSON is spelt in many ways is the channel's matter.)
func TestSpellings(t *testing.T) {
	l := newLedger()
	i := issuerOf(t, l)
	first := issue(t, i, sample(t))
	rnd := rand.New(rand.NewPCG(1, 5))
	seen := make(map[string]bool)
	for len(seen) < 1000 {
		r := sample(t)
		spelling := ""
		for _, f := range policy.Fields() {
			text := f.Text(r)
			if f.Form != policy.FormDecimal && f.Form != policy.FormNumber {
				continue
			}
			whole, frac, _ := strings.Cut(text, ".")
			frac = strings.TrimRight(frac, "0")
			if zeros := rnd.IntN(11 - len(frac)); frac != "" || zeros > 0 {
				whole += "." + frac + strings.Repeat("0", zeros)
			}
			f.SetText(r, whole)
			spelling += whole + " "
		}
		r.Unknown = map[string]string{"note": fmt.Sprint(len(seen))}
		r.Unread = []policy.Fault{policy.Invalid("insurePeriod", "", "")}
		if again := issue(t, i, r); again != first {
			t.Fatalf("%s: %+v, want %+v", spelling, again, first)
		}
		seen[spelling] = true
	}
	if l.writes != 1 {
		t.Errorf("%d writes", l.writes)
	}
}

// TestConflictNamesTheField: the same identifier with any other field altered,
// left out or added is refused, naming exactly that field, and changes nothing.
func TestConflictNamesTheField(t *testing.T) {
	for _, f := range policy.Fields() {
		if f.Path == "identifier" {
			continue // another identifier is another policy
		}
		value := f.Text(sample(t))
		for name, c := range map[string]struct{ first, then string }{
			"altered":        {value, value + "0"},
			"off its form":   {value, "\x00 -1e9 '"},
			"left out":       {value, ""},
			"added":          {"", value},
			"other spelling": {value, strings.ToLower(value) + " "},
		} {
			if c.first == "" && (f.Required || strings.Contains(f.Path, "personLicense")) {
				continue // nothing is issued without it, or without its partner
			}
			t.Run(f.Path+" "+name, func(t *testing.T) {
				l := newLedger()
				// Nothing but the identity counts here: every product is content.
				i := issuerOf(t, l, selling(easy{newBond()}))
				first := issue(t, i, with(t, f.Path, c.first))
				before := snapshot(l)
				then := c.then
				if (f.Form == policy.FormDecimal || f.Form == policy.FormNumber) && name == "altered" {
					then = "1" + value
				}
				_, err := i.Issue(context.Background(), acme, with(t, f.Path, then))
				conflict := (*policy.ConflictError)(nil)
				if !errors.As(err, &conflict) || !slices.Equal(conflict.Fields, []string{f.Path}) {
					t.Fatalf("got %v, want a conflict in %s", err, f.Path)
				}
				if got, want := codes(conflict.Faults()), "isv.idempotent-parameter-mismatch:"+f.Path; got != want {
					t.Errorf("code %s, want %s", got, want)
				}
				if text := conflict.Error() + conflict.Faults().Message(policy.Chinese, conflict.Reference); len(value) > 2 && strings.Contains(text, value) {
					t.Errorf("the message shows a value: %s", text)
				}
				if got := snapshot(l); got != before {
					t.Errorf("changed:\n%s\n%s", before, got)
				}
				if again := issue(t, i, with(t, f.Path, c.first)); again != first {
					t.Errorf("afterwards %+v, want %+v", again, first)
				}
			})
		}
	}
}

// easy is the bond without checks.
type easy struct{ *bond }

func (e easy) Terms() policy.Terms {
	t := e.bond.Terms()
	t.Checks, t.Declared, t.Unique = policy.Checks{}, policy.Declared{}, nil
	return t
}

func (easy) Underwrite(*policy.Application, *policy.Premium) policy.Faults { return nil }

func (e easy) Product(string, time.Time, time.Time) (policy.Product, error) { return e, nil }

func snapshot(l *ledger) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprintf("%d %d %x %s", l.sequence, l.writes, l.records, bytes.Join(append(slices.Clone(l.events), l.audits...), []byte("\n")))
}

// TestConflictOfSeveralFields: all are named, in page order.
func TestConflictOfSeveralFields(t *testing.T) {
	i := issuerOf(t, newLedger())
	issue(t, i, sample(t))
	_, err := i.Issue(context.Background(), acme, with(t, "attrs.insuranceTypes", "QUALITY", "amount", "1", "applicantPersonalInfo.personName", "李四"))
	conflict := (*policy.ConflictError)(nil)
	if !errors.As(err, &conflict) || strings.Join(conflict.Fields, " ") != "amount applicantPersonalInfo.personName attrs.insuranceTypes" || conflict.Reference == "" {
		t.Fatalf("got %v", err)
	}
	if got, want := codes(conflict.Faults()), "isv.idempotent-parameter-mismatch:amount"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestReplayForEver: a repeated request gets the stored answer, whatever has
// changed since.
func TestReplayForEver(t *testing.T) {
	l := newLedger()
	first := issue(t, issuerOf(t, l), sample(t))
	for name, changes := range map[string][]func(*policy.Config){
		"product withdrawn": {selling(withdrawn{})},
		"rules changed":     {selling(refusing("NEW_RULE"))},
		"catalog broken":    {selling(broken{})},
		"keys rotated":      {func(c *policy.Config) { c.Keys = keysOf(t, keyTwo, keyOne) }},
		"three years on":    {func(c *policy.Config) { c.Clock = func() time.Time { return noon.AddDate(3, 0, 0) } }},
		"another address":   {func(c *policy.Config) { c.PublicURL = "https://elsewhere.example.com/x" }},
		"another numbering": {func(c *policy.Config) { c.Numbering, _ = policy.ParseNumbering("X{sequence:1}", nil) }},
		"fields ignored":    {ignoring("insureTime", "insurePeriod")},
		"all of it": {
			selling(withdrawn{}), ignoring("insureTime"),
			func(c *policy.Config) {
				c.Keys, c.Clock = keysOf(t, keyTwo, keyOne), func() time.Time { return noon.AddDate(30, 0, 0) }
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if again := issue(t, issuerOf(t, l, changes...), sample(t)); again != first || l.writes != 1 {
				t.Errorf("got %+v, want %+v; %d writes", again, first, l.writes)
			}
		})
	}
	// A request whose fields no longer pass is compared as the text it is.
	r := with(t, "amount", "1018,0")
	if _, err := issuerOf(t, l, selling(withdrawn{})).Issue(context.Background(), acme, r); !errors.As(err, new(*policy.ConflictError)) {
		t.Errorf("an altered payload: %v", err)
	}
}

// broken is a catalog in trouble.
type broken struct{}

var errBroken = errors.New("the disk is gone")

func (broken) Product(string, time.Time, time.Time) (policy.Product, error) { return nil, errBroken }

// TestTenantsAreApart: two tenants may use one identifier.
func TestTenantsAreApart(t *testing.T) {
	l := newLedger()
	i := issuerOf(t, l, selling(easy{newBond()}))
	first := issue(t, i, sample(t))
	second, err := i.Issue(context.Background(), "other", sample(t))
	if err != nil || second.PolicyNo == first.PolicyNo || l.count() != 2 {
		t.Errorf("%v, %+v, %+v", err, first, second)
	}
}

// TestOneWinner: of different payloads at once under one identifier one is
// issued, and all others are told that they differ; equal ones all get it.
func TestOneWinner(t *testing.T) {
	for round := range 200 {
		l := newLedger()
		i := issuerOf(t, l, selling(easy{newBond()}))
		const payloads, copies = 8, 3
		receipts, errs := make([]policy.Receipt, payloads*copies), make([]error, payloads*copies)
		var all sync.WaitGroup
		for n := range payloads * copies {
			r := with(t, "amount", fmt.Sprint(1000+n%payloads), "amountOfCny", "", "orderSubjectMatterInfo", "")
			all.Go(func() { receipts[n], errs[n] = i.Issue(context.Background(), acme, r) })
		}
		all.Wait()
		winner := slices.IndexFunc(errs, func(err error) bool { return err == nil })
		if winner < 0 {
			t.Fatalf("round %d: nobody won: %v", round, errs)
		}
		for n, err := range errs {
			conflict := (*policy.ConflictError)(nil)
			switch {
			case n%payloads == winner%payloads:
				if err != nil || receipts[n] != receipts[winner] {
					t.Fatalf("round %d: the same payload got %v, %+v, want %+v", round, err, receipts[n], receipts[winner])
				}
			case !errors.As(err, &conflict) || !slices.Equal(conflict.Fields, []string{"amount"}):
				t.Fatalf("round %d: another payload got %v", round, err)
			}
		}
		if l.writes != 1 || l.sequence != 1 {
			t.Fatalf("round %d: %d writes, %d numbers", round, l.writes, l.sequence)
		}
	}
}

// TestBusinessKeys: one payment funds one policy.
func TestBusinessKeys(t *testing.T) {
	l := newLedger()
	i := issuerOf(t, l)
	var all sync.WaitGroup
	errs := make([]error, 100)
	for n := range errs {
		r := with(t, "identifier", fmt.Sprint("id-", n))
		all.Go(func() { _, errs[n] = i.Issue(context.Background(), acme, r) })
	}
	all.Wait()
	won := 0
	for n, err := range errs {
		refusal := (*policy.Refusal)(nil)
		if err == nil {
			won++
			continue
		}
		if !errors.As(err, &refusal) || codes(refusal.Faults) != "isv.duplicate-business-key:attrs.premiumFundStreamNo" || refusal.Reference == "" {
			t.Fatalf("%d: %v", n, err)
		}
	}
	if won != 1 || l.count() != 1 || l.writes != 1 || l.sequence != 1 {
		t.Fatalf("%d won, %d policies, %d writes, %d numbers", won, l.count(), l.writes, l.sequence)
	}
	for name, r := range map[string]*policy.Request{
		"without a payment": with(t, "identifier", "a", "attrs.premiumFundStreamNo", ""),
		"again without":     with(t, "identifier", "b", "attrs.premiumFundStreamNo", ""),
		"another payment":   with(t, "identifier", "c", "attrs.premiumFundStreamNo", "2"),
	} {
		if _, err := i.Issue(context.Background(), acme, r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBusinessKeysAreClaimedByPoliciesOnly: neither a refusal nor a referral
// claims one, or is answered with somebody else's.
func TestBusinessKeysAreClaimedByPoliciesOnly(t *testing.T) {
	for name, catalog := range map[string]policy.Catalog{"refusal": refusing("NO"), "referral": referring("LOOK")} {
		l := newLedger()
		l.before = func(d policy.Draft) error {
			if !d.Numbered && len(d.Unique) > 0 {
				return fmt.Errorf("a %s claims %v", name, d.Unique)
			}
			return nil
		}
		if _, err := issuerOf(t, l, selling(catalog)).Issue(context.Background(), acme, sample(t)); !errors.As(err, new(*policy.Refusal)) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := issuerOf(t, l).Issue(context.Background(), acme, with(t, "identifier", "other")); err != nil {
			t.Errorf("after a %s: %v", name, err)
		}
	}
}

// TestBusinessKeysOfNoField: a product that names no field, or a personal one,
// issues nothing: it would promise what nobody keeps, or keep it in the clear.
func TestBusinessKeysOfNoField(t *testing.T) {
	for _, path := range []string{"premiumFundStreamNo", "attrs", "", "applicantPersonalInfo.personLicenseNo"} {
		l := newLedger()
		b := newBond()
		b.terms.Unique = []string{path}
		if _, err := issuerOf(t, l, selling(b)).Issue(context.Background(), acme, sample(t)); err == nil || policy.TroubleKind(err) != policy.KindInternal || l.writes != 0 {
			t.Errorf("%q: %v, %d writes", path, err, l.writes)
		}
	}
}

// TestTrouble: what is our fault is told as such, and nothing is issued.
func TestTrouble(t *testing.T) {
	disk := errors.New("the disk is gone")
	for name, c := range map[string]struct {
		disturb func(*ledger)
		change  func(*policy.Config)
		want    error
		kind    policy.Kind
		written int
	}{
		"store down":           {disturb: func(l *ledger) { l.find = func() error { return fmt.Errorf("pg: %w", policy.ErrUnavailable) } }, want: policy.ErrUnavailable, kind: policy.KindUnavailable},
		"store down at commit": {disturb: func(l *ledger) { l.before = func(policy.Draft) error { return policy.ErrUnavailable } }, want: policy.ErrUnavailable, kind: policy.KindUnavailable},
		"outcome unknown":      {disturb: func(l *ledger) { l.after = func() error { return fmt.Errorf("pg: %w", policy.ErrResultUnknown) } }, want: policy.ErrResultUnknown, kind: policy.KindResultUnknown, written: 1},
		"a defect":             {disturb: func(l *ledger) { l.before = func(policy.Draft) error { return disk } }, want: disk, kind: policy.KindInternal},
		"deadline":             {disturb: func(l *ledger) { l.find = func() error { return context.DeadlineExceeded } }, want: context.DeadlineExceeded, kind: policy.KindTimeout},
		"catalog":              {change: selling(broken{}), want: errBroken, kind: policy.KindInternal},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger()
			if c.disturb != nil {
				c.disturb(l)
			}
			var changes []func(*policy.Config)
			if c.change != nil {
				changes = append(changes, c.change)
			}
			_, err := issuerOf(t, l, changes...).Issue(context.Background(), acme, sample(t))
			if !errors.Is(err, c.want) || policy.TroubleKind(err) != c.kind || l.writes != c.written {
				t.Fatalf("got %v, %s, %d writes; want %v, %s, %d", err, policy.TroubleKind(err), l.writes, c.want, c.kind, c.written)
			}
			faults := policy.TroubleFaults(policy.TroubleKind(err))
			if codes(faults) != string(c.kind) || strings.Contains(faults.Message(policy.English, ""), "disk") {
				t.Errorf("told as %s: %s", codes(faults), faults.Message(policy.English, ""))
			}
			// Sent again once the trouble is over, it is issued, once.
			l.find, l.before, l.after = nil, nil, nil
			issue(t, issuerOf(t, l), sample(t))
			if l.writes != 1 || l.sequence != 1 {
				t.Errorf("%d writes, %d numbers", l.writes, l.sequence)
			}
		})
	}
}

func TestTroubleFaults(t *testing.T) {
	for _, k := range policy.Kinds() {
		if !strings.HasPrefix(string(k.Kind), "isp.") {
			continue
		}
		faults := policy.TroubleFaults(k.Kind)
		if codes(faults) != string(k.Kind) || faults[0].Message.ZH == "" || faults[0].Message.EN == "" {
			t.Errorf("%s: %+v", k.Kind, faults)
		}
	}
	if got := policy.TroubleKind(fmt.Errorf("x: %w", policy.ErrInProgress)); got != policy.KindInProgress {
		t.Errorf("in progress is told as %s", got)
	}
	if got := policy.TroubleKind(context.Canceled); got != policy.KindTimeout {
		t.Errorf("cancelled is told as %s", got)
	}
}

// TestCancelled: whoever has gone away gets nothing written.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	l := newLedger()
	l.find = func() error { cancel(); return nil }
	if _, err := issuerOf(t, l).Issue(ctx, acme, sample(t)); !errors.Is(err, context.Canceled) || l.writes != 0 {
		t.Errorf("cancelled on the way: %v, %d writes", err, l.writes)
	}
	l.find = func() error { t.Error("looked up after the caller had gone"); return nil }
	if _, err := issuerOf(t, l).Issue(ctx, acme, sample(t)); !errors.Is(err, context.Canceled) || l.writes != 0 {
		t.Errorf("cancelled before: %v, %d writes", err, l.writes)
	}
}

// TestOvertaken: a call that others keep overtaking under its identifier ends.
func TestOvertaken(t *testing.T) {
	l := newLedger()
	i := issuerOf(t, l, selling(refusing("NO")))
	other := 0
	l.racing = func(l *ledger, _ *policy.Draft) {
		racing := l.racing
		l.racing = nil
		other++
		_, _ = i.Issue(context.Background(), acme, with(t, "applicantPayAccount", fmt.Sprint("other", other)))
		l.racing = racing
	}
	_, err := i.Issue(context.Background(), acme, sample(t))
	if !errors.Is(err, policy.ErrInProgress) || policy.TroubleKind(err) != policy.KindInProgress || other != 8 {
		t.Errorf("got %v after %d others", err, other)
	}
}

// TestIgnoredFields: a field that the caller may stamp anew is neither a
// conflict nor in the fingerprint, and the list may change.
func TestIgnoredFields(t *testing.T) {
	l := newLedger()
	plain, stamped := issuerOf(t, l), issuerOf(t, l, ignoring("insureTime"))
	first := issue(t, stamped, sample(t))
	again := with(t, "insureTime", "2021-08-04 15:23:59")
	if got := issue(t, stamped, again); got != first {
		t.Errorf("stamped anew: %+v", got)
	}
	if got := issue(t, plain, sample(t)); got != first {
		t.Errorf("the list has become shorter: %+v", got)
	}
	conflict := (*policy.ConflictError)(nil)
	if _, err := plain.Issue(context.Background(), acme, again); !errors.As(err, &conflict) || !slices.Equal(conflict.Fields, []string{"insureTime"}) {
		t.Errorf("no longer ignored: %v", err)
	}
	change(t, again, "amount", "1")
	if _, err := stamped.Issue(context.Background(), acme, again); !errors.As(err, &conflict) || !slices.Equal(conflict.Fields, []string{"amount"}) {
		t.Errorf("an ignored field is named: %v", err)
	}
	// Issued without a list, asked for with one.
	r := with(t, "identifier", "second", "attrs.premiumFundStreamNo", "2")
	second := issue(t, plain, r)
	change(t, r, "insureTime", "2021-08-04 15:23:59")
	if got := issue(t, stamped, r); got != second {
		t.Errorf("the list has become longer: %+v", got)
	}
	// The list is the tenant's own.
	if _, err := stamped.Issue(context.Background(), "other", with(t, "identifier", "x", "attrs.premiumFundStreamNo", "3")); err != nil {
		t.Fatal(err)
	}
	if _, err := stamped.Issue(context.Background(), "other", with(t, "identifier", "x", "attrs.premiumFundStreamNo", "3", "insureTime", "2021-08-04 15:23:59")); !errors.As(err, &conflict) {
		t.Errorf("another tenant's list counts: %v", err)
	}
}

// TestMalformedIdentifier is refused without a look at the store.
func TestMalformedIdentifier(t *testing.T) {
	l := newLedger()
	l.find = func() error { t.Error("looked up"); return nil }
	for _, identifier := range []string{"", "a b", strings.Repeat("9", 65), "1\x00"} {
		_, err := issuerOf(t, l).Issue(context.Background(), acme, with(t, "identifier", identifier))
		refusal := (*policy.Refusal)(nil)
		if !errors.As(err, &refusal) || !strings.HasSuffix(codes(refusal.Faults), ":identifier") || l.writes != 0 {
			t.Errorf("%q: %v", identifier, err)
		}
	}
}

// TestReference: the caller's own, or one that is drawn; on paper and in the
// record the same.
func TestReference(t *testing.T) {
	l := newLedger()
	i := issuerOf(t, l, selling(refusing("NO")))
	refusal := (*policy.Refusal)(nil)
	if _, err := i.Issue(policy.WithReference(context.Background(), "REF1"), acme, sample(t)); !errors.As(err, &refusal) || refusal.Reference != "REF1" {
		t.Errorf("%v", err)
	}
	rec, _ := l.Find(context.Background(), policy.Key{Tenant: acme, Identifier: sample(t).Identifier})
	if kept, err := i.Open(rec); err != nil || kept.Reference != "REF1" || !bytes.Contains(l.audits[0], []byte("REF1")) {
		t.Errorf("kept as %q, %v, %s", kept.Reference, err, l.audits)
	}
	drawn := regexp.MustCompile(`^[A-Z2-7]{10}$`)
	seen := make(map[string]bool)
	for range 1000 {
		reference := policy.NewReference()
		if !drawn.MatchString(reference) || seen[reference] {
			t.Fatalf("drew %q", reference)
		}
		seen[reference] = true
	}
	if _, err := i.Issue(context.Background(), acme, with(t, "identifier", "other")); !errors.As(err, &refusal) || !drawn.MatchString(refusal.Reference) {
		t.Errorf("%v", err)
	}
	if !strings.HasSuffix(refusal.Error(), "(reference "+refusal.Reference+")") {
		t.Errorf("%s", refusal)
	}
}

// TestPolicyLink: a policy is shown to whoever holds its link, and to nobody
// else.
func TestPolicyLink(t *testing.T) {
	l := newLedger()
	i := issuerOf(t, l, selling(easy{newBond()}))
	first, second := issue(t, i, sample(t)), issue(t, i, with(t, "identifier", "second"))
	token := func(r policy.Receipt) string {
		u, err := url.Parse(r.PolicyFileURL)
		if err != nil {
			t.Fatal(err)
		}
		return u.Path[strings.LastIndex(u.Path, "/")+1:]
	}
	rotated := issuerOf(t, l, func(c *policy.Config) { c.Keys = keysOf(t, keyTwo, keyOne) })
	for name, i := range map[string]*policy.Issuer{"now": i, "after the keys were rotated": rotated} {
		c, err := i.Policy(context.Background(), first.PolicyNo, token(first))
		if err != nil || c.Receipt != first || c.Request.ApplicantPersonalInfo.PersonName.Reveal() != "张三" || c.Record.Number != first.PolicyNo {
			t.Errorf("%s: %v, %+v", name, err, c.Receipt)
		}
		if c.Title.EN != "Performance surety bond" || len(c.Coverages) != 3 || c.Premium.Rounded.Fixed(2) != "6.36" || c.Premium.Method != policy.MethodA {
			t.Errorf("%s: %+v", name, c)
		}
	}
	good := token(first)
	for name, try := range map[string]struct{ number, token string }{
		"no token":               {first.PolicyNo, ""},
		"token of another":       {first.PolicyNo, token(second)},
		"number of another":      {second.PolicyNo, good},
		"in upper case":          {first.PolicyNo, strings.ToUpper(good)},
		"shorter":                {first.PolicyNo, good[:31]},
		"longer":                 {first.PolicyNo, good + "0"},
		"all zeros":              {first.PolicyNo, strings.Repeat("0", 32)},
		"a number that is not":   {"PBDI1", good},
		"the number in low case": {strings.ToLower(first.PolicyNo), good},
	} {
		if c, err := i.Policy(context.Background(), try.number, try.token); !errors.Is(err, policy.ErrNotFound) || c.Request != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if token(first) == token(second) {
		t.Error("two policies have one token")
	}
	stranger := issuerOf(t, l, func(c *policy.Config) { c.Keys = keysOf(t, keyTwo) })
	if _, err := stranger.Policy(context.Background(), first.PolicyNo, good); !errors.Is(err, policy.ErrNotFound) {
		t.Errorf("under other keys: %v", err)
	}
}

func TestConfig(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*policy.Config)
		want   string // in the error; "" where it is accepted
	}{
		"complete":               {func(*policy.Config) {}, ""},
		"http on loopback":       {func(c *policy.Config) { c.PublicURL = "http://127.0.0.1:8080/" }, ""},
		"http on localhost":      {func(c *policy.Config) { c.PublicURL = "http://localhost" }, ""},
		"http on loopback, v6":   {func(c *policy.Config) { c.PublicURL = "http://[::1]:80" }, ""},
		"https with a path":      {func(c *policy.Config) { c.PublicURL = "https://example.com/a/b/" }, ""},
		"no catalog":             {func(c *policy.Config) { c.Catalog = nil }, "Catalog"},
		"no store":               {func(c *policy.Config) { c.Store = nil }, "Store"},
		"no keys":                {func(c *policy.Config) { c.Keys = policy.Keys{} }, "Keys"},
		"no numbering":           {func(c *policy.Config) { c.Numbering = policy.Numbering{} }, "Numbering"},
		"no clock":               {func(c *policy.Config) { c.Clock = nil }, "Clock"},
		"no address":             {func(c *policy.Config) { c.PublicURL = "" }, "PublicURL"},
		"http to the world":      {func(c *policy.Config) { c.PublicURL = "http://example.com" }, "https"},
		"http to a fake local":   {func(c *policy.Config) { c.PublicURL = "http://localhost.example.com" }, "https"},
		"another scheme":         {func(c *policy.Config) { c.PublicURL = "ftp://example.com" }, "PublicURL"},
		"no scheme":              {func(c *policy.Config) { c.PublicURL = "example.com" }, "PublicURL"},
		"no host":                {func(c *policy.Config) { c.PublicURL = "https:///x" }, "PublicURL"},
		"a port and no host":     {func(c *policy.Config) { c.PublicURL = "https://:443" }, "PublicURL"},
		"with a query":           {func(c *policy.Config) { c.PublicURL = "https://example.com?x=1" }, "PublicURL"},
		"with an empty query":    {func(c *policy.Config) { c.PublicURL = "https://example.com/?" }, "PublicURL"},
		"with a fragment":        {func(c *policy.Config) { c.PublicURL = "https://example.com/#x" }, "PublicURL"},
		"with an empty one":      {func(c *policy.Config) { c.PublicURL = "https://example.com/#" }, "PublicURL"},
		"with a password":        {func(c *policy.Config) { c.PublicURL = "https://a:b@example.com" }, "PublicURL"},
		"unreadable":             {func(c *policy.Config) { c.PublicURL = "https://exa mple.com" }, "PublicURL"},
		"ignores no field":       {ignoring("insureTimes"), "insureTimes"},
		"ignores an object":      {ignoring("attrs"), "attrs"},
		"ignores the identifier": {ignoring("identifier"), "identifier"},
	} {
		t.Run(name, func(t *testing.T) {
			config := configOf(t, newLedger())
			c.change(&config)
			_, err := policy.New(config)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "a:b") {
				t.Errorf("the error shows a password: %v", err)
			}
		})
	}
	i := issuerOf(t, newLedger(), func(c *policy.Config) { c.PublicURL = "https://example.com/a/" })
	if got := issue(t, i, sample(t)).PolicyFileURL; !strings.HasPrefix(got, "https://example.com/a/policies/PBDI") {
		t.Error(got)
	}
}
