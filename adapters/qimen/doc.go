// Package qimen is the door through which Alibaba's Qimen gateway calls an
// insurer: qimen.alibaba.finance.insurance.policy.issuing.
//
// [Handler] is an http.Handler for an institution's own server. A request goes
// through it like this:
//
//	too large?       isv.request-too-large, unread
//	signed?          secret, parameters, timestamp, address: else always the same sign-check-failure
//	ours?            content type, method, charset
//	JSON?            token by token; a field of a wrong type hides no other fault
//	room?            a bounded number at work, a bounded number waiting: else isp.service-unavailable
//	issued?          Issuer, within the deadline
//
// and is answered with 200 and the page's JSON whatever became of it. A failure
// ends with a reference number, under which the log tells more; the log holds no
// secret, signature, body or personal text.
//
// What it signs and checks is the official SDK's, and more: see [Sign] for what
// the gateway does, and [Config] for what is refused beyond. [Decode] and
// [Reply] are the two halves that other doors (a command line, a queue) share.
// [Client] calls as the gateway does.
package qimen
