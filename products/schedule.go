package products

import (
	"time"
)

// Schedule is when the editions of a product are sold, as its calendar says.
type Schedule struct {
	ByEffectTime bool      // effectTime picks the edition, in place of insureTime
	Sales        []Sale    // in the order of their dates
	Stop         time.Time // from which on nothing new is sold; zero where there is no end
}

// Sale is one line of a calendar.
type Sale struct {
	Edition     string
	From, Until time.Time // Until is when the next line or the stop begins; zero where neither does
	Corrects    string    // the edition whose place it takes for new decisions; "" where it takes none
	Sold        string    // the edition that new decisions fall under: another one where this one was corrected
}

// Schedule is that of a product; ok is false where there is no such product.
func (c *Catalog) Schedule(product string) (s Schedule, ok bool) {
	of, ok := c.calendars[product]
	if !ok {
		return s, false
	}
	s = Schedule{ByEffectTime: of.basis == byEffectTime, Stop: of.stop}
	for i, line := range of.sales {
		sale := Sale{Edition: line.name, From: line.from, Until: of.stop, Corrects: line.corrects, Sold: line.edition.terms.Edition}
		if i+1 < len(of.sales) && (of.stop.IsZero() || of.sales[i+1].from.Before(of.stop)) {
			sale.Until = of.sales[i+1].from
		}
		s.Sales = append(s.Sales, sale)
	}
	return s, true
}
