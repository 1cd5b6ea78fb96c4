package rulebook

import (
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
	"github.com/chudan-io/chudan/products"
)

// overview is a group at a glance: what each example sets, and what came.
func overview(all []products.Example) *Table {
	t := columns(say("算例", "Example"), say("所设字段", "What it sets"), say("结论", "Verdict"), say("费率", "Rate"), say("保费", "Premium"), say("折人民币", "In CNY"), say("问题", "Faults")).
		number(3, 4, 5)
	same, told := common(all), differing(all)
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
		t.add(literal(x.Name), set(x, same, told), verdict, rate, premium, cny, codes(codesOf(d.Faults)))
	}
	return t
}

// codesOf are the codes of faults; those that are no rule's name the field.
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

// set is what an example sets, those fields aside that all set alike, and the
// facts that are not the same in all.
func set(x *products.Example, aside, told []string) Line {
	var lines []Line
	for _, f := range stated(x) {
		if slices.Contains(told, f.Name.Text(policy.English)) {
			lines = append(lines, say("{0} = {1}", "{0} = {1}", f.Name, f.Value))
		}
	}
	gone := make(map[string]bool) // objects that are told already
	for _, path := range x.Set {
		if slices.Contains(aside, path) {
			continue
		}
		f, _ := policy.FieldNamed(path)
		text := f.Shown(x.Decision.Application.Request)
		object, _, _ := strings.Cut(path, ".")
		switch {
		case text != "":
			lines = append(lines, verbatim(path+" = "+strings.TrimSpace(text)))
		case !policy.IsObject(object) || x.Decision.Application.Has(object):
			lines = append(lines, say("无 {0}", "no {0}", code(path)))
		case !gone[object]:
			gone[object] = true
			lines = append(lines, say("无 {0}", "no {0}", code(object)))
		}
	}
	return join(lines, "；", "; ")
}
