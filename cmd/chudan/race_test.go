//go:build race

package main

// defaultKills is small here: the race detector looks at the servers too, but
// a process of its own takes a second to begin, and finds nothing new.
const defaultKills = 5

// scripts are those that the race detector has something to find in: verbs
// that do one thing after the other are left to make test.
var scripts = []string{"serve*", "issue*", "lines*", "locked*"}
