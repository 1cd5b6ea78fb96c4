package rulebook

import (
	"cmp"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
	"github.com/chudan-io/chudan/products"
	"github.com/chudan-io/chudan/rules"
)

// writer writes the chapters of a book.
type writer struct {
	Source
	terms policy.Terms
	spec  rules.Spec
}

func (w *writer) title() policy.Text {
	t := w.terms.Title
	return put("{0}（{1}）规则书", "{0} ({1}): rule book", t, policy.Text{EN: w.terms.Edition})
}

// identity is what tells this edition from any other.
func (w *writer) identity() []Fact {
	filing := say("未载明", "not given")
	if f := w.Edition.Filing(); f != "" {
		filing = literal(f)
	}
	return []Fact{
		{say("产品", "Product"), plain(w.terms.Title)},
		{say("产品代码", "Product code"), verbatim(w.terms.Product)},
		{say("版本", "Edition"), verbatim(w.terms.Edition)},
		{say("备案编号", "Filing number"), filing},
		{say("摘要（SHA-256）", "Digest (SHA-256)"), verbatim(w.terms.Digest)},
	}
}

// product is what the edition covers, and when it is sold.
func (w *writer) product() Section {
	s := Section{ID: "product", Title: say("产品与销售", "Product and sale")}
	s.Blocks = append(s.Blocks, paragraph(
		"本规则书由版本文件生成；摘要即该文件（及其费率表文件）的 SHA-256，每个承保决定都记录它。文件改动一个字节，摘要就不同。",
		"This book is made from the edition's file. The digest is the SHA-256 of that file (and of the sheets of its tables), and is recorded with every decision: where one byte of the file changes, so does the digest."))
	s.Parts = []Section{
		{ID: "sale", Title: say("销售期间", "When it is sold"), Blocks: w.sale()},
		{ID: "coverages", Title: say("险种", "Coverages"), Blocks: w.coverages()},
		{ID: "currencies", Title: say("币种", "Currencies"), Blocks: []Block{{Table: w.currencies()}}},
	}
	return s
}

// sale tells of the calendar what concerns this edition.
func (w *writer) sale() []Block {
	if w.Schedule == nil {
		return []Block{paragraph("生成本书时没有产品日历，销售期间未知。", "No calendar was at hand when this book was made: when the edition is sold is not known.")}
	}
	basis := field("insureTime")
	if w.Schedule.ByEffectTime {
		basis = field("effectTime")
	}
	for _, sale := range w.Schedule.Sales {
		if sale.Edition == w.terms.Edition {
			facts := w.saleFacts(sale)
			return []Block{paragraph("适用版本按{0}确定，时间均为东八区。", "The {0} picks the edition; all times are at +08:00.", basis), {Facts: facts}}
		}
	}
	return []Block{paragraph("产品日历没有列出本版本：它不在售。", "The product's calendar does not name this edition: it is not on sale.")}
}

func (w *writer) saleFacts(sale products.Sale) []Fact {
	from, until := literal(moment(sale.From)), say("未定", "open")
	if !sale.Until.IsZero() {
		until = say("{0}（不含）", "{0} (not included)", moment(sale.Until))
	}
	if !sale.Until.IsZero() && !sale.From.Before(sale.Until) {
		until = say("此前已停售，本版本不曾销售", "sales have stopped before it: it is never sold")
	}
	facts := []Fact{{say("起售", "Sold from"), from}, {say("售至", "Sold until"), until}}
	if sale.Corrects != "" {
		facts = append(facts, Fact{say("更正", "Corrects"), say(
			"版本 {0}：凡落在其期间内的新决定，均按本版本作出；此前已作的决定不变", "edition {0}: new decisions that fall into its time are made under this one; what was decided before stays", code(sale.Corrects))})
	}
	if sale.Sold != sale.Edition {
		facts = append(facts, Fact{say("已被更正", "Corrected by"), say(
			"版本 {0}：新决定不再按本版本作出", "edition {0}: no new decision is made under this one", code(sale.Sold))})
	}
	if !w.Schedule.Stop.IsZero() {
		facts = append(facts, Fact{say("停售", "Sales stop"), say("{0} 起不再承保", "at {0}; nothing new from then on", moment(w.Schedule.Stop))})
	}
	return facts
}

// moment is a time as the calendar writes it.
func moment(t time.Time) string {
	t = t.In(policy.Zone())
	if t.Hour()+t.Minute()+t.Second() == 0 {
		return t.Format(time.DateOnly)
	}
	return t.Format(time.DateTime)
}

func (w *writer) coverages() []Block {
	if len(w.terms.Coverages) == 0 {
		return []Block{paragraph("本版本没有列出险种，请求不得指定险种。", "The edition lists no coverages, and a request may name none.")}
	}
	t := columns(say("代码", "Code"), say("名称", "Title"))
	for _, c := range w.terms.Coverages {
		t.add(verbatim(c.Code), plain(c.Title))
	}
	return []Block{paragraph("{0}只能取自下表。", "The {0} are among these.", field(typesPath)), {Table: t}}
}

// currencies are those that the product takes, with what is their smallest unit.
func (w *writer) currencies() *Table {
	t := columns(say("币种", "Currency"), say("小数位数", "Decimals"), say("最小单位", "Minor unit")).number(1, 2)
	for _, c := range w.terms.Currencies {
		unit := money.FromInt(1).Shift(-c.MinorUnit()).Fixed(c.MinorUnit())
		t.add(verbatim(string(c)), literal(money.FromInt(int64(c.MinorUnit())).String()), literal(unit))
	}
	return t
}

// coverage is the code of a coverage and its title.
func (w *writer) coverage(name string) Line {
	for _, c := range w.terms.Coverages {
		if c.Code == name && cmp.Or(c.Title.ZH, c.Title.EN) != "" {
			return say("{0} {1}", "{0} {1}", code(name), c.Title)
		}
	}
	return verbatim(name)
}
