package policy

import (
	"errors"
	"time"
)

// Catalog finds the edition of a product that a request falls under.
//
// It answers an error that wraps ErrProductNotFound where no product has the
// code, ErrNotOnSale where none of its editions is sold then, and any other
// error for trouble of its own. It must be safe for concurrent use.
type Catalog interface {
	Product(code string, insured, effective time.Time) (Product, error)
}

// Product is one edition of a product: immutable, and safe for concurrent use.
//
// Price and Underwrite read fields only where a.Sound holds for them: a check
// whose operand is faulty is not made. Price answers the zero Premium, and no
// fault, where it cannot price for that reason.
type Product interface {
	Terms() Terms
	Price(a *Application) (Premium, Faults)
	Underwrite(a *Application, p *Premium) Faults
}

// The two answers of a Catalog that are refusals and no trouble.
var (
	ErrProductNotFound = errors.New("policy: no such product")
	ErrNotOnSale       = errors.New("policy: product not on sale")
)

// Decision is everything that was found out about one request.
type Decision struct {
	Application *Application
	Terms       Terms // of the edition it was decided under; zero where none was found
	Premium     Premium
	Faults      Faults // in page order; notes too
}

// Verdict is the worst severity of the faults.
func (d *Decision) Verdict() Verdict { return d.Faults.Verdict() }

// Decide checks, prices and underwrites a request. It is pure: it does no I/O,
// reads no clock, and gives the same decision for the same request and edition.
// All faults are told at once, except those of checks whose operands are
// faulty themselves. The error is the catalog's trouble, never a refusal.
//
// Where the edition declares facts, they are r.Facts: whoever decides fetches
// them (Issue does), and Decide takes them as they are.
func Decide(c Catalog, r *Request) (Decision, error) {
	d, product, err := begin(c, r)
	if err == nil && product != nil {
		d.finish(product)
	}
	return d, err
}

// begin reads the request and finds its edition; there is none where the faults
// tell why.
func begin(c Catalog, r *Request) (d Decision, p Product, err error) {
	d.Application, d.Faults = NewApplication(r)
	if p, err = d.find(c); err == nil && p == nil {
		d.Faults.sort()
	}
	return d, p, err
}

// find finds the edition that the application falls under.
func (d *Decision) find(c Catalog) (Product, error) {
	a := d.Application
	if !a.Sound(setProduct | setInsureTime | setEffectTime) {
		return nil, nil //nolint:nilnil // faults of the fields tell why
	}
	product, err := c.Product(a.Request.ProductCode, a.InsureTime, a.EffectTime)
	switch {
	case errors.Is(err, ErrProductNotFound):
		d.add(Faults{newFault(KindProductNotFound, "产品不存在", "no such product", "productCode")})
		return nil, nil //nolint:nilnil // the fault tells why
	case errors.Is(err, ErrNotOnSale):
		d.add(Faults{newFault(KindProductNotOnSale, "产品在该日期未在售", "the product is not on sale at that date", "productCode")})
		return nil, nil //nolint:nilnil // the fault tells why
	case err != nil:
		return nil, err
	}
	d.Terms = product.Terms()
	a.derive(d.Terms.Rounding)
	return product, nil
}

// finish holds the application against its edition: terms, sums and rules
// together.
func (d *Decision) finish(product Product) {
	a := d.Application
	d.add(d.Terms.check(a))
	premium, faults := product.Price(a)
	d.Premium = premium
	d.add(faults)
	d.add(d.Terms.checkSums(a, &d.Premium))
	// The rules come last, and see one application whatever their order: what
	// one of them blames is not taken from another, nor from who asks again why.
	d.Faults = append(d.Faults, product.Underwrite(a, &d.Premium)...)
	d.Faults.sort()
}

// add keeps the faults, and takes the fields that they blame out of later
// checks.
func (d *Decision) add(found Faults) {
	d.Application.distrust(found)
	d.Faults = append(d.Faults, found...)
}
