// Package policy turns an insurance application into an issued policy.
//
// It is the pure heart of chudan: it knows the fields of Alibaba's call
// qimen.alibaba.finance.insurance.policy.issuing (the API page), money, the
// error codes and the law of idempotency. It does no I/O, reads no clock and
// knows neither YAML nor HTTP; what it needs from outside it asks for in two
// small interfaces, [Catalog] and [Store], and, where products declare facts, in
// [FactSource].
//
// Two functions carry it:
//
//   - [Decide] checks an application, prices it and underwrites it. It is pure:
//     the same request and the same edition of a product give the same decision.
//   - [Issuer.Issue] does that at most once for an identifier, and answers a
//     repeated request with what was answered first.
//
// A refusal is a value (a [Fault] has a kind, a code, the paths of the fields
// and a message in Chinese and English); trouble is an error. Callers match
// kinds and codes, never texts.
package policy
