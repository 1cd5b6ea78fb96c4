//go:build !race

package policy_test

const oracleCases = 200_000
