package main

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/chudan-io/chudan/policy"
)

// options are the flags that mean the same in every command that has them.
type options struct {
	products, institution string
	store, keyFile        string
	accept                []string
	tenant, publicURL     string
	asOf                  moment // see rehearsing
	referralLife          time.Duration
	journal               *journalOptions // nil where requests are not kept
	journalTrouble        func(error)
	facts                 string // see addFacts
	factWatch             factWatch
	cores                 string          // see addCores
	known                 []policy.Tenant // all whose requests can come; nil where others may come another time
	callers               []policy.Tenant // whose requests come now
}

// holding adds how long referrals are held.
func (o *options) holding(flags *pflag.FlagSet) {
	flags.DurationVar(&o.referralLife, "referral-life", policy.DefaultReferralLife, "`DURATION` for which a referral is held, and then what was accepted")
}

// addCores adds --cores.
func (o *options) addCores(flags *pflag.FlagSet) {
	flags.StringVar(&o.cores, "cores", "", "`FILE` in YAML with the core systems that book policies and own their numbers, by tenant (see docs/core.md)")
}

// rehearsing adds --as-of to a verb that issues: what is sold next year can be
// issued today, into a store that forgets it.
func (o *options) rehearsing(flags *pflag.FlagSet) {
	addAsOf(flags, &o.asOf, "issue under the editions on sale then, whatever times requests have (+08:00); with --store memory: only")
}

// checkRehearsal keeps editions that are not on sale out of a store that
// counts.
func (o *options) checkRehearsal() error {
	if !o.asOf.IsZero() && o.store != "memory:" && o.store != "memory" {
		return usage("--as-of 只能与 --store memory: 同用：未在售的版本不得真正出单", "--as-of goes with --store memory: only: an edition that is not on sale issues nothing that is kept")
	}
	return nil
}

// add adds the flags of these names.
func (o *options) add(flags *pflag.FlagSet, names ...string) {
	for _, f := range []struct {
		into        *string
		name, value string
		about       string
	}{
		{&o.products, "products", "", "`DIR` of products in YAML (default: the worked examples in the binary)"},
		{&o.institution, "institution", "", "`FILE` with the insurer's name, address and policy numbers (default: an example insurer)"},
		{&o.store, "store", "sqlite:chudan.db", "where policies are kept: `sqlite:PATH`, postgres://user@host:port/database, mysql://user:password@host:port/database, or memory: to keep nothing"},
		{&o.keyFile, "key-file", "", "`FILE` with the keys of records and of links to policies (default: beside the SQLite file, made once; a server's are made with chudan keys)"},
		{&o.tenant, "tenant", "local", "`NAME` of whose policies: identifiers are unique within it"},
		{&o.publicURL, "public-url", "", "`URL` under which policies are served: their links begin with it"},
	} {
		for _, name := range names {
			if name == f.name {
				flags.StringVar(f.into, f.name, f.value, f.about)
			}
		}
	}
	if slices.Contains(names, "store") {
		flags.StringSliceVar(&o.accept, "accept", nil, "`WHAT` of a database server to put up with: loss, replica, newer-schema")
	}
}

// storeName is what --store and --accept say.
func (o *options) storeName() (storeName, error) {
	name, err := parseStore(o.store)
	if err != nil {
		return storeName{}, err
	}
	for _, a := range o.accept {
		if !slices.Contains(acceptable, a) {
			return storeName{}, usage("--accept %[1]s：可用 %[2]s", "--accept %[1]s: want %[2]s", a, strings.Join(acceptable, ", "))
		}
	}
	if len(o.accept) > 0 && name.dsn == "" {
		return storeName{}, usage("--accept 只用于数据库服务器（--store postgres://… 或 mysql://…）", "--accept is for database servers (--store postgres://… or mysql://…)")
	}
	name.accept = o.accept
	return name, nil
}

// acceptable is what a server is refused for unless it is accepted.
var acceptable = []string{"loss", "replica", "newer-schema"}
