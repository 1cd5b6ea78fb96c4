package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/chudan-io/chudan/adapters/sqlite"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// issuedIn DATE FILE… decides requests as if it were then, into chudan.db and
// with the keys of chudan.key: so that a script has something whose retention is
// over.
func issuedIn(ts *testscript.TestScript, _ bool, args []string) {
	var then moment
	ts.Check(then.Set(args[0]))
	var texts [][]byte
	for _, file := range args[1:] {
		texts = append(texts, []byte(ts.ReadFile(file)))
	}
	ts.Check(decideIn(ts.MkAbs("."), then.Time, texts))
}

// decideIn decides requests with the edition that was on sale in 2022. What is
// referred is no error.
func decideIn(dir string, then time.Time, requests [][]byte) error {
	text, err := os.ReadFile(filepath.Join(dir, "chudan.key"))
	if err != nil {
		return err
	}
	keys, err := policy.ParseKeys(text)
	if err != nil {
		return err
	}
	catalog, err := loadCatalog("")
	if err != nil {
		return err
	}
	store, err := sqlite.Open(context.Background(), sqlite.Config{Path: filepath.Join(dir, "chudan.db")})
	if err != nil {
		return err
	}
	defer store.Close()
	i, err := policy.New(policy.Config{
		Catalog: catalog.AsOf(time.Date(2022, 1, 1, 0, 0, 0, 0, policy.Zone())), Store: store, Keys: keys,
		Numbering: products.ExampleInstitution().Numbers, PublicURL: localURL, Clock: func() time.Time { return then },
	})
	if err != nil {
		return err
	}
	for _, text := range requests {
		r, faults := decode(text)
		if len(faults) > 0 {
			return fmt.Errorf("%v", faults)
		}
		refused := (*policy.Refusal)(nil)
		if _, err := i.Issue(context.Background(), "local", r); err != nil && (!errors.As(err, &refused) || refused.Faults.Verdict() != policy.Refer) {
			return err
		}
	}
	return nil
}
