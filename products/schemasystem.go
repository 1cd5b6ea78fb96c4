package products

import (
	"encoding/json"
	"regexp"

	"github.com/chudan-io/chudan/policy"
)

// coresSchema is what LoadCores reads.
func coresSchema() *shape {
	core := object(
		property{"url", false, systemAddress(), policy.Text{
			ZH: "逐单出号的地址；与 ranges 二选一", EN: "Where each policy is booked; this or ranges"}, []any{"https://core.example/bookings"}},
		property{"ranges", false, systemAddress(), policy.Text{
			ZH: "领取号段的地址；与 url 二选一", EN: "Where ranges of numbers are asked for; this or url"}, []any{"https://core.example/ranges"}},
		property{"pool", false, freeName(poolGrammar), policy.Text{ZH: "号段池，只用于 ranges", EN: "Which numbers; with ranges only"}, []any{"SURETY"}},
		property{"size", false, rangeLength(), policy.Text{ZH: "一次领取多少个号码，只用于 ranges", EN: "How many numbers at once; with ranges only"}, nil},
		secretFile(),
		property{"deadline", false, wordOf(coreDeadline).or("2s"), policy.Text{ZH: "一次调用的时限", EN: "How long one call may take"}, []any{"3s"}},
		property{"tenants", true, oneOrMore(freeName(tenantGrammar)), policy.Text{
			ZH: "归它出号的应用：App Key 或其 tenant=", EN: "The apps whose policies these are: their keys, or their tenant="}, []any{json.RawMessage(`[12345678]`)}},
	).exactlyOne(policy.Text{ZH: "url（逐单出号）与 ranges（号段）写且只写一个", EN: "want url (each policy is booked) or ranges (of numbers), one of them"}, "url", "ranges")
	core.Dependencies = map[string][]string{"ranges": {"pool"}, "pool": {"ranges"}, "size": {"ranges"}}
	return systems("cores", core, policy.Text{ZH: "核心系统，按名称", EN: "The core systems, by name"})
}

// factSystemsSchema is what LoadFactSystems reads.
func factSystemsSchema() *shape {
	return systems("facts", object(
		property{"url", true, systemAddress(), policy.Text{ZH: "查询事实的地址", EN: "Where facts are asked for"}, []any{"https://risk.example/facts"}},
		secretFile(),
		property{"deadline", false, wordOf(factDeadline).or("1s"), policy.Text{ZH: "一次调用的时限", EN: "How long one call may take"}, []any{"800ms"}},
		property{"tenants", false, oneOrMore(freeName(tenantGrammar)), policy.Text{
			ZH: "由它答复的应用：App Key 或其 tenant=；不写即其余全部应用", EN: "The apps that it answers for: their keys, or their tenant=; left out, all that no other has"},
			[]any{json.RawMessage(`[12345678]`)}},
	), policy.Text{ZH: "答复事实的系统，按名称", EN: "The systems that answer facts, by name"})
}

// systems is a file of systems by name.
func systems(name string, is *shape, doc policy.Text) *shape {
	all := byName(systemGrammar, is)
	all.MinProperties = 1
	s := object(property{name, true, all, doc, nil})
	s.Definitions = shapes{{"text", lineText()}}
	return s
}

func secretFile() property {
	return property{"secret_file", true, defined("text"), policy.Text{
		ZH: "密钥文件，每行一个；相对路径从本文件所在目录算起", EN: "The file with the secrets, one on a line; beside this file where the path is relative"}, []any{"core-secret"}}
}

// systemAddress is what systemURL reads, as far as a pattern can tell.
func systemAddress() *shape {
	return wordOf(grammar{regexp.MustCompile(
		`^(https://[^/?#@\s]+|http://(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?)([/?][^#\s]*)?$`), wantSystemURL})
}

// freeName is a name of a grammar that an editor may take for a number or a
// truth.
func freeName(g grammar) *shape {
	s := wordOf(g)
	s.Type = types{"string", "number", "boolean"}
	return s
}

// rangeLength is what rangeSize reads.
func rangeLength() *shape {
	return (&shape{
		Type: types{"integer", "string"}, Minimum: "1", Maximum: "1000000", Pattern: `^([1-9][0-9]{0,5}|1000000)$`, PatternErrorMessage: both(wantRangeSize),
	}).or(defaultRangeSize)
}
