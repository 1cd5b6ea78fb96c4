// Package core asks an institution's core system: to book policies, where that
// system owns their numbers and documents, and for facts, where rules need what
// only the insurer knows. It has two [policy.Booker]s:
//
//   - A [Hook] posts each proposal to the core system over HTTP, signed, and
//     takes the policy number and the document from the signed answer.
//   - [Ranges] takes numbers out of ranges (号段) that the core system hands out
//     in advance, so that no call of it stands in the way of a policy.
//
// A [Hook] is a [policy.FactSource] as well: it posts an application, signed, and
// takes the facts that were asked for out of the signed answer.
//
// A core system need not be written in Go: docs/core.md and docs/facts.md
// are the contract, byte by byte, with the same in Java, and examples/core is one
// that runs.
//
// # What is signed
//
// Both directions are, with HMAC-SHA-256 and the same secret, over
//
//	v1 LF part LF time LF id LF body
//
// where part is "request", or "answer" and the status: nobody between the two
// can make up a policy number, or turn one answer into that to another call.
//
// # Trouble
//
// A *policy.DeclinedError is the core system's word and final. After any other
// error of a proposal nobody knows; the same one is to be sent again. An error of
// a question for facts stands for having none. Errors match
// one of [ErrUnreachable], [ErrTimeout], [ErrStatus], [ErrSignature] and
// [ErrAnswer], and never hold anything of a request or of an answer's text.
package core
