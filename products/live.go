package products

import (
	"sync/atomic"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// Live is a catalog that can be exchanged while requests are decided. It is
// safe for concurrent use, and a lookup takes no lock. policy.Decide looks a
// product up once: a request that is being decided finishes on its edition.
type Live struct{ current atomic.Pointer[Catalog] }

var _ policy.Catalog = (*Live)(nil)

// NewLive begins with a catalog, which must not be nil.
func NewLive(c *Catalog) *Live {
	l := new(Live)
	l.Set(c)
	return l
}

// Set takes another catalog, which must not be nil, for every decision that
// begins from now on.
func (l *Live) Set(c *Catalog) { l.current.Store(c) }

// Catalog is the one in use.
func (l *Live) Catalog() *Catalog { return l.current.Load() }

// Product is that of the catalog in use.
func (l *Live) Product(code string, insured, effective time.Time) (policy.Product, error) {
	return l.Catalog().Product(code, insured, effective)
}
