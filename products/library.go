package products

import (
	"embed"
	"io/fs"
)

//go:embed all:library
var library embed.FS

// Library holds worked examples of products, with their fixtures, as Load
// reads them. Codes are those of the API page; rates, limits and dates are
// invented.
func Library() fs.FS {
	sub, err := fs.Sub(library, "library")
	if err != nil {
		return library // the name is a constant above: this cannot come about
	}
	return sub
}
