package products

import (
	"regexp"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// Institution is the insurer, as institution.yaml tells it.
type Institution struct {
	Name    policy.Text // 保险人
	Address policy.Text // for the e-policy; each of these may be empty
	Phone   string
	Website string
	Numbers policy.Numbering // of its policies
}

var (
	phoneGrammar = grammar{regexp.MustCompile(`^[0-9+][0-9 ()-]{2,31}$`), policy.Text{
		ZH: "应为电话号码，如 95500 或 +86 21 0000 0000", EN: "want a phone number, such as 95500 or +86 21 0000 0000"}}
	websiteGrammar = grammar{regexp.MustCompile(`^https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[\x21-\x7e]*)?$`), policy.Text{
		ZH: "应为网址，如 https://www.example.com", EN: "want a web address, such as https://www.example.com"}}
)

// LoadInstitution reads the bytes of an institution.yaml; name stands in the
// Problems that it answers where anything is wrong:
//
//	name: {zh: 示例保险公司, en: Example Insurance}
//	address: 上海市示例路 1 号
//	phone: "95500"
//	website: https://www.example.com
//	number:
//	  template: "{prefix}{date}{sequence:8}{check}"
//	  prefix: {PERFORMANCE_SURETY_BONDS: PBDI, default: PBDI}
//
// Only the name is required.
func LoadInstitution(name string, data []byte) (Institution, error) {
	f := newFile(name, data)
	i := ExampleInstitution()
	if root := f.parse(); root != nil {
		i.Name = policy.Text{}
		f.mapping(root,
			key{"name", true, f.label(&i.Name)},
			key{"address", false, f.label(&i.Address)},
			key{"phone", false, f.named(&i.Phone, phoneGrammar)},
			key{"website", false, f.named(&i.Website, websiteGrammar)},
			key{"number", false, i.numbering(f)},
		)
	}
	if err := f.problems.asError(); err != nil {
		return Institution{}, err
	}
	return i, nil
}

// numbering reads the template of policy numbers and the class prefixes of the
// products.
func (i *Institution) numbering(f *file) read {
	return func(n *node) {
		before := len(f.problems)
		template, prefixes := policy.DefaultNumberTemplate, examplePrefixes()
		f.mapping(n,
			key{"template", false, f.text(&template)},
			key{"prefix", false, f.prefixes(&prefixes)},
		)
		if len(f.problems) > before {
			return
		}
		at := n.child("template")
		numbers, err := policy.ParseNumbering(template, examplePrefixes())
		if err == nil {
			at = n.child("prefix")
			numbers, err = policy.ParseNumbering(template, prefixes)
		}
		if err != nil {
			said := strings.TrimPrefix(err.Error(), "policy: ")
			f.refuse(at, codeNumbering, policy.Text{ZH: "保单号不正确：" + said, EN: said}, policy.Text{})
			return
		}
		i.Numbers = numbers
	}
}

// prefixes reads the class prefix of each product by its code, and the one of
// all others under default.
func (f *file) prefixes(into *map[string]string) read {
	return func(n *node) {
		if !f.is(n, mapping) {
			return
		}
		*into = make(map[string]string, len(n.entries))
		for _, e := range n.entries {
			if e.key.text != "default" && !f.follows(e.key, productGrammar) {
				continue
			}
			prefix := ""
			f.named(&prefix, prefixGrammar)(e.value)
			(*into)[e.key.text] = prefix
		}
	}
}

var prefixGrammar = grammar{regexp.MustCompile(`^[A-Z0-9]{1,16}$`), policy.Text{
	ZH: "前缀应为 1 至 16 位大写字母或数字", EN: "want a prefix: 1 to 16 capital letters or digits"}}

// ExampleInstitution is an insurer that nobody takes for a real one, for a
// first look on loopback.
func ExampleInstitution() Institution {
	numbers, _ := policy.ParseNumbering(policy.DefaultNumberTemplate, examplePrefixes()) // a test shows that it is sound
	return Institution{Name: policy.Text{ZH: "示例保险公司", EN: "Example Insurance"}, Numbers: numbers}
}

// examplePrefixes begin a number like the API page's own, PBDI20211201Q000Fxxxx.
func examplePrefixes() map[string]string { return map[string]string{"default": "PBDI"} }
