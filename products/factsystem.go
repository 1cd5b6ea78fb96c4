package products

import (
	"regexp"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// FactSystem is one system of the institution that answers facts, as facts.yaml
// tells it.
type FactSystem struct {
	Name       string
	URL        string
	SecretFile string          // as it is written
	Deadline   time.Duration   // of one call; 0 for the default
	Tenants    []policy.Tenant // empty: all that no other system has
}

// factDeadline is how long a call for facts may take. The platform is answered
// within 3 s, and the store has to be reached in them too.
var factDeadline = grammar{regexp.MustCompile(`^(([1-9][0-9]{1,2}|1[0-9]{3}|2[0-4][0-9]{2}|2500)ms|[12]s)$`), policy.Text{
	ZH: "应为 10ms 至 2500ms 的时长，如 500ms、2s（平台须在 3 秒内得到答复）", EN: "want 10ms to 2500ms, such as 500ms or 2s (the platform is answered within 3 s)"}}

// LoadFactSystems reads the bytes of a facts.yaml; name stands in the Problems
// that it answers where anything is wrong:
//
//	facts:
//	  production: {url: https://risk.example/facts, secret_file: facts-secret, deadline: 800ms}
//	  test:       {url: https://risk-test.example/facts, secret_file: facts-test-secret, tenants: [87654321]}
//
// A tenant belongs to one system at most; one without tenants answers for all
// that no other has. Where apps are told, a tenant has to be one of them.
func LoadFactSystems(name string, data []byte, apps ...policy.Tenant) ([]FactSystem, error) {
	f := newFile(name, data)
	var all []FactSystem
	if root := f.parse(); root != nil {
		f.mapping(root, key{"facts", true, f.factSystems(&all, apps)})
	}
	if err := f.problems.asError(); err != nil {
		return nil, err
	}
	return all, nil
}

// factSystems reads the systems by their names.
func (f *file) factSystems(into *[]FactSystem, apps []policy.Tenant) read {
	return func(n *node) {
		if !f.is(n, mapping) {
			return
		}
		if len(n.entries) == 0 {
			f.refuse(n, codeEmpty, policy.Text{ZH: "没有答复事实的系统", EN: "there is no system that answers facts"}, policy.Text{})
		}
		tenants, others := tenancy{apps, make(taken)}, make(taken)
		for _, e := range n.entries {
			if !f.follows(e.key, systemGrammar) {
				continue
			}
			s := FactSystem{Name: e.key.text}
			f.mapping(e.value,
				key{"url", true, f.systemURL(&s.URL)},
				key{"secret_file", true, f.text(&s.SecretFile)},
				key{"deadline", false, f.deadline(&s.Deadline, factDeadline)},
				key{"tenants", false, f.each(f.tenant(&s.Tenants, tenants))},
			)
			if e.value.kind == mapping && e.value.entry("tenants").key == nil {
				f.once(e.key, "", others, policy.Text{ZH: "另一系统也未写 tenants：只有一个可答复其余应用", EN: "another system is without tenants, too: one answers for all other apps"})
			}
			*into = append(*into, s)
		}
	}
}
