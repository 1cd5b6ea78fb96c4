package rulebook

import (
	"slices"
	"strconv"
	"time"

	"github.com/chudan-io/chudan/policy"
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
		s.Blocks = []Block{paragraph("没有取得本版本的测试，因此没有算例。", "No tests of the edition were at hand, and so there are no examples.")}
		return s
	}
	s.Blocks = []Block{paragraph(
		"算例取自版本的测试用例，共 {0} 个；结论与数字均由引擎在生成本书时算出，每组的第一个列出全部步骤。个人信息已脱敏。",
		"The examples are the cases of the edition's tests, {0} of them. Verdicts and numbers are what the engine computed when this book was made, and the first of each group is told step by step. Personal data is masked.", len(all))}
	teller := &teller{first: &all[0]}
	for i := 0; i < len(all); {
		end := i + 1
		for end < len(all) && all[end].Group == all[i].Group {
			end++
		}
		s.Parts = append(s.Parts, teller.group(all[i:end]))
		i = end
	}
	return s
}

// teller tells examples one behind the other, and does not repeat itself.
type teller struct {
	first *products.Example
	count int                      // of the groups so far
	sums  [][]products.Calculation // of each of them
}

// group is a case with its rows: the first in full, then all of them in a table.
func (t *teller) group(all []products.Example) Section {
	t.count++
	s := Section{ID: "example-" + strconv.Itoa(t.count), Title: say("算例 {0}：{1}", "Example {0}: {1}", t.count, all[0].Group)}
	s.Blocks = t.worked(&all[0])
	if len(all) > 1 {
		s.Blocks = append(s.Blocks, paragraph("同组全部算例：", "All of the group:"), Block{Table: overview(all)})
	}
	return s
}

// worked is an example step by step.
func (t *teller) worked(x *products.Example) []Block {
	d := &x.Decision
	blocks := t.given(x)
	if facts := stated(x); len(facts) > 0 {
		blocks = append(blocks, paragraph("事实：", "The facts:"), Block{Facts: facts})
	}
	blocks = append(blocks, concluded(x))
	if len(d.Faults) > 0 {
		blocks = append(blocks, Block{List: faults(d.Faults)})
	}
	var sums []products.Calculation
	if d.Premium.Known() {
		sums = products.Arithmetic(d.Application.Request, &d.Premium)
		same := slices.IndexFunc(t.sums, func(other []products.Calculation) bool { return slices.Equal(sums, other) })
		if same < 0 {
			blocks = append(blocks, Block{Table: arithmetic(sums)})
		} else {
			blocks = append(blocks, paragraph("保费的计算同算例 {0}。", "The premium is computed as in example {0}.", same+1))
		}
	}
	t.sums = append(t.sums, sums)
	return blocks
}

// given is the request: of the first example what has to do with the decision,
// of the others what they have otherwise.
func (t *teller) given(x *products.Example) []Block {
	r, before := x.Decision.Application.Request, t.first.Decision.Application.Request
	table := columns(say("请求", "The request"), say("字段", "Field"), say("值", "Value"))
	for _, f := range policy.Fields() {
		if x != t.first && f.Text(r) != f.Text(before) || x == t.first && f.Text(r) != "" && tells(f) {
			name, _ := nameOf(f.Path)
			table.add(plain(headed(name)), verbatim(f.Path), sent(f, x))
		}
	}
	switch {
	case x == t.first:
		return []Block{{Table: table}}
	case len(table.Rows) == 0:
		return []Block{paragraph("请求同算例 1。", "The request is that of example 1.")}
	}
	return []Block{paragraph("请求同算例 1，但：", "The request is that of example 1, but for:"), {Table: table}}
}

// tells tells whether a field has to do with most decisions: names and numbers
// of parties and goods have not.
func tells(f policy.Field) bool {
	return !f.Personal && (f.Form != policy.FormText || f.Path == "currency")
}

// sent is the text of a field, and how it came there.
func sent(f policy.Field, x *products.Example) Line {
	text := f.Shown(x.Decision.Application.Request)
	value := literal(text)
	switch ms, err := strconv.ParseInt(text, 10, 64); {
	case text == "":
		value = say("（未提供）", "(not given)")
	case f.Path == "attrs.agreeOnSendTime" && err == nil:
		value = say("{0}（{1}）", "{0} ({1})", text, time.UnixMilli(ms).In(policy.Zone()).Format(time.DateTime))
	}
	if slices.Contains(x.Filled, f.Path) && text != "" {
		return say("{0}（由引擎填入）", "{0} (filled in by the engine)", value)
	}
	return value
}

// concluded is the verdict, and the code of the answer.
func concluded(x *products.Example) Block {
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
func arithmetic(sums []products.Calculation) *Table {
	t := columns(say("算式", "Expression"), say("结果", "Result"), say("说明", "What it is")).number(1)
	for _, c := range sums {
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
