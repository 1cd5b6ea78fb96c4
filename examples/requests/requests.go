// Package requests is the published request and its variants, for those who
// want one at hand.
package requests

import _ "embed" // for the sample

//go:embed performance-surety-bond.json
var sample string

// Sample is the API page's own request, JSON in UTF-8, byte for byte.
func Sample() []byte { return []byte(sample) }
