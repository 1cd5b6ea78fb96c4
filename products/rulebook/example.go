package rulebook

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
	"github.com/chudan-io/chudan/products"
)

// examples are the cases of the edition's tests, as the engine decides them now.
func (w *writer) examples() Section {
	s := Section{ID: "examples", Title: say("算例", "Worked examples")}
	var all []products.Example
	if w.Tests != nil {
		all = w.Tests.Examples()
	}
	if len(all) == 0 {
		s.Blocks = []Block{paragraph("本版本旁边没有测试，因此没有算例。", "There are no tests beside the edition, and so no examples.")}
		return s
	}
	s.Blocks = []Block{paragraph(
		"算例取自版本的测试用例，共 {0} 个；结论与数字均由引擎在生成本书时算出，每组的第一个列出全部步骤。个人信息已脱敏。",
		"The examples are the cases of the edition's tests, {0} of them. Verdicts and numbers are what the engine computed when this book was made, and the first of each group is told step by step. Personal data is masked.", len(all))}
	for i := 0; i < len(all); {
		end := i + 1
		for end < len(all) && all[end].Group == all[i].Group {
			end++
		}
		s.Parts = append(s.Parts, w.group(len(s.Parts)+1, all[i:end]))
		i = end
	}
	return s
}

// group is a case with its rows: the first in full, then all of them in a table.
func (w *writer) group(number int, all []products.Example) Section {
	s := Section{ID: "example-" + strconv.Itoa(number), Title: say("算例 {0}：{1}", "Example {0}: {1}", number, all[0].Group)}
	s.Blocks = w.worked(&all[0])
	if len(all) > 1 {
		s.Blocks = append(s.Blocks, paragraph("同组全部算例：", "All of the group:"), Block{Table: w.overview(all)})
	}
	return s
}

// worked is an example step by step.
func (w *writer) worked(x *products.Example) []Block {
	d := &x.Decision
	r := d.Application.Request
	given := columns(say("请求", "The request"), say("字段", "Field"), say("值", "Value"))
	for _, f := range policy.Fields() {
		if name, _ := nameOf(f.Path); !f.Personal && f.Text(r) != "" && telling(f) {
			given.add(plain(headed(name)), verbatim(f.Path), w.sent(f, x))
		}
	}
	blocks := []Block{{Table: given}, w.concluded(x)}
	if d.Premium.Known() {
		blocks = append(blocks, Block{Table: arithmetic(r, &d.Premium)})
	}
	if len(d.Faults) > 0 {
		blocks = append(blocks, Block{List: faults(d.Faults)})
	}
	return blocks
}

// telling tells whether a field has to do with the decision: numbers of
// requests and goods have not.
func telling(f policy.Field) bool {
	return f.Form != policy.FormText || f.Path == "currency"
}

// sent is the text of a field, and how it came there.
func (w *writer) sent(f policy.Field, x *products.Example) Line {
	text := f.Shown(x.Decision.Application.Request)
	value := literal(text)
	if f.Path == "attrs.agreeOnSendTime" {
		if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
			value = say("{0}（{1}）", "{0} ({1})", text, time.UnixMilli(ms).In(policy.Zone()).Format(time.DateTime))
		}
	}
	if slices.Contains(x.Filled, f.Path) {
		return say("{0}（由引擎填入）", "{0} (filled in by the engine)", value)
	}
	return value
}

// concluded is the verdict, and the code of the answer.
func (w *writer) concluded(x *products.Example) Block {
	facts := []Fact{{say("结论", "Verdict"), verdictWord(x.Decision.Verdict())}, {say("答复代码", "Answered with"), verbatim(answered(&x.Decision))}}
	if d := x.Decision.Application.Derived().Paths(); len(d) > 0 {
		facts = append(facts, Fact{say("推算的字段", "Derived fields"), codes(d)})
	}
	if !x.Met {
		facts = append(facts, Fact{say("注意", "Mind"), say("与测试的预期不符", "the test expects something else")})
	}
	return Block{Facts: facts}
}

// answered is the errorCode that the caller gets.
func answered(d *policy.Decision) string {
	if worst, ok := d.Faults.Worst(); ok {
		return worst.ErrorCode()
	}
	return string(policy.KindSuccess)
}

func verdictWord(v policy.Verdict) Line {
	switch v {
	case policy.Note:
		return say("出单，附提示", "issued, with notes")
	case policy.Refer:
		return say("转人工核保", "referred")
	case policy.Reject:
		return say("拒绝", "refused")
	case policy.Accept:
	}
	return say("出单", "issued")
}

