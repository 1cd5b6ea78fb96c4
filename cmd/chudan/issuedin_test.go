package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/chudan-io/chudan/adapters/sqlite"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// issuedIn DATE FILE… decides requests as if it were then, with the edition on
// sale in 2022, into chudan.db and with the keys of chudan.key: so that a script
// has something whose retention is over.
func issuedIn(ts *testscript.TestScript, _ bool, args []string) {
	var then moment
	ts.Check(then.Set(args[0]))
	text, err := os.ReadFile(ts.MkAbs("chudan.key"))
	ts.Check(err)
	keys, err := policy.ParseKeys(text)
	ts.Check(err)
	catalog, err := loadCatalog("")
	ts.Check(err)
	store, err := sqlite.Open(context.Background(), sqlite.Config{Path: ts.MkAbs("chudan.db")})
	ts.Check(err)
	i, err := policy.New(policy.Config{
		Catalog: catalog.AsOf(time.Date(2022, 1, 1, 0, 0, 0, 0, policy.Zone())), Store: store, Keys: keys,
		Numbering: products.ExampleInstitution().Numbers, PublicURL: localURL, Clock: func() time.Time { return then.Time },
	})
	ts.Check(err)
	for _, file := range args[1:] {
		r, faults := decode([]byte(ts.ReadFile(file)))
		if len(faults) > 0 {
			ts.Fatalf("%s: %v", file, faults)
		}
		refused := (*policy.Refusal)(nil)
		if _, err := i.Issue(context.Background(), "local", r); err != nil && (!errors.As(err, &refused) || refused.Faults.Verdict() != policy.Refer) {
			ts.Fatalf("%s: %v", file, err)
		}
	}
	ts.Check(store.Close())
}
