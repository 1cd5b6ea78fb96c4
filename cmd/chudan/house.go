package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// house is everything that issuing takes, wired together.
type house struct {
	issuer      *policy.Issuer
	store       store
	catalog     *products.Catalog
	institution products.Institution
}

// openHouse opens what the options name. Cheap things come first, so that a
// mistake in them leaves nothing behind. The caller closes the store.
func (c *console) openHouse(ctx context.Context, o *options) (*house, error) {
	name, err := parseStore(o.store)
	if err != nil {
		return nil, err
	}
	h := &house{}
	if h.catalog, err = loadCatalog(o.products); err != nil {
		return nil, err
	}
	if h.institution, err = loadInstitution(o.institution); err != nil {
		return nil, err
	}
	keys, err := c.keys(name, o.keyFile)
	if err != nil {
		return nil, err
	}
	config := policy.Config{
		Catalog: h.catalog, Store: unopened{}, Keys: keys, Numbering: h.institution.Numbers,
		PublicURL: o.publicURL, Clock: time.Now,
	}
	if _, err := policy.New(config); err != nil {
		return nil, usage("配置有误：%v", "%v", err)
	}
	if h.store, err = name.open(ctx); err != nil {
		return nil, storeTrouble(name, err)
	}
	config.Store = h.store
	h.issuer, err = policy.New(config)
	return h, err
}

// unopened holds the place of a store while the rest is checked.
type unopened struct{ policy.Store }

// loadCatalog reads the products of a directory; "" are those in the binary.
func loadCatalog(dir string) (*products.Catalog, error) {
	if dir == "" {
		return products.Load(products.Library())
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usage("没有产品目录 %[1]s，请检查 --products（当前目录 %[2]s）", "there is no directory of products %[1]s; check --products (the working directory is %[2]s)", dir, workingDirectory())
	case err != nil:
		return nil, unreadable(dir, err)
	case !info.IsDir():
		return nil, usage("%s 不是目录，请指定产品所在的目录", "%s is no directory; name the one that holds the products", dir)
	}
	return products.Load(os.DirFS(dir))
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
