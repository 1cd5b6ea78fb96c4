package policy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/chudan-io/chudan/policy/money"
)

// maxExposed is the largest amount that is summed, in fen: ten trillion yuan,
// of which thousands fit into a sum.
const maxExposed = 1_000_000_000_000_000

var (
	errDecidedAnew = errors.New("policy: what is in force has changed the decision")
	errNotInForce  = errors.New("policy: the store does not tell what is in force: it is no Exposer")
	errNoSubject   = errors.New("policy: a field is absent that the amounts in force are summed per")
)

// exposed is what is kept of a record's amount for as long as it may come to
// count, or come to count no longer.
type exposed struct {
	Per [][]string `json:"per"` // sets of fields
	Fen int64      `json:"fen"`
}

// exposed is what an application has to do with what is in force; nil where its
// edition does not ask.
func (d *Decision) exposed() *exposed {
	e := exposed{Per: perFields(d.Terms.Facts)}
	if len(e.Per) == 0 {
		return nil
	}
	e.Fen, _ = d.Application.AmountOfCny.Shift(money.CNY.MinorUnit()).Int64() // see checkExposed
	return &e
}

// perFields are the sets of fields per which facts are summed, each once.
func perFields(facts []FactSpec) (sets [][]string) {
	for _, f := range facts {
		set := slices.Sorted(slices.Values(f.PerFields))
		if len(set) > 0 && !slices.ContainsFunc(sets, func(s []string) bool { return slices.Equal(s, set) }) {
			sets = append(sets, set)
		}
	}
	return sets
}

// checkExposed refuses an amount that is too large to be summed.
func (t *Terms) checkExposed(a *Application) Faults {
	if len(perFields(t.Facts)) == 0 || !a.Sound(setAmountCny) || a.AmountOfCny.Cmp(money.FromInt(maxExposed).Shift(-money.CNY.MinorUnit())) <= 0 {
		return nil
	}
	return Faults{Invalid("amountOfCny", "超过可累计的保额上限 10,000,000,000,000 元", "is above 10,000,000,000,000 CNY, the most that is summed")}
}

// subject names who a set of fields tells of; false where one of them is absent.
func (k *key) subject(t Tenant, r *Request, set []string) (s Subject, ok bool) {
	text := fmt.Appendf(nil, "%d:%s", len(t), t)
	for _, path := range set {
		f, known := FieldNamed(path)
		if !known || f.Text(r) == "" {
			return Subject{}, false
		}
		value := f.canonicalText(f.Text(r))
		text = fmt.Appendf(text, "|%s=%d:%s", path, len(value), value)
	}
	return Subject(k.subjects(text)[:len(s)]), true
}

// exposure is what a record of this application does to what is in force; nil
// where it does nothing. places tells, for each set of fields, where the sums
// stand that belong to it.
func (k *Keys) exposure(e *exposed, t Tenant, r *Request, at time.Time) (x *Exposure, places [][]int) {
	if e == nil {
		return nil, nil
	}
	x = &Exposure{Amount: e.Fen, At: at}
	x.Until, _ = parseStamp(r.ExpireTime)
	places = make([][]int, len(e.Per))
	for _, id := range k.ids() {
		for i, set := range e.Per {
			s, ok := k.byID[id].subject(t, r, set)
			switch {
			case !ok:
			case id == k.active:
				places[i] = append(places[i], len(x.Subjects))
				x.Subjects = append(x.Subjects, s)
			default:
				places[i] = append(places[i], len(x.Subjects)+len(x.Former))
				x.Former = append(x.Former, s)
			}
		}
	}
	if len(x.Subjects) == 0 {
		return nil, places
	}
	return x, places
}

// ids are the names of the keys, the active one first.
func (k *Keys) ids() []string {
	rest := slices.DeleteFunc(slices.Sorted(maps.Keys(k.byID)), func(id string) bool { return id == k.active })
	return append([]string{k.active}, rest...)
}

