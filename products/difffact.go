package products

import (
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// facts compares the facts that two editions declare.
func (d *differ) facts() {
	of := func(f policy.FactSpec) subject {
		return called("fact", "facts", f.Name, policy.Text{ZH: "事实", EN: "fact"})
	}
	pairing[policy.FactSpec]{
		name: func(f policy.FactSpec) string { return f.Name },
		gone: func(f policy.FactSpec) { d.fact(of(f), "-removed", &f, nil) },
		came: func(f policy.FactSpec) { d.fact(of(f), "-added", nil, &f) },
		both: func(b, a policy.FactSpec) {
			if writtenFact(b) != writtenFact(a) {
				d.fact(of(a), "-changed", &b, &a)
			}
		},
	}.walk(d.before.terms.Facts, d.after.terms.Facts)
}

// fact tells of a fact that came, went or changed: as it is written to
// programs, in words to people. nil stands for an edition without it.
func (d *differ) fact(s subject, how string, before, after *policy.FactSpec) {
	c := Change{}
	var was, is policy.Text
	if before != nil {
		c.Before, was = writtenFact(*before), saidFact(*before)
	}
	if after != nil {
		c.After, is = writtenFact(*after), saidFact(*after)
	}
	zh, en := s.title.ZH, s.title.EN
	switch {
	case before == nil:
		c.Text = policy.Text{ZH: "新增" + zh + "：" + is.ZH, EN: en + " added: " + is.EN}
	case after == nil:
		c.Text = policy.Text{ZH: "删除" + zh + "：" + was.ZH, EN: en + " removed: " + was.EN}
	case len(before.PerFields) > 0 && len(after.PerFields) > 0:
		was, is = PerWords(*before), PerWords(*after)
		c.Text = policy.Text{ZH: zh + "：现按" + is.ZH + "累计在保保额，原按" + was.ZH, EN: en + ": the sum in force is now per " + is.EN + ", before per " + was.EN}
	default:
		c.Text = policy.Text{ZH: zh + "：" + was.ZH + " → " + is.ZH, EN: en + ": " + was.EN + " → " + is.EN}
	}
	d.put(how, s, c)
}

// writtenFact is what stands behind the name of a fact in a file.
func writtenFact(f policy.FactSpec) string {
	if len(f.PerFields) == 0 {
		return string(f.Type)
	}
	return inForceKey + ": [" + strings.Join(f.PerFields, ", ") + "]"
}

// saidFact says what a fact is.
func saidFact(f policy.FactSpec) policy.Text {
	per := PerWords(f)
	if per == (policy.Text{}) {
		return policy.Text{ZH: string(f.Type), EN: string(f.Type)}
	}
	return policy.Text{ZH: "按" + per.ZH + "累计的在保保额（CNY）", EN: "the sum insured in force per " + per.EN + ", in CNY"}
}
