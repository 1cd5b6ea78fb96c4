package products

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// What core systems and systems that answer facts have in common.
var (
	systemGrammar = grammar{regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,31}$`), policy.Text{
		ZH: "名称以字母开头，由字母、数字、- 与 _ 组成，最多 32 位", EN: "a name is a letter and letters, digits, - or _, at most 32"}}
	tenantGrammar = grammar{regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`), policy.Text{
		ZH: "应为应用的 App Key（或其 tenant=），1 至 64 位字母、数字、.、- 或 _", EN: "want the app key of an app (or its tenant=): 1 to 64 letters, digits, ., - or _"}}
	wantSystemURL = policy.Text{
		ZH: "应为 https 地址（http 仅限本机），不含用户名、# 与空格", EN: "want an https address (http on loopback only), without user, # and spaces"}
)

// taken remembers where something stands that may stand once.
type taken map[string]*node

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

// tenancy is whose a system may be.
type tenancy struct {
	apps []policy.Tenant // nil: anybody's
	in   taken           // those that have one
}

// tenant reads an app, which has one system.
func (f *file) tenant(into *[]policy.Tenant, of tenancy) read {
	return func(n *node) {
		text := ""
		f.named(&text, tenantGrammar)(n)
		switch {
		case text == "":
		case len(of.apps) > 0 && !slices.Contains(of.apps, policy.Tenant(text)):
			f.refuse(n, codeTenant, policy.Text{ZH: "没有应用的 App Key（或其 tenant=）是 " + shown(text), EN: "no app has the key (or the tenant=) " + shown(text)}, of.names())
		case f.once(n, text, of.in, policy.Text{ZH: shown(text) + " 已属于另一系统", EN: shown(text) + " has a system already"}):
			*into = append(*into, policy.Tenant(text))
		}
	}
}

// names are the apps that there are. None is guessed: the one that looks most
// alike may be another's.
func (t tenancy) names() policy.Text {
	names := make([]string, len(t.apps))
	for i, a := range t.apps {
		names[i] = string(a)
	}
	return oneOf(names)
}

// systemURL reads the address of a system.
func (f *file) systemURL(into *string) read {
	return func(n *node) {
		text, ok := f.word(n)
		if !ok {
			return
		}
		u, err := url.Parse(text)
		if err != nil || u.Hostname() == "" || u.User != nil || strings.ContainsAny(text, "# \t\n") ||
			u.Scheme != "https" && (u.Scheme != "http" || !policy.IsLoopback(u.Hostname())) {
			f.bad(n, codeName, wantSystemURL, policy.Text{})
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

// deadline reads how long one call may take.
func (f *file) deadline(into *time.Duration, form grammar) read {
	return func(n *node) {
		text, ok := f.word(n)
		if !ok {
			return
		}
		span, err := time.ParseDuration(text)
		if err != nil || !form.is.MatchString(text) {
			hint := policy.Text{}
			for _, unit := range []string{"ms", "s"} { // 3 is 3s rather than too short a time
				if form.is.MatchString(text + unit) {
					hint = meant(text + unit)
				}
			}
			f.bad(n, codeNumber, policy.Text{ZH: shown(text) + "：" + form.want.ZH, EN: shown(text) + ": " + form.want.EN}, hint)
			return
		}
		*into = span
	}
}
