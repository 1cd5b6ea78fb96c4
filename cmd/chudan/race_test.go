//go:build race

package main

// defaultKills is small here: the race detector looks at the servers too, but
// a process of its own takes a second to begin, and finds nothing new.
const defaultKills = 5
