package postgres

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
)

// keyColumns are keys as the parameters of a statement.
type keyColumns struct{ identifiers, tenants []string }

func (c *keyColumns) add(k policy.Key) {
	c.identifiers = append(c.identifiers, k.Identifier)
	c.tenants = append(c.tenants, string(k.Tenant))
}

func (c *keyColumns) args() []any { return []any{c.identifiers, c.tenants} }

// claimed is a business key, and whose it is or would be.
type claimed struct {
	name       claimName
	identifier string
}

type claimName struct {
	policy.BusinessKey
	tenant policy.Tenant
}

// claimColumns are business keys as the parameters of a statement.
type claimColumns struct{ rows []claimed }

// add leaves out what is named twice: it would conflict with itself.
func (c *claimColumns) add(k policy.Key, unique ...policy.BusinessKey) {
	for i, b := range unique {
		if !slices.Contains(unique[:i], b) {
			c.rows = append(c.rows, claimed{claimName{b, k.Tenant}, k.Identifier})
		}
	}
}

func (c *claimColumns) sort() {
	slices.SortFunc(c.rows, func(a, b claimed) int {
		return cmp.Or(cmp.Compare(a.name.Value, b.name.Value), cmp.Compare(a.name.Path, b.name.Path), cmp.Compare(a.name.tenant, b.name.tenant))
	})
}

func (c *claimColumns) args() []any {
	var values, paths, tenants, identifiers []string
	for _, r := range c.rows {
		values, paths = append(values, r.name.Value), append(paths, r.name.Path)
		tenants, identifiers = append(tenants, string(r.name.tenant)), append(identifiers, r.identifier)
	}
	return []any{values, paths, tenants, identifiers}
}

// storable tells whether PostgreSQL keeps a text as it is.
func storable(texts ...string) bool {
	return !slices.ContainsFunc(texts, func(s string) bool { return !utf8.ValidString(s) || strings.ContainsRune(s, 0) })
}

func nameable(d *policy.Draft) bool {
	return storable(d.Key.Identifier, string(d.Key.Tenant)) &&
		!slices.ContainsFunc(d.Unique, func(b policy.BusinessKey) bool { return !storable(b.Path, b.Value) })
}

func keepable(r *policy.Record) bool { return storable(r.Number, r.Product, r.Edition, r.Digest) }
