package products

import (
	"regexp"
	"strconv"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// CoreSystem is one core system of the institution, as cores.yaml tells it:
// one that books each policy (URL), or one that hands out ranges of numbers
// (Ranges).
type CoreSystem struct {
	Name       string
	URL        string // "" where Ranges is not
	Ranges     string
	Pool       string        // of the numbers; "" unless there are Ranges
	Size       int           // of a range, in numbers; 0 unless there are Ranges
	SecretFile string        // as it is written
	Deadline   time.Duration // of one call; 0 for the default
	Tenants    []policy.Tenant
}

var (
	poolGrammar = grammar{regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`), policy.Text{
		ZH: "号段池应为 1 至 64 位字母、数字、- 或 _", EN: "a pool wants 1 to 64 letters, digits, - or _"}}
	wantRangeSize = policy.Text{ZH: "应为 1 至 1000000 的整数", EN: "want a whole number, 1 to 1000000"}
)

// coreDeadline is how long a call of a core system may take.
var coreDeadline = grammar{regexp.MustCompile(`^(([1-9][0-9]{2,3}|[1-5][0-9]{4}|60000)ms|([1-9]|[1-5][0-9]|60)s)$`), policy.Text{
	ZH: "应为 100ms 至 60s 的时长，如 800ms、3s", EN: "want 100ms to 60s, such as 800ms or 3s"}}

// defaultRangeSize is how many numbers are asked for at once.
const defaultRangeSize = 1000

// LoadCores reads the bytes of a cores.yaml; name stands in the Problems that it
// answers where anything is wrong:
//
//	cores:
//	  production: {url: https://core.example/bookings, secret_file: core-secret, deadline: 3s, tenants: [12345678]}
//	  blocks:     {ranges: https://core.example/ranges, pool: SURETY, size: 1000, secret_file: core-secret, tenants: [87654321]}
//
// A tenant belongs to one core system at most, and no two have the same address
// and pool: test and production never share numbers. Where apps are told, a
// tenant has to be one of them: a slip would have policies numbered by chudan.
func LoadCores(name string, data []byte, apps ...policy.Tenant) ([]CoreSystem, error) {
	f := newFile(name, data)
	var all []CoreSystem
	if root := f.parse(); root != nil {
		f.mapping(root, key{"cores", true, f.cores(&all, apps)})
	}
	if err := f.problems.asError(); err != nil {
		return nil, err
	}
	return all, nil
}

// cores reads the core systems by their names.
func (f *file) cores(into *[]CoreSystem, apps []policy.Tenant) read {
	return func(n *node) {
		if !f.is(n, mapping) {
			return
		}
		if len(n.entries) == 0 {
			f.refuse(n, codeEmpty, policy.Text{ZH: "没有核心系统", EN: "there is no core system"}, policy.Text{})
		}
		tenants, addresses := tenancy{apps, make(taken)}, make(taken)
		for _, e := range n.entries {
			if !f.follows(e.key, systemGrammar) {
				continue
			}
			c := CoreSystem{Name: e.key.text}
			f.core(e, &c, tenants, addresses)
			*into = append(*into, c)
		}
	}
}

// core reads one core system.
func (f *file) core(e entry, c *CoreSystem, tenants tenancy, addresses taken) {
	f.mapping(e.value,
		key{"url", false, f.systemURL(&c.URL)},
		key{"ranges", false, f.systemURL(&c.Ranges)},
		key{"pool", false, f.named(&c.Pool, poolGrammar)},
		key{"size", false, f.rangeSize(&c.Size)},
		key{"secret_file", true, f.text(&c.SecretFile)},
		key{"deadline", false, f.deadline(&c.Deadline, coreDeadline)},
		key{"tenants", true, f.each(f.tenant(&c.Tenants, tenants))},
	)
	if e.value.kind != mapping {
		return
	}
	books, hands := e.value.entry("url"), e.value.entry("ranges")
	switch {
	case books.key == nil && hands.key == nil:
		f.refuse(e.key, codeMissingKey, policy.Text{ZH: "缺少 url（逐单出号）或 ranges（号段）", EN: "missing here: url (each policy is booked) or ranges (of numbers)"}, policy.Text{})
		return
	case books.key != nil && hands.key != nil:
		f.refuse(hands.key, codeUnknownKey, policy.Text{ZH: "url 与 ranges 只能写一个", EN: "url and ranges do not go together"}, policy.Text{})
		return
	case hands.key != nil && e.value.child("pool") == nil:
		f.refuse(hands.key, codeMissingKey, policy.Text{ZH: "ranges 还需要 pool", EN: "ranges need a pool as well"}, policy.Text{})
	case books.key != nil:
		for _, name := range [...]string{"pool", "size"} {
			if k := e.value.entry(name).key; k != nil {
				f.refuse(k, codeUnknownKey, policy.Text{ZH: name + " 只用于 ranges", EN: name + " goes with ranges only"}, policy.Text{})
			}
		}
	case c.Size == 0:
		c.Size = defaultRangeSize
	}
	at := books.value
	if at == nil {
		at = hands.value
	}
	if address := address(c.URL + c.Ranges); address != "" {
		f.once(at, address+" "+c.Pool, addresses,
			policy.Text{ZH: "与另一核心系统的地址（及号段池）相同：测试与生产不得共用号码", EN: "another core system has the same address (and pool): test and production never share numbers"})
	}
}

// rangeSize reads how many numbers are asked for at once.
func (f *file) rangeSize(into *int) read {
	return func(n *node) {
		text, ok := f.word(n)
		if !ok {
			return
		}
		size, err := strconv.ParseUint(text, 10, 31)
		if err != nil || size < 1 || size > 1_000_000 || text[0] == '0' {
			f.bad(n, codeNumber, policy.Text{ZH: shown(text) + "：" + wantRangeSize.ZH, EN: shown(text) + ": " + wantRangeSize.EN}, policy.Text{})
			return
		}
		*into = int(size)
	}
}
