// Package storm holds the promises of chudan against real stores that are
// killed, crashed and cut off while several processes issue through them: one
// identifier, at most one policy; what was acknowledged is never lost.
//
// It is tests only. Their short form runs in every make test; make storm runs
// the long one, with the figures of docs/storm.md:
//
//	make storm
//
// Each test prints its figure, and each has a control: the same without what
// the promise rests on, which must fail, or the test would show nothing.
package storm
