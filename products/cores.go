package products

import (
	"regexp"
	"strconv"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// CoreSystem is a core system that books policies, as cores.yaml tells it.
type CoreSystem struct {
	Name       string
	URL        string        // where it is asked
	Ranges     bool          // for ranges of numbers, instead of one booking after the other
	Pool       string        // of the ranges
	Size       int           // numbers that are asked for at once; 0 where the file says nothing
	SecretFile string        // as it is written: relative to the file's directory, or absolute
	Deadline   time.Duration // of a call; 0 where the file says nothing
	Tenants    []policy.Tenant
}

var (
	addressGrammar = grammar{regexp.MustCompile(`^https?://[^\s#@]+$`), policy.Text{
		ZH: "应为 https 地址（本机可用 http）", EN: "want an https address (http on this machine)"}}
	deadlineGrammar = grammar{regexp.MustCompile(`^([1-9][0-9]{0,4}ms|[1-9]s|[12][0-9]s|30s)$`), policy.Text{
		ZH: "应为 1ms 至 30s 的时长，如 2s", EN: "want a time from 1ms to 30s, such as 2s"}}
	sizeGrammar   = grammar{regexp.MustCompile(`^[1-9][0-9]{0,6}$`), policy.Text{ZH: "应为 1 至 9999999 的整数", EN: "want a whole number from 1 to 9999999"}}
	tenantGrammar = grammar{regexp.MustCompile(`^[\x21-\x7e]{1,64}$`), policy.Text{ZH: "应为租户：1 至 64 个可见 ASCII 字符", EN: "want a tenant: 1 to 64 visible ASCII characters"}}
	pathGrammar   = grammar{regexp.MustCompile(`^.+$`), policy.Text{ZH: "应为文件名", EN: "want the name of a file"}}
	poolGrammar   = grammar{regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`), policy.Text{
		ZH: "应为 1 至 64 个字母、数字、- 或 _", EN: "want 1 to 64 letters, digits, - or _"}}
)

// LoadCores reads the bytes of a cores.yaml; name stands in the Problems that it
// answers where anything is wrong:
//
//	cores:
//	  production: {url: https://core.example.com/bookings, secret_file: core-secret, deadline: 2s, tenants: [12345678]}
//	  test:       {ranges: https://core-test.example.com/ranges, pool: SURETY, size: 1000, secret_file: test-secret, tenants: [87654321]}
//
// A tenant has one core system, and the numbers of two never come from one
// place: test and production do not share any.
func LoadCores(name string, data []byte) ([]CoreSystem, error) {
	f := newFile(name, data)
	var all []CoreSystem
	if root := f.parse(); root != nil {
		f.mapping(root, key{"cores", true, f.cores(&all)})
	}
	if err := f.problems.asError(); err != nil {
		return nil, err
	}
	return all, nil
}

func (f *file) cores(into *[]CoreSystem) read {
	return func(n *node) {
		if !f.is(n, mapping) {
			return
		}
		if len(n.entries) == 0 {
			f.refuse(n, codeEmpty, policy.Text{ZH: "至少应有一个核心系统", EN: "want at least one core system"}, policy.Text{})
		}
		tenants, places := map[policy.Tenant]string{}, map[string]string{}
		for _, e := range n.entries {
			before := len(f.problems)
			c := CoreSystem{Name: e.key.text}
			f.follows(e.key, poolGrammar)
			f.core(e.value, &c, tenants)
			place := c.URL + " " + c.Pool
			if other := places[place]; other != "" && len(f.problems) == before {
				f.refuse(e.key, codeDuplicate, policy.Text{
					ZH: "号码与 " + other + " 来自同一处，测试与生产不得共用号码；若是同一系统，请合并 tenants",
					EN: "its numbers come from the same place as those of " + other + ", and test and production never share any; if it is one system, put their tenants together",
				}, policy.Text{})
			}
			places[place] = c.Name
			*into = append(*into, c)
		}
	}
}

// core reads one core system. tenants are those of the systems before it.
func (f *file) core(n *node, c *CoreSystem, tenants map[policy.Tenant]string) {
	var asked, ranges, size, deadline string
	f.mapping(n,
		key{"url", false, f.named(&asked, addressGrammar)},
		key{"ranges", false, f.named(&ranges, addressGrammar)},
		key{"pool", false, f.named(&c.Pool, poolGrammar)},
		key{"size", false, f.named(&size, sizeGrammar)},
		key{"secret_file", true, f.named(&c.SecretFile, pathGrammar)},
		key{"deadline", false, f.named(&deadline, deadlineGrammar)},
		key{"tenants", true, f.each(func(item *node) {
			var text string
			f.named(&text, tenantGrammar)(item)
			t := policy.Tenant(text)
			if other := tenants[t]; other != "" && text != "" {
				f.refuse(item, codeDuplicate, policy.Text{ZH: "租户 " + text + " 已属于 " + other, EN: "the tenant " + text + " belongs to " + other + " already"}, policy.Text{})
			}
			tenants[t] = c.Name
			c.Tenants = append(c.Tenants, t)
		})},
	)
	if n.kind != mapping {
		return
	}
	if (asked == "") == (ranges == "") {
		f.refuse(n, codeMissingKey, policy.Text{ZH: "url 与 ranges 应恰有其一", EN: "want either url or ranges"}, policy.Text{})
	}
	if ranges == "" && c.Pool+size != "" {
		f.refuse(n, codeUnknownKey, policy.Text{ZH: "pool 与 size 只用于 ranges", EN: "pool and size go with ranges only"}, policy.Text{})
	}
	c.URL, c.Ranges = asked+ranges, ranges != ""
	c.Size, _ = strconv.Atoi(size) // of its grammar, or refused
	c.Deadline, _ = time.ParseDuration(deadline)
}
