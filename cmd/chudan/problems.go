package main

import (
	"errors"
	"path/filepath"
	"slices"

	"github.com/chudan-io/chudan/products"
)

// under gives problems the names of files as they are from where their
// directory is called dir. Files named apart have theirs already.
func under(problems products.Problems, dir string, apart ...string) products.Problems {
	here := func(name *string) {
		if !slices.Contains(apart, *name) {
			*name = filepath.ToSlash(filepath.Join(dir, *name))
		}
	}
	problems = slices.Clone(problems)
	for i := range problems {
		here(&problems[i].File)
		problems[i].Also = slices.Clone(problems[i].Also)
		for k := range problems[i].Also {
			here(&problems[i].Also[k].File)
		}
	}
	return problems
}

// errorUnder is under for what may be no problems at all.
func errorUnder(err error, dir string, apart ...string) error {
	var problems products.Problems
	if errors.As(err, &problems) {
		return under(problems, dir, apart...)
	}
	return err
}