// arithmetic is a premium from its rows to its shares.
func arithmetic(r *policy.Request, p *policy.Premium) *Table {
	t := columns(say("算式", "Expression"), say("结果", "Result"), say("说明", "What it is")).number(1)
	for _, c := range products.Arithmetic(r, p) {
		t.add(verbatim(c.Formula), literal(c.Result), plain(c.Text))
	}
	return t
}

// faults are what was found, a line each.
func faults(all policy.Faults) []Line {
	lines := make([]Line, len(all))
	for i, f := range all {
		head := say("{0}：{1}", "{0}: {1}", severity(f.Severity), code(f.Code))
		if len(f.Paths) > 0 {
			head = say("{0}（{1}）", "{0} ({1})", head, codes(f.Paths))
		}
		lines[i] = say("{0}。{1}", "{0}. {1}", head, plainly(f.Message))
	}
	return lines
}

func severity(v policy.Verdict) Line {
	switch v {
	case policy.Note:
		return say("提示", "Note")
	case policy.Refer:
		return say("转人工核保", "Referred")
	case policy.Reject, policy.Accept:
	}
	return say("拒绝", "Refused")
}

// overview is a group at a glance: what each example sets, and what came.
func (w *writer) overview(all []products.Example) *Table {
	t := columns(say("算例", "Example"), say("所设字段", "What it sets"), say("结论", "Verdict"), say("费率", "Rate"), say("保费", "Premium"), say("折人民币", "In CNY"), say("问题", "Faults")).
		number(3, 4, 5)
	same := common(all)
	for i := range all {
		x := &all[i]
		d := &x.Decision
		rate, premium, cny := literal("–"), literal("–"), literal("–")
		if p := &d.Premium; p.Known() {
			if p.Rate.Sign() > 0 {
				rate = literal(percentage(p.Rate))
			}
			premium = literal(p.Rounded.Fixed(p.Currency.MinorUnit()) + " " + string(p.Currency))
			cny = literal(p.CNY.Fixed(money.CNY.MinorUnit()))
		}
		verdict := verdictWord(d.Verdict())
		if !x.Met {
			verdict = say("{0}（与测试的预期不符）", "{0} (the test expects something else)", verdict)
		}
		t.add(literal(x.Name), set(x, same), verdict, rate, premium, cny, codes(codesOf(d.Faults)))
	}
	return t
}

func codesOf(all policy.Faults) (list []string) {
	for _, f := range all {
		name := f.Code
		if f.Code == string(f.Kind) {
			name = f.ErrorCode()
		}
		list = append(list, name)
	}
	return list
}

// common are the fields that all examples of a group set to the same: they say
// nothing about one of them.
func common(all []products.Example) (paths []string) {
	for _, path := range all[0].Set {
		f, _ := policy.FieldNamed(path)
		if !slices.ContainsFunc(all, func(x products.Example) bool {
			return !slices.Contains(x.Set, path) || f.Text(x.Decision.Application.Request) != f.Text(all[0].Decision.Application.Request)
		}) {
			paths = append(paths, path)
		}
	}
	return paths
}

// set is what an example sets, those fields aside that all set alike.
func set(x *products.Example, aside []string) Line {
	var lines []Line
	for _, path := range x.Set {
		if slices.Contains(aside, path) {
			continue
		}
		f, _ := policy.FieldNamed(path)
		text := f.Shown(x.Decision.Application.Request)
		if text == "" {
			lines = append(lines, say("无 {0}", "no {0}", code(path)))
			continue
		}
		lines = append(lines, verbatim(path+" = "+strings.TrimSpace(text)))
	}
	return join(lines, "；", "; ")
}

// settings are all of them as an edition writes them.
func (w *writer) settings() Section {
	t := columns(say("键", "Key"), say("含义", "What it is"), say("值", "Value"))
	for _, s := range w.Edition.Settings() {
		value := say("（无）", "(none)")
		if s.Value != "" {
			value = verbatim(s.Value)
		}
		t.add(verbatim(s.Path), plain(headed(s.Name)), value)
	}
	return Section{
		ID: "settings", Title: say("附录：全部设置", "Appendix: all settings"),
		Blocks: []Block{
			paragraph("以版本文件的写法列出；文件没有写的键取默认值，也在其中。", "As an edition writes them. Keys that its file leaves out have their defaults, and are here too."),
			{Table: t},
		},
	}
}
