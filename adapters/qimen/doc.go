// Package qimen is the door through which Alibaba's Qimen gateway calls an
// insurer: qimen.alibaba.finance.insurance.policy.issuing.
//
// [Handler] is an http.Handler for an institution's own server. A request goes
// through it like this:
//
//	too large?   isv.request-too-large, unread
//	signed?      parameters, signature, secret, timestamp, address: else always the same sign-check-failure
//	for us?      content type, charset, method
//	JSON?        token by token; a value of a wrong type hides no other fault
//	room?        so many at work, so many waiting: else isp.service-unavailable at once
//	issued?      the Issuer, within the deadline: else isp.service-timeout
//
// and is answered with 200 and the page's JSON whatever becomes of it. A failure
// ends with a reference number, under which the log tells more; the log holds no
// secret, no signature, no body and no personal text.
//
// [Sign] is the gateway's signature, as the official SDK checks it. That check
// has holes, which the Handler closes:
//
//   - Names, values and body are signed without anything between them, so that
//     bytes may move from one into another. Every name stands once, known values
//     keep strict forms, others hold no brace or quotation mark, and the body
//     begins with the first one: timestamp, method, target and body are the
//     signer's.
//   - A pair with a second = is not signed. It is refused.
//   - A timestamp in the future holds for ever. Here both sides have a limit.
//   - The comparison tells by its time how much was right; an unknown app is
//     answered sooner than a wrong signature. Here every secret is tried to its
//     end, and as many for an unknown app.
//   - X-Forwarded-For is believed. Here only a proxy's that is configured.
//   - A missing query or Content-Type throws. Here it is a failure like others.
//
// The Content-Type is not signed and cannot be checked; App.Charset takes its
// word out of the matter.
//
// [Decode] and [Reply] are the two halves that other doors (a command line, a
// queue) share. [Client] calls as the gateway does. [ParseCapture] and
// [Capture.Diagnose] tell which mistake explains a signature that does not hold.
package qimen
