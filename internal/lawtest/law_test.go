package lawtest_test

import (
	"os"
	"testing"
)

const module = "github.com/chudan-io/chudan"

// room is a package, or with a trailing /... a tree of packages, and what its non-test files may import beyond the standard library.
type room struct {
	pattern string
	// allow lists packages of this module by their path inside it (exactly; a trailing /... includes those below, ... alone is all of
	// them) and anything else by a prefix of whole path elements.
	allow []string
	why   string
}

// law is read from the ground up. The first row whose pattern matches counts.
var law = []room{
	{
		"policy/money", []string{"github.com/shopspring/decimal"},
		"the ground floor: exact amounts and their rounding. Nobody else touches the decimal library, so that every rounding is here.",
	},
	{
		"policy", []string{"policy/money", "github.com/go-playground/validator/v10", "github.com/go-playground/locales", "github.com/go-playground/universal-translator"},
		"the domain: it declares the interfaces that it needs and knows nobody who implements them. Validator checks the shape, the other two are its translations.",
	},
	{
		"rules", []string{"policy", "policy/money", "github.com/expr-lang/expr"},
		"expressions made safe for money. Only here, because expr unguarded compares decimals by structure and computes in floats.",
	},
	{
		"products", []string{"policy", "policy/money", "rules", "gopkg.in/yaml.v3", "golang.org/x/text/encoding/simplifiedchinese"},
		"products written in YAML. Only here, because yaml.v3 is frozen and panics on some input: one wrapper guards it, one line replaces it. Tables come as CSV, which Chinese spreadsheets write in GBK.",
	},
	{
		"products/rulebook", []string{"products", "policy", "policy/money", "rules"},
		"the rule book of an edition: what the loader has read and the engine decides, in words. It asks rules how an expression reads, so that it need not parse one.",
	},
	{
		"products/...", []string{"products", "policy", "policy/money"},
		"what comes with the products, such as the harness for their tests: through the loader, never around it.",
	},
	{
		"adapters/qimen", []string{"policy", "policy/money", "github.com/go-json-experiment/json", "golang.org/x/text"},
		"the Qimen door: its JSON (strict, token by token) and its charsets (GBK).",
	},
	{
		"adapters/sqlite", []string{"policy", "policy/money", "modernc.org/sqlite"},
		"the store of one node, named after its one dependency.",
	},
	{
		"adapters/mysql", []string{"policy", "policy/money", "github.com/go-sql-driver/mysql"},
		"the store of any number of nodes on what speaks MySQL's protocol.",
	},
	{
		"adapters/postgres", []string{"policy", "policy/money", "github.com/jackc/pgx/v5"},
		"the store of many nodes. Only here, because what the server says of its durability is checked here.",
	},
	{
		"adapters/queue/queuetest", []string{"adapters/queue"},
		"the conformance suite of every broker, and one in memory; only tests import it.",
	},
	{
		"adapters/queue/kafka", []string{"adapters/queue", "github.com/twmb/franz-go"},
		"a broker, named after what it speaks to, behind its parent's two interfaces.",
	},
	{
		"adapters/queue/nats", []string{"adapters/queue", "github.com/nats-io/nats.go"},
		"a broker, named after what it speaks to, behind its parent's two interfaces.",
	},
	{
		"adapters/queue", []string{"policy"},
		"requests from a broker and events to one: it knows neither brokers nor a format of requests; cmd hands it both.",
	},
	{
		"adapters/core", []string{"policy", "policy/money"},
		"an institution's core system, which books policies: the standard library speaks HTTP and signs.",
	},
	{
		"adapters/memory", []string{"policy"},
		"the store for tests and for a first look: nothing to install, nothing to import.",
	},
	{
		"adapters/storetest", []string{"policy", "policy/money", "github.com/google/go-cmp"},
		"the conformance suite of every store; only tests import it.",
	},
	{
		"adapters/document", []string{"policy", "policy/money"},
		"the e-policy as a page.",
	},
	{
		"adapters/core", []string{"policy"},
		"the institution's core system, where that owns numbers and documents: HTTP and HMAC of the standard library.",
	},
	{
		"adapters/metrics", []string{"policy", "github.com/prometheus/client_golang"},
		"what happened, counted for operators, behind the core's observer interface.",
	},
	{
		"cmd/...", []string{"...", "github.com/spf13/cobra", "github.com/spf13/pflag", "github.com/prometheus/client_golang", "github.com/fsnotify/fsnotify"},
		"the binary: here, and in the examples, things are wired together.",
	},
	{
		"examples/...", []string{"..."},
		"what an embedder writes: this module and what is his own.",
	},
	{
		"internal/mytest", []string{"github.com/go-sql-driver/mysql"},
		"a MariaDB for tests, which alone import it.",
	},
	{
		"internal/pgtest", []string{"github.com/jackc/pgx/v5"},
		"a real PostgreSQL for tests; only tests import it.",
	},
	{
		"internal/tcpproxy", nil,
		"a network that fails on demand, between a test and its server; only tests import it.",
	},
	{
		"internal/storm", nil,
		"tests only: the promises against real stores that are killed.",
	},
	{
		"internal/lawtest", nil,
		"tests only.",
	},
}

