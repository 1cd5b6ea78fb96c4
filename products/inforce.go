package products

import (
	"fmt"
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// inForceKey is the key of a fact that the store knows: what is in force per
// the same fields.
const inForceKey = "in_force_per"

// maxPer is how many fields tell whose policies are added up.
const maxPer = 4

// inForce reads a fact that the store knows. Its fields are kept in page order:
// the order in which they are written means nothing.
func (f *file) inForce(n *node, into *policy.FactSpec) {
	into.Type = policy.FactMoney
	rest := *n
	if typed := n.entry("type"); typed.key != nil {
		f.badType(n, typed)
		rest.entries = slices.DeleteFunc(slices.Clone(n.entries), func(e entry) bool { return e.key == typed.key })
		if len(rest.entries) == 0 {
			return
		}
	}
	var paths []string
	before := len(f.problems)
	f.mapping(&rest, key{inForceKey, true, func(n *node) {
		f.each(f.perField(&paths))(n)
		if len(n.items) > maxPer {
			f.refuse(n.items[maxPer], codeTooLong, policy.Text{
				ZH: fmt.Sprintf("字段过多：%d 个，最多 %d 个", len(n.items), maxPer), EN: fmt.Sprintf("there are %d fields, at most %d fit", len(n.items), maxPer),
			}, policy.Text{})
		}
	}})
	if len(f.problems) == before {
		into.PerFields = policy.SetOf(paths...).Paths()
	}
}

// nameless refuses a fact that stands where its name belongs.
func (f *file) nameless(key *node) {
	f.refuse(key, codeName, policy.Text{ZH: inForceKey + " 之前缺少事实的名称", EN: "before " + inForceKey + " stands the name of the fact"},
		policy.Text{ZH: "如 sellerInForceCny: {in_force_per: orderSubjectMatterInfo.sellerId}", EN: "as in sellerInForceCny: {in_force_per: orderSubjectMatterInfo.sellerId}"})
}

// badType refuses to be told the type at a key of its own.
func (f *file) badType(n *node, typed entry) {
	hint := policy.Text{ZH: "在保累计总是金额，请删除 type", EN: "what is in force is always money; take type out"}
	if len(n.entries) == 1 {
		hint = policy.Text{ZH: "类型直接写在名称之后：sellerBlocked: bool", EN: "the type itself stands behind the name: sellerBlocked: bool"}
	}
	f.refuse(typed.key, codeUnknownKey, policy.Text{ZH: "未知的键 type", EN: "unknown key type"}, hint)
}

// perField reads one of the fields. It may be personal: it is compared, and
// shown to nobody.
func (f *file) perField(into *[]string) read {
	return func(n *node) {
		path, ok := f.word(n)
		if !ok {
			return
		}
		field, known := policy.FieldNamed(path)
		if !known {
			f.unknownPer(n, path)
			return
		}
		if why := tellsNobody(field); why != (policy.Text{}) {
			f.refuse(n, codeValue, why, perHint)
			return
		}
		*into = append(*into, path)
	}
}

var perHint = policy.Text{
	ZH: "请写限额所针对的对象，如 orderSubjectMatterInfo.sellerId", EN: "name whom or what the limit is about, as in orderSubjectMatterInfo.sellerId",
}

// unknownPer notes a field that the page does not have. One that is called so
// within an object was probably meant, if it can stand here.
func (f *file) unknownPer(n *node, path string) {
	if f.full() {
		return
	}
	var may, within []string // the fields that may stand here, and those that are called so or stand in what is called so
	hint := policy.Text{}
	for _, field := range policy.Fields() {
		why := tellsNobody(field)
		object, last, _ := strings.Cut(field.Path, ".")
		switch same := path == last || path == object && last != ""; {
		case why == (policy.Text{}) && same:
			within = append(within, field.Path)
			fallthrough
		case why == (policy.Text{}):
			may = append(may, field.Path)
		case path == last:
			hint = why
		}
	}
	switch {
	case policy.IsObject(path):
		hint = policy.Text{ZH: path + " 是对象；" + oneOf(within).ZH, EN: path + " is an object; want " + oneOf(within).EN}
	case len(within) > 0:
		hint = meant(within...)
	case hint == (policy.Text{}):
		if hint = f.did(path, may); hint == (policy.Text{}) {
			hint = perHint
		}
	}
	f.bad(n, codeField, policy.Text{ZH: "接口文档中没有字段 " + shown(path), EN: "the API page has no field " + shown(path)}, hint)
}

// ownOnly are texts that no two policies share.
var ownOnly = []string{"identifier", "insureId", "attrs.premiumFundStreamNo"}

// tellsNobody is why policies cannot be added up per a field; empty where they
// can: it tells who or what a policy is about.
func tellsNobody(f policy.Field) policy.Text {
	switch p := f.Path; {
	case slices.Contains(ownOnly, p):
		return policy.Text{ZH: p + " 每张保单各不相同，累计不起来", EN: p + " is another one for each policy: nothing would add up"}
	case f.Form == policy.FormTime:
		return policy.Text{ZH: p + " 是时间，不表明是谁或是什么", EN: p + " is a time, and tells neither who nor what"}
	case f.Form == policy.FormList:
		return policy.Text{ZH: p + " 是列表，一张保单会同时属于多项", EN: p + " is a list: one policy would count for several things"}
	case f.Form != policy.FormText:
		return policy.Text{ZH: p + " 是数值，不表明是谁或是什么", EN: p + " is a number, and tells neither who nor what"}
	}
	return policy.Text{}
}

// meantInForce refuses what people write for a fact that the store knows, where
// a type belongs.
func (f *file) meantInForce(n *node) bool {
	isPath := func(n *node) bool {
		_, known := policy.FieldNamed(n.value())
		return n.kind == scalar && known
	}
	var fields string
	switch {
	case n.kind == list && len(n.items) > 0 && !slices.ContainsFunc(n.items, func(i *node) bool { return !isPath(i) }):
		var paths []string
		for _, i := range n.items[:min(maxPer, len(n.items))] {
			paths = append(paths, i.value())
		}
		fields = "[" + strings.Join(paths, ", ") + "]"
	case isPath(n):
		fields = n.value()
	case n.kind == scalar && slices.Contains(inForceWords, squeeze(strings.TrimSuffix(n.value(), ":"))):
		fields = "orderSubjectMatterInfo.sellerId"
	default:
		return false
	}
	f.refuse(n, codeValue, policy.Text{ZH: "这里写类型，或按哪些字段累计", EN: "want a type, or the fields per which the sum in force is meant"},
		meant("{"+inForceKey+": "+fields+"}"))
	return true
}

// inForceWords are what people call the sum that is in force, squeezed.
var inForceWords = []string{"inforce", "inforceper", "exposure", "accumulation", "aggregate", "accumulated", "在保", "累计", "累计责任", "在保保额"}

// apart refuses facts that say the same.
func (f *file) apart(n *node, facts []policy.FactSpec) {
	for i, fact := range facts {
		same := func(other policy.FactSpec) bool { return slices.Equal(other.PerFields, fact.PerFields) }
		if first := slices.IndexFunc(facts, same); len(fact.PerFields) > 0 && first < i {
			name := facts[first].Name
			f.refuse(n.entries[i].value.child(inForceKey), codeDuplicate, policy.Text{ZH: name + " 已按同样的字段累计", EN: name + " is the sum per the same fields already"},
				policy.Text{ZH: "两处都读取 facts." + name, EN: "read facts." + name + " in both places"})
		}
	}
}

// inForceShape is what inForce reads.
func inForceShape() *shape {
	fields := oneOrMore(fieldNames(func(f policy.Field) bool { return tellsNobody(f) == (policy.Text{}) }, false))
	fields.AnyOf[1].MaxItems = maxPer
	return object(property{inForceKey, true, fields, policy.Text{
		ZH: "在保保额之和（CNY）：按这些字段与本次投保相同的保单累计，不含本次", EN: "The sum insured in force, in CNY, of the policies in which these fields are the same; this application is not in it"},
		[]any{"orderSubjectMatterInfo.sellerId", []string{"productCode", "orderSubjectMatterInfo.sellerId"}}})
}
