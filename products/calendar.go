package products

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// calendar tells which edition of a product is sold when. It stands apart from
// the editions, so that closing one never touches a file that was used.
type calendar struct {
	product string
	basis   basis
	sales   []sale    // in the order of their dates
	stop    time.Time // from which on nothing new is sold; zero where there is no end
}

// basis is the time of a request that picks the edition.
type basis uint8

const (
	byInsureTime basis = iota
	byEffectTime
)

func bases() []option[basis] {
	return []option[basis]{{"insureTime", byInsureTime}, {"effectTime", byEffectTime}}
}

// sale is one edition on sale: until the next one begins.
type sale struct {
	from     time.Time
	name     string
	corrects string // the edition whose place it takes for new decisions; "" where it takes none
	edition  *Edition
	node     *node // where it stands, while the calendar is read
}

// readCalendar reads calendar.yaml.
func readCalendar(f *file, root *node) *calendar {
	c := new(calendar)
	f.mapping(root,
		key{"product", true, f.named(&c.product, productGrammar)},
		key{"basis", false, choice(f, &c.basis, bases()...)},
		key{"editions", true, c.editions(f)},
		key{"stop", false, f.moment(&c.stop)},
	)
	c.checkOrder(f)
	if stop := root.child("stop"); stop != nil && !c.stop.IsZero() && len(c.sales) > 0 && !c.stop.After(c.sales[0].from) {
		f.refuse(stop, codeOrder, policy.Text{ZH: "停售时间不晚于首个版本的起售时间", EN: "sales stop before the first edition begins"}, policy.Text{})
	}
	return c
}

func (c *calendar) editions(f *file) read {
	return func(n *node) {
		if !f.is(n, list) {
			return
		}
		if len(n.items) == 0 {
			f.refuse(n, codeEmpty, policy.Text{ZH: "日历中没有版本", EN: "the calendar has no editions"}, policy.Text{})
		}
		for _, item := range n.items {
			s := sale{node: item}
			f.mapping(item,
				key{"from", true, f.moment(&s.from)},
				key{"edition", true, f.named(&s.name, editionGrammar)},
				key{"corrects", false, f.named(&s.corrects, editionGrammar)},
			)
			c.sales = append(c.sales, s)
		}
	}
}

// checkOrder holds the dates and names against those that stand before them.
func (c *calendar) checkOrder(f *file) {
	earlier := make(map[string]bool, len(c.sales))
	for i, s := range c.sales {
		if i > 0 && !s.from.IsZero() && !s.from.After(c.sales[i-1].from) {
			f.refuse(s.node.child("from"), codeOrder,
				policy.Text{ZH: fmt.Sprintf("起售时间应晚于前一版本 %s", c.sales[i-1].name), EN: fmt.Sprintf("must begin after edition %s, which stands before it", c.sales[i-1].name)},
				policy.Text{ZH: "请按时间先后排列；一个版本售至下一个版本开始", EN: "list the editions by date; each is sold until the next begins"})
		}
		if s.name != "" && earlier[s.name] {
			f.refuse(s.node.child("edition"), codeDuplicate, policy.Text{ZH: "版本 " + s.name + " 重复", EN: "edition " + s.name + " stands twice"}, policy.Text{})
		}
		if s.corrects != "" && !earlier[s.corrects] {
			f.refuse(s.node.child("corrects"), codeEdition,
				policy.Text{ZH: "被更正的版本 " + s.corrects + " 未列于其前", EN: "edition " + s.corrects + ", which it corrects, is not listed before it"}, policy.Text{})
		}
		earlier[s.name] = true
	}
}

// link finds the editions that the calendar names. A correction takes the
// place of what it corrects, whichever date a new decision falls on; what was
// decided before is answered from the store.
func (c *calendar) link(f *file, editions map[string]*Edition) {
	names := slices.Sorted(maps.Keys(editions))
	for _, s := range c.sales {
		if _, known := editions[s.name]; known || s.name == "" {
			continue
		}
		hint := f.did(s.name, names)
		if hint == (policy.Text{}) && len(names) > 0 {
			hint = oneOf(names)
		}
		f.refuse(s.node.child("edition"), codeEdition, policy.Text{ZH: "没有文件 " + s.name + ".yaml", EN: "there is no file " + s.name + ".yaml"}, hint)
	}
	// A correction stands after what it corrects, so from the last to the first
	// each one knows by then who took its own place.
	for i := len(c.sales) - 1; i >= 0; i-- {
		s := &c.sales[i]
		if s.edition == nil {
			s.edition = editions[s.name]
		}
		for j := range c.sales[:i] {
			if s.corrects != "" && c.sales[j].name == s.corrects {
				c.sales[j].edition = s.edition
			}
		}
		s.node = nil
	}
}

// at is the edition on sale then; nil where there is none.
func (c *calendar) at(t time.Time) *Edition {
	if !c.stop.IsZero() && !t.Before(c.stop) {
		return nil
	}
	after := sort.Search(len(c.sales), func(i int) bool { return c.sales[i].from.After(t) })
	if after == 0 {
		return nil
	}
	return c.sales[after-1].edition
}
