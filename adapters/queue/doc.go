// Package queue lets requests come from a broker, and events go to one. It
// knows no broker: [Source] and [Publisher] are all that it needs of one, and
// the packages below it (kafka, nats) implement them. queuetest holds them
// against the contract.
//
// # Requests
//
// A message is the same JSON that the platform sends over HTTP. Headers:
//
//	content-type    application/json, or none at all
//	correlation-id  up to 256 printable ASCII characters, which are copied to the answer
//
// The answer goes to the topic or subject that is configured, and to no other:
// where policies are told to is not for a message to choose. It is the same JSON
// that the platform gets, under the identifier as its key, with the headers
// identifier, reference, correlation-id and content-type.
//
// Whoever may publish to the queue may issue policies. There is no signature in
// a message: the broker authenticates its clients and its access lists say who
// may write where. So a queue belongs to one tenant, which is configured, and
// tenants that do not trust each other have queues of their own.
//
// # At least once in, exactly one policy out
//
// A [Consumer] decides the messages of a batch side by side, so that the store
// commits them together, then sends the answers, and only then acknowledges.
// Whenever it is killed, messages come again, and are answered from the store:
//
//	issued, refused, malformed   answered, acknowledged
//	trouble of ours              again, later and later; after Config.Attempts a dead letter, and answered isp.…
//	panics                       caught, a dead letter at once, and answered isp.internal-error
//	dead letter not stored       not acknowledged: again
//	answer not sent              not acknowledged: again, and the same answer
//
// Pair answers with requests by identifier or correlation-id; nothing is
// promised about their order. A broker's acknowledgement is not
// durability; the store alone is.
//
// Answers and dead letters come at least once too: two letters with one place
// are copies.
//
// A [Letter] tells what happened to which identifier, and where. What was sent
// is in it only sealed: dead letters are read by more people than records.
//
// # Events
//
// A [Relay] publishes what the store's outbox holds, as CloudEvents 1.0 in
// structured mode, each at least once; consumers tell copies by the event's id.
package queue