// pure lists the packages that neither look at the clock nor reach outside: what they need is passed in.
var pure = []string{"policy/money", "policy", "rules"}

// impure is what pure packages may not import from the standard library. A trailing /... includes what is below.
var impure = []room{
	{pattern: "net", why: "channels are adapters"},
	{pattern: "net/http/...", why: "channels are adapters"},
	{pattern: "os/...", why: "files, environment and processes belong to cmd: pass the value in"},
	{pattern: "io/fs", why: "products are read by the catalogue"},
	{pattern: "io/ioutil", why: "files belong to cmd: pass the value in"},
	{pattern: "database/sql/...", why: "stores are adapters"},
	{pattern: "math/rand/...", why: "the same request and the same edition give the same decision"},
	{pattern: "unsafe", why: "nothing here is worth it"},
}

// clocks is what pure packages may not take from package time, not even as a value.
var clocks = map[string]string{
	"Now":          "reads the clock; take the caller's",
	"Since":        "reads the clock; take the caller's and subtract",
	"Until":        "reads the clock; take the caller's and subtract",
	"Sleep":        "waits; the caller decides about waiting",
	"After":        "waits; the caller decides about waiting",
	"AfterFunc":    "waits; the caller decides about waiting",
	"Tick":         "waits; the caller decides about waiting",
	"NewTicker":    "waits; the caller decides about waiting",
	"NewTimer":     "waits; the caller decides about waiting",
	"Local":        "differs from machine to machine; use a fixed zone",
	"LoadLocation": "reads the machine's files; use time.FixedZone",
}

// vague lists names that say nothing about what is inside.
var vague = []string{"util", "utils", "common", "base", "helper", "helpers", "types", "models", "misc", "shared"}

// suites are conformance suites: no test files themselves, and yet for tests only.
var suites = []string{"adapters/storetest", "adapters/queue/queuetest"}

const (
	// maxExported keeps a package's documentation to what is read in one sitting.
	maxExported = 60
	// maxLines keeps a file to the one noun that it is named after. Generated and test files are exempt.
	maxLines = 400
)

// larger lists the packages that may export more, and why.
var larger = map[string]struct {
	most int
	why  string
}{
	"policy": {160, "the domain in one place: the API page alone takes a quarter (a type for each of its objects and kinds of personal text), the store contract with archive, listing, outbox and journal another; what an institution plugs in (its core system, its facts, its underwriters) is small and stands beside what it changes"},
}

func TestLaw(t *testing.T) {
	tree, err := parse(os.DirFS("../.."), module)
	if err != nil {
		t.Fatal(err)
	}
	// Without this a moved test would look at an empty directory and be content.
	if tree.pkg("policy/money") == nil {
		t.Fatal("policy/money is not found from here: the walk does not start at the module's root")
	}
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			for _, v := range c.run(tree) {
				t.Error(v)
			}
		})
	}
	for _, p := range tree.pkgs {
		if n := len(p.exported()); n > 0 {
			t.Logf("%-24s exports %d names", p.path, n)
		}
	}
}
