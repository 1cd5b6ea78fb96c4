package products

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
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
	coreNameGrammar = grammar{regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,31}$`), policy.Text{
		ZH: "名称以字母开头，由字母、数字、- 与 _ 组成，最多 32 位", EN: "a name is a letter and letters, digits, - or _, at most 32"}}
	tenantGrammar = grammar{regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`), policy.Text{
		ZH: "应为应用的 App Key（或其 tenant=），1 至 64 位字母、数字、.、- 或 _", EN: "want the app key of an app (or its tenant=): 1 to 64 letters, digits, ., - or _"}}
	poolGrammar = grammar{regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`), policy.Text{
		ZH: "号段池应为 1 至 64 位字母、数字、- 或 _", EN: "a pool wants 1 to 64 letters, digits, - or _"}}
	wantCoreURL = policy.Text{
		ZH: "应为 https 地址（http 仅限本机），不含用户名、# 与空格", EN: "want an https address (http on loopback only), without user, # and spaces"}
	wantDeadline  = policy.Text{ZH: "应为 100ms 至 60s 的时长，如 800ms、3s", EN: "want 100ms to 60s, such as 800ms or 3s"}
	wantRangeSize = policy.Text{ZH: "应为 1 至 1000000 的整数", EN: "want a whole number, 1 to 1000000"}
)

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
// and pool: test and production never share numbers.
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

// taken remembers where something stands that may stand once.
type taken map[string]*node

// cores reads the core systems by their names.
func (f *file) cores(into *[]CoreSystem) read {
	return func(n *node) {
		if !f.is(n, mapping) {
			return
		}
		if len(n.entries) == 0 {
			f.refuse(n, codeEmpty, policy.Text{ZH: "没有核心系统", EN: "there is no core system"}, policy.Text{})
		}
		tenants, addresses := make(taken), make(taken)
		for _, e := range n.entries {
			if !f.follows(e.key, coreNameGrammar) {
				continue
			}
			c := CoreSystem{Name: e.key.text}
			f.core(e, &c, tenants, addresses)
			*into = append(*into, c)
		}
	}
}

// core reads one core system.
func (f *file) core(e entry, c *CoreSystem, tenants, addresses taken) {
	f.mapping(e.value,
		key{"url", false, f.coreURL(&c.URL)},
		key{"ranges", false, f.coreURL(&c.Ranges)},
		key{"pool", false, f.named(&c.Pool, poolGrammar)},
		key{"size", false, f.rangeSize(&c.Size)},
		key{"secret_file", true, f.text(&c.SecretFile)},
		key{"deadline", false, f.deadline(&c.Deadline)},
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

// once notes what stands a second time, and where it stood first.
func (f *file) once(n *node, value string, in taken, message policy.Text) bool {
	first, twice := in[value]
	if !twice {
		in[value] = n
		return true
	}
	before := len(f.problems)
	f.refuse(n, codeDuplicate, message, policy.Text{})
	if len(f.problems) > before {
		f.problems[before].Also = []Place{f.place(first)}
	}
	return false
}

// tenant reads an app, which has one core system.
func (f *file) tenant(into *[]policy.Tenant, in taken) read {
	return func(n *node) {
		text := ""
		f.named(&text, tenantGrammar)(n)
		if text != "" && f.once(n, text, in, policy.Text{ZH: shown(text) + " 已属于另一核心系统", EN: shown(text) + " has a core system already"}) {
			*into = append(*into, policy.Tenant(text))
		}
	}
}

// coreURL reads the address of a core system.
func (f *file) coreURL(into *string) read {
	return func(n *node) {
		text, ok := f.word(n)
		if !ok {
			return
		}
		u, err := url.Parse(text)
		if err != nil || u.Hostname() == "" || u.User != nil || strings.ContainsAny(text, "# \t\n") ||
			u.Scheme != "https" && (u.Scheme != "http" || !policy.IsLoopback(u.Hostname())) {
			f.bad(n, codeName, wantCoreURL, policy.Text{})
			return
		}
		*into = text
	}
}

// address is one that is written in several ways, in one.
func address(text string) string {
	u, err := url.Parse(text)
	if err != nil || text == "" {
		return ""
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	path := strings.TrimRight(u.EscapedPath(), "/")
	return fmt.Sprintf("%s://%s:%s%s?%s", u.Scheme, strings.ToLower(u.Hostname()), port, path, u.Query().Encode())
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

var deadlineForm = regexp.MustCompile(`^[1-9][0-9]{0,5}(ms|s)$`)

// deadline reads how long one call may take.
func (f *file) deadline(into *time.Duration) read {
	return func(n *node) {
		text, ok := f.word(n)
		if !ok {
			return
		}
		span, err := time.ParseDuration(text)
		if err != nil || !deadlineForm.MatchString(text) || span < 100*time.Millisecond || span > time.Minute {
			hint := policy.Text{}
			if slices.ContainsFunc([]string{"1", "2", "3", "5", "10", "30"}, func(s string) bool { return s == text }) {
				hint = meant(text + "s")
			}
			f.bad(n, codeNumber, policy.Text{ZH: shown(text) + "：" + wantDeadline.ZH, EN: shown(text) + ": " + wantDeadline.EN}, hint)
			return
		}
		*into = span
	}
}
