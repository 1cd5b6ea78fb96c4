package products

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
)

// Candidate is a directory of products as it was examined: loaded and tested
// from the same bytes, each file having been read once.
type Candidate struct {
	Catalog *Catalog // nil where it is refused
	Reports Reports  // of its tests, where all of them could be run
	Digest  string   // SHA-256 of what was read and its names, in hex

	files *snapshot
}

// TestsError is the error of products that load and whose tests are no success,
// or see less than they require.
type TestsError struct{ Reports Reports } // of those

// Error names the first of the files.
func (e *TestsError) Error() string {
	return fmt.Sprintf("products: the tests of %s are no success (files: %d)", e.Reports[0].File, len(e.Reports))
}

// Examine reads products and runs the tests that stand beside them; ctx bounds
// the time of the tests. The error is Problems where anything does not load, a
// *TestsError, or that of ctx. An edition without tests is no error: Untested
// names it.
//
// What is being written while it is read may pass for products: before the
// catalog is used, Current must be true. The candidate is there for that
// question where it is refused too. A panic is an error as well: what an author
// wrote must not end a server that sells something else.
//
//	c, err := products.Examine(ctx, fsys)
//	if err == nil && c.Current() {
//		live.Set(c.Catalog)
//	}
func Examine(ctx context.Context, fsys fs.FS) (c *Candidate, err error) {
	c = &Candidate{files: newSnapshot(fsys)}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("products: panic: %v", r)
		}
	}()
	catalog, err := Load(c.files)
	if err == nil {
		c.Reports, err = runSpecs(ctx, c.files, catalog)
	}
	if err == nil {
		c.Catalog = catalog
	}
	c.Digest = c.files.digest()
	return c, err
}

// runSpecs runs the tests of a catalog, reading one file of them at a time:
// their requests take room.
func runSpecs(ctx context.Context, fsys fs.FS, c *Catalog) (Reports, error) {
	l := &loader{fsys: fsys, catalog: c}
	var all, wrong Reports
	var ended error
	l.eachSpec(func(s *Spec) {
		if len(l.problems) > 0 || ended != nil {
			return
		}
		var r Report
		if r, ended = s.run(ctx, nil); r.Failed() || r.Below() {
			wrong = append(wrong, r)
		}
		all = append(all, r)
	})
	switch err := l.problems.asError(); {
	case err != nil:
		return nil, err
	case ended != nil:
		return nil, ended
	case len(wrong) > 0:
		return all, &TestsError{wrong}
	}
	return all, nil
}

// Current tells whether the directory still holds what was read. It reads all
// of it anew.
func (c *Candidate) Current() bool { return c.files.current() }

// Untested are the editions of the catalog that have no tests.
func (c *Candidate) Untested() []*Edition {
	tested := make(map[[2]string]bool)
	for _, r := range c.Reports {
		tested[[2]string{r.Product, r.Edition}] = true
	}
	if c.Catalog == nil {
		return nil
	}
	return slices.DeleteFunc(c.Catalog.Editions(), func(e *Edition) bool {
		return tested[[2]string{e.terms.Product, e.terms.Edition}]
	})
}