// inForce adds to the facts of an attempt those that the store knows. The error
// is the store's trouble; why tells what kept a fact from being had.
func (a *attempt) inForce(ctx context.Context, d *Decision, facts Facts) (why, err error) {
	known, sums, err := a.issuer.inForce(ctx, a.tenant, a.request, d.Terms.Facts)
	if errors.Is(err, errNotInForce) {
		return err, nil
	}
	a.sums = sums
	maps.Copy(facts, known)
	for _, f := range d.Terms.Facts {
		if _, had := known[f.Name]; !had && len(f.PerFields) > 0 {
			why = errNoSubject
		}
	}
	return why, err
}

// InForce gives those of the facts that have PerFields: what is in force now, in
// CNY, for whom the request names. One is left out where a field that it is
// summed per is absent. It is for people who ask: Issue asks for itself, and once
// more under a lock. The store must be an Exposer.
func (i *Issuer) InForce(ctx context.Context, t Tenant, r *Request, facts []FactSpec) (Facts, error) {
	known, _, err := i.inForce(ctx, t, r, facts)
	return known, err
}

func (i *Issuer) inForce(ctx context.Context, t Tenant, r *Request, facts []FactSpec) (known Facts, sums []int64, err error) {
	sets := perFields(facts)
	if len(sets) == 0 {
		return nil, nil, nil
	}
	store, ok := i.config.Store.(Exposer)
	if !ok {
		return nil, nil, errNotInForce
	}
	x, places := i.config.Keys.exposure(&exposed{Per: sets}, t, r, i.now())
	if x == nil {
		return nil, nil, nil
	}
	if sums, err = store.InForce(ctx, x.At, x.All()); err != nil {
		return nil, nil, err
	}
	return summed(facts, sets, places, sums), sums, nil
}

// summed are the facts that are declared per sets of fields, but for those
// without a sum.
func summed(facts []FactSpec, sets [][]string, places [][]int, sums []int64) Facts {
	known := make(Facts)
	for _, f := range facts {
		set := slices.Sorted(slices.Values(f.PerFields))
		i := slices.IndexFunc(sets, func(s []string) bool { return slices.Equal(s, set) })
		if i < 0 || len(places[i]) == 0 {
			continue
		}
		sum := money.FromInt(0)
		for _, place := range places[i] {
			sum = sum.Add(money.FromInt(sums[place]))
		}
		known[f.Name] = sum.Shift(-money.CNY.MinorUnit()).String()
	}
	return known
}

// hold decides once more where the sums are others, now that nobody can change
// them. The decision stands while its verdict does: the rules may word what they
// note in another way.
func (a *attempt) hold(status Status, places [][]int) func([]int64) error {
	return func(sums []int64) error {
		if slices.Equal(sums, a.sums) {
			return nil
		}
		a.sums = slices.Clone(sums)
		r := *a.decision.Application.Request
		r.Facts = maps.Clone(r.Facts)
		terms := a.decision.Terms
		maps.Copy(r.Facts, summed(terms.Facts, perFields(terms.Facts), places, sums))
		a.decision = Decision{Terms: terms}
		a.decision.Application, a.decision.Faults = NewApplication(&r)
		a.decision.Application.derive(terms.Rounding)
		a.decision.finish(a.product)
		a.decision.Faults.blame(a.lacking)
		if now, _ := a.decision.status(); now != StatusIssued {
			return errDecidedAnew
		}
		return a.prepare(status)
	}
}

// Expose counts an issued policy for what is in force per the facts, where it
// does not count yet: it was issued before its product declared them. added
// tells whether it did; one that has expired never does. Facts without PerFields
// are passed over. The store must be an Exposer.
func (i *Issuer) Expose(ctx context.Context, rec Record, facts []FactSpec) (added bool, err error) {
	store, ok := i.config.Store.(Exposer)
	if !ok {
		return false, errNotInForce
	}
	if rec.Status != StatusIssued || rec.Erased() {
		return false, nil
	}
	c, err := i.Open(rec)
	if err != nil {
		return false, err
	}
	a, _ := NewApplication(c.Request)
	d := Decision{Application: a, Terms: Terms{Facts: facts}}
	if !a.ExpireTime.After(i.now()) || len(d.Terms.checkExposed(a)) > 0 {
		return false, nil
	}
	x, _ := i.config.Keys.exposure(d.exposed(), rec.Key.Tenant, c.Request, i.now())
	if x == nil {
		return false, nil
	}
	return store.Expose(ctx, rec.Key, *x)
}
