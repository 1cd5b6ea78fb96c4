package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/chudan-io/chudan/adapters/memory"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// house is everything that issuing takes, wired together.
type house struct {
	issuer      *policy.Issuer
	name        storeName
	keys        policy.Keys
	store       store
	catalog     *products.Live
	institution products.Institution
	cores       map[policy.Tenant]policy.Core
	facts       policy.FactSource // nil: there is none
}

// openHouse opens what the options name. Cheap things come first, so that a
// mistake in them leaves nothing behind. The caller closes the store.
func (c *console) openHouse(ctx context.Context, o *options) (*house, error) {
	catalog, err := loadCatalog(o.products)
	if err != nil {
		return nil, err
	}
	return c.openHouseWith(ctx, o, products.NewLive(catalog))
}

// openHouseWith opens the rest of a house that sells these products.
func (c *console) openHouseWith(ctx context.Context, o *options, catalog *products.Live) (*house, error) {
	name, err := o.storeName()
	if err != nil {
		return nil, err
	}
	if err := o.checkRehearsal(); err != nil {
		return nil, err
	}
	h := &house{name: name, catalog: catalog}
	if h.institution, err = loadInstitution(o.institution); err != nil {
		return nil, err
	}
	config := policy.Config{Catalog: o.asOf.catalog(catalog), Numbering: h.institution.Numbers, PublicURL: o.publicURL, Clock: time.Now, ReferralLife: o.referralLife}
	facts, err := c.readFacts(o.facts, catalog.Catalog())
	if err != nil {
		return nil, err
	}
	if err := refuseInForce(o.facts, facts, catalog.Catalog()); err != nil {
		return nil, err
	}
	if facts != nil {
		h.facts = stated(facts)
	}
	config.Facts = h.facts
	if h.cores, err = loadCores(o.cores); err != nil {
		return nil, err
	}
	config.Cores = h.cores
	if err := rehearse(config); err != nil {
		return nil, err
	}
	if err := name.checkPlace(); err != nil {
		return nil, err
	}
	if config.Keys, err = c.keys(name, o.keyFile); err != nil {
		return nil, err
	}
	if h.store, err = name.open(ctx); err != nil {
		return nil, storeTrouble(name, err)
	}
	config.Store, h.keys = h.store, config.Keys
	if o.journal != nil {
		config.Journal, config.JournalTrouble = o.journal.of(h.store), o.journalTrouble
	}
	h.issuer, err = policy.New(config)
	return h, err
}

// rehearse tells what is wrong with a config before keys and a store are made
// for it.
func rehearse(config policy.Config) error {
	keys, err := policy.ParseKeys([]byte(policy.NewKeyFile()))
	if err != nil {
		return err
	}
	config.Keys, config.Store = keys, memory.New()
	if _, err := policy.New(config); err != nil {
		return usage("配置有误：%v", "%v", err)
	}
	return nil
}

// loadCatalog reads the products of a directory; "" are those in the binary.
func loadCatalog(dir string) (*products.Catalog, error) {
	if dir == "" {
		return products.Load(productFiles(dir))
	}
	if err := checkDirectory(dir); err != nil {
		return nil, err
	}
	return products.Load(productFiles(dir))
}

// checkDirectory tells whether there is a directory of products.
func checkDirectory(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return usage("没有产品目录 %[1]s，请检查 --products（当前目录 %[2]s）", "there is no directory of products %[1]s; check --products (the working directory is %[2]s)", dir, workingDirectory())
	case err != nil:
		return unreadable(dir, err)
	case !info.IsDir():
		return usage("%s 不是目录，请指定产品所在的目录", "%s is no directory; name the one that holds the products", dir)
	}
	return nil
}

// productFiles are the files of a directory of products; "" is the library.
func productFiles(dir string) fs.FS {
	if dir == "" {
		return products.Library()
	}
	return os.DirFS(dir)
}

// loadInstitution reads the insurer's file; "" is the example insurer.
func loadInstitution(path string) (products.Institution, error) {
	if path == "" {
		return products.ExampleInstitution(), nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return products.Institution{}, unreadable(path, err)
	}
	return products.LoadInstitution(path, text)
}
