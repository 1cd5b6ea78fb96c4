package products

import (
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// Explanation is a decision, and why the rules came out as they did.
type Explanation struct {
	Decision policy.Decision
	Rules    *rules.Trace // nil where the request did not get as far as the rules
}

// Explain decides a request as policy.Decide does and traces the rules. They
// are traced at the moment when they decide: a field that one of them refuses
// is distrusted from then on, and a trace of the finished decision would skip
// whatever reads it. The error is the catalog's trouble; a product that is no
// Edition has no trace.
func Explain(c policy.Catalog, r *policy.Request) (Explanation, error) {
	t := tracing{Catalog: c}
	d, err := policy.Decide(&t, r)
	return Explanation{d, t.trace}, err
}

// tracing is a catalog whose editions leave a trace.
type tracing struct {
	policy.Catalog
	trace *rules.Trace
}

func (t *tracing) Product(code string, insured, effective time.Time) (policy.Product, error) {
	p, err := t.Catalog.Product(code, insured, effective)
	if e, ok := p.(*Edition); ok && err == nil {
		return traced{e, t}, nil
	}
	return p, err
}

type traced struct {
	*Edition
	into *tracing
}

func (t traced) Underwrite(a *policy.Application, p *policy.Premium) policy.Faults {
	trace := t.rules.Trace(a, p)
	t.into.trace = &trace
	return t.Edition.Underwrite(a, p)
}
