package products

import (
	"slices"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// Catalog is a set of products, all of them checked. It is immutable and safe
// for concurrent use; a lookup takes no lock.
type Catalog struct {
	calendars map[string]*calendar // by product code
	editions  []*Edition
	asOf      time.Time // zero where requests tell the time themselves
}

var _ policy.Catalog = (*Catalog)(nil)

// Product is the edition that an application falls under, by the time that the
// product's calendar goes by. It answers policy.ErrProductNotFound or
// policy.ErrNotOnSale.
func (c *Catalog) Product(code string, insured, effective time.Time) (policy.Product, error) {
	calendar, ok := c.calendars[code]
	if !ok {
		return nil, policy.ErrProductNotFound
	}
	at := insured
	switch {
	case !c.asOf.IsZero():
		at = c.asOf
	case calendar.basis == byEffectTime:
		at = effective
	}
	edition := calendar.at(at)
	if edition == nil {
		return nil, policy.ErrNotOnSale
	}
	return edition, nil
}

// AsOf is the catalog as it stands on sale at a time, whatever times requests
// have: what is sold next year can be looked at, and tried, today.
func (c *Catalog) AsOf(t time.Time) *Catalog {
	view := *c
	view.asOf = t
	return &view
}

// OnSale is the edition of a product that is on sale at a time; nil where
// there is none.
func (c *Catalog) OnSale(product string, t time.Time) *Edition {
	if calendar, ok := c.calendars[product]; ok {
		return calendar.at(t)
	}
	return nil
}

// Editions are all editions by product and name, those that the calendar does
// not name among them.
func (c *Catalog) Editions() []*Edition { return slices.Clone(c.editions) }

// Edition finds an edition by name, on sale or not; nil where there is none.
func (c *Catalog) Edition(product, name string) *Edition {
	i, ok := slices.BinarySearchFunc(c.editions, [2]string{product, name}, func(e *Edition, want [2]string) int {
		if order := strings.Compare(e.terms.Product, want[0]); order != 0 {
			return order
		}
		return strings.Compare(e.terms.Edition, want[1])
	})
	if !ok {
		return nil
	}
	return c.editions[i]
}
