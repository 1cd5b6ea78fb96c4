//go:build race

package policy_test

// oracleCases is small here: the race detector makes arithmetic ten times
// slower and finds nothing in it.
const oracleCases = 20_000
