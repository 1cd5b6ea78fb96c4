package products

import (
	"fmt"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// Text is the reports as people read them: what is no success, then one line
// for each edition and what its cases did not show.
func (rs Reports) Text(lang policy.Lang) string {
	var b strings.Builder
	for _, r := range rs {
		b.WriteString(r.Text(lang))
	}
	return b.String()
}

// Text is the report as people read it.
func (r Report) Text(lang policy.Lang) string {
	var b strings.Builder
	for _, c := range r.Cases {
		if !c.OK() {
			b.WriteString(c.Text(lang))
		}
	}
	is := func(o Outcome) func(Result) bool { return func(r Result) bool { return r.Outcome == o } }
	b.WriteString(r.File + ": " + policy.Text{
		ZH: fmt.Sprintf("%d 个用例，%d 个通过", len(r.Cases), r.count(is(Passed))),
		EN: fmt.Sprintf("%d cases, %d passed", len(r.Cases), r.count(is(Passed))),
	}.In(lang))
	for _, more := range [...]struct {
		n    int
		text policy.Text
	}{
		{r.count(is(Failed)), policy.Text{ZH: "，%d 个失败", EN: ", %d failed"}},
		{r.count(is(Skipped)), policy.Text{ZH: "，%d 个跳过", EN: ", %d skipped"}},
	} {
		if more.n > 0 {
			fmt.Fprintf(&b, more.text.In(lang), more.n)
		}
	}
	b.WriteString("\n")
	if !r.Partial {
		for _, c := range r.Coverage {
			if c.Total > 0 {
				b.WriteString(c.Text(lang))
			}
		}
	}
	return b.String()
}

// Text is the case as people read it: where it stands, and what came otherwise.
func (r Result) Text(lang policy.Lang) string {
	var b strings.Builder
	said := map[Outcome]policy.Text{
		Passed:  {ZH: "通过", EN: "passed"},
		Failed:  {ZH: "失败", EN: "failed"},
		Skipped: {ZH: "跳过", EN: "skipped"},
	}[r.Outcome]
	fmt.Fprintf(&b, "%s:%d: %s: %s", r.File, r.Line, r.Name, said.In(lang))
	if reason := r.Reason.In(lang); reason != "" {
		b.WriteString(policy.Text{ZH: "：", EN: ": "}.In(lang) + reason)
	}
	if r.Focused {
		b.WriteString(policy.Text{ZH: "，但标有 only，不算成功", EN: ", but it says only, which is no success"}.In(lang))
	}
	b.WriteString("\n")
	for _, d := range r.Differences {
		b.WriteString("    " + d.Text(lang) + "\n")
	}
	return b.String()
}

// names are what differences are called.
var names = map[string]policy.Text{
	"verdict":      {ZH: "结论", EN: "verdict"},
	"premium":      {ZH: "保费", EN: "premium"},
	"rate":         {ZH: "费率", EN: "rate"},
	"premiumOfCny": {ZH: "人民币保费", EN: "premiumOfCny"},
}

// Text is the difference in one line.
func (d Difference) Text(lang policy.Lang) string {
	switch {
	case d.Of == "fault" && d.Got == "":
		return policy.Text{ZH: "缺少问题 " + d.Want, EN: "fault missing: " + d.Want}.In(lang)
	case d.Of == "fault":
		return policy.Text{ZH: "多出问题 " + d.Got + "：" + d.Message.ZH, EN: "fault not expected: " + d.Got + ": " + d.Message.In(policy.English)}.In(lang)
	}
	name, known := names[d.Of]
	if !known {
		name = policy.Text{ZH: d.Of, EN: d.Of}
	}
	want, got := d.Want, d.Got
	if none := (policy.Text{ZH: "无", EN: "none"}).In(lang); want == "" {
		want = none
	} else if got == "" {
		got = none
	}
	return policy.Text{
		ZH: name.ZH + "：应为 " + want + "，实为 " + got,
		EN: name.EN + ": want " + want + ", got " + got,
	}.In(lang)
}

// Text is the coverage in one line, and a line for each thing that no case
// showed.
func (c Coverage) Text(lang policy.Lang) string {
	var b strings.Builder
	of := map[string]policy.Text{
		"rules":      {ZH: "规则", EN: "rules"},
		"conditions": {ZH: "条件", EN: "conditions"},
		"rows":       {ZH: "表行", EN: "rows of tables"},
	}[c.Of]
	b.WriteString("    " + policy.Text{
		ZH: fmt.Sprintf("%s覆盖 %d%%（%d/%d）", of.ZH, c.Percent(), c.Seen, c.Total),
		EN: fmt.Sprintf("%s covered %d%% (%d of %d)", of.EN, c.Percent(), c.Seen, c.Total),
	}.In(lang))
	if c.Below() {
		b.WriteString(policy.Text{
			ZH: fmt.Sprintf("，低于要求的 %d%%", c.Required),
			EN: fmt.Sprintf(", below the required %d%%", c.Required),
		}.In(lang))
	}
	b.WriteString("\n")
	for _, g := range c.Missing {
		b.WriteString("        " + g.Message.In(lang) + "\n")
	}
	return b.String()
}
