package products

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// Changes tells what a catalog holds otherwise than an earlier one: editions by
// their digests, and what calendars say. What differs within an edition is
// Diff's. The codes are edition-added, -removed and -changed, sale-, stop- and
// basis-changed; names are product@edition, or the product.
func (c *Catalog) Changes(since *Catalog) []Change {
	d := new(differ)
	of := func(e *Edition) subject {
		return called("edition", "", e.terms.Product+"@"+e.terms.Edition, policy.Text{ZH: "版本", EN: "edition"})
	}
	pairing[*Edition]{
		name: func(e *Edition) string { return of(e).name },
		gone: func(e *Edition) { d.removed(of(e), e.terms.Digest) },
		came: func(e *Edition) { d.added(of(e), e.terms.Digest) },
		both: func(b, a *Edition) { d.worded(of(a), b.terms.Digest, a.terms.Digest) },
	}.walk(since.editions, c.editions)
	products := maps.Clone(since.calendars)
	maps.Copy(products, c.calendars)
	for _, product := range slices.Sorted(maps.Keys(products)) {
		d.calendar(product, since.calendars[product], c.calendars[product])
	}
	return d.changes
}

// calendar compares calendars; nil is that of a product which is not there.
func (d *differ) calendar(product string, before, after *calendar) {
	said := [2]map[string]string{before.words(), after.words()}
	both := maps.Clone(said[0])
	maps.Copy(both, said[1])
	for _, key := range slices.Sorted(maps.Keys(both)) {
		s := subject{kind: key, path: product + "." + key, name: product}
		switch edition, isSale := strings.CutPrefix(key, "editions."); {
		case isSale:
			s.kind, s.name = "sale", product+"@"+edition
			s.title = policy.Text{ZH: s.name + " 起售", EN: s.name + " on sale"}
		case key == "stop":
			s.title = policy.Text{ZH: product + " 停售", EN: product + ", stop"}
		default:
			s.title = policy.Text{ZH: product + " 的日期依据", EN: product + ", basis"}
		}
		d.worded(s, said[0][key], said[1][key])
	}
}

// words are what a calendar says, by its keys: basis, stop and, for each sale,
// editions.NAME.
func (c *calendar) words() map[string]string {
	said := make(map[string]string)
	if c == nil {
		return said
	}
	said["basis"] = map[basis]string{byInsureTime: "insureTime", byEffectTime: "effectTime"}[c.basis]
	if !c.stop.IsZero() {
		said["stop"] = c.stop.In(policy.Zone()).Format(time.DateTime)
	}
	for _, s := range c.sales {
		text := s.from.In(policy.Zone()).Format(time.DateTime)
		if s.corrects != "" {
			text += ", corrects " + s.corrects
		}
		said["editions."+s.name] = text
	}
	return said
}
