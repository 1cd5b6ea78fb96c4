// Package storetest is the conformance suite of policy.Store: what one store
// passes, every store passes. An adapter's test is ten lines:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, storetest.Harness{Open: open, Events: events, Audit: audit})
//	}
package storetest

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/chudan-io/chudan/policy"
)

// Harness is how the suite reaches one kind of store.
type Harness struct {
	// Open gives a new and empty store, and sees to its end with t.Cleanup. A
	// store with a Close method is closed by the suite as well, so that closing
	// it again must do no harm.
	Open func(t testing.TB) policy.Store

	// Reopen ends a store as the end of its process would, and opens what it
	// kept. Nil for a store that keeps nothing.
	Reopen func(t testing.TB, s policy.Store) policy.Store

	// Events and Audit look past the interface at what is in the outbox and in
	// the audit chain, oldest first.
	Events func(t testing.TB, s policy.Store) [][]byte
	Audit  func(t testing.TB, s policy.Store) []AuditRow
}

// AuditRow is one stored audit event with the hash that is stored beside it.
// A store may keep several chains; the rows of each are in order.
type AuditRow struct {
	Event, Hash []byte
	Begin       []byte // the hash that the row's chain begins with, unlike any other chain's; nil for 32 zero bytes
}

// VerifyChain tells whether each row's hash is policy.ChainHash of the one
// before it in its chain and of its own event. Rows cut off at the end of a
// chain go unnoticed: finding them takes a hash that was kept elsewhere.
func VerifyChain(rows []AuditRow) error {
	heads := map[string][32]byte{}
	for i, row := range rows {
		head, met := heads[string(row.Begin)]
		if !met {
			copy(head[:], row.Begin)
		}
		head = policy.ChainHash(head, row.Event)
		if string(head[:]) != string(row.Hash) {
			return fmt.Errorf("audit row %d of %d breaks the chain", i+1, len(rows))
		}
		heads[string(row.Begin)] = head
	}
	return nil
}

// Run holds a store against the contract.
func Run(t *testing.T, h Harness) {
	t.Helper()
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) { c.run(t, h) })
	}
}

// Failures runs the suite, or the checks with these names, without failing t,
// and tells what each check that failed had to say. With a store that was
// broken on purpose it shows that the suite would notice.
func Failures(t testing.TB, h Harness, only ...string) map[string][]string {
	t.Helper()
	failures := map[string][]string{}
	for _, c := range checks {
		if len(only) > 0 && !slices.Contains(only, c.name) {
			continue
		}
		r := &recorder{TB: t}
		var done sync.WaitGroup
		// Of its own, because FailNow ends the goroutine.
		done.Go(func() { c.run(r, h) })
		done.Wait()
		if r.Failed() {
			failures[c.name] = r.messages
		}
	}
	return failures
}

var checks = []struct {
	name string
	run  func(testing.TB, Harness)
}{
	{"keys/round trip of every column", checkRoundTrip},
	{"keys/large sealed", checkLarge},
	{"keys/bytes are the caller's own", checkOwnBytes},
	{"keys/not found", checkNotFound},
	{"keys/same key, same payload", checkSamePayload},
	{"keys/same key, other payload", checkOtherPayload},
	{"keys/tenants are apart", checkTenants},
	{"keys/8 payloads at once under one key", checkPayloadsAtOnce},
	{"keys/64 callers", checkCallers},
	{"unique/taken writes nothing", checkTaken},
	{"unique/free elsewhere", checkFreeElsewhere},
	{"unique/one stream under 100 identifiers", checkOneStream},
	{"unique/two keys claimed crosswise", checkCrosswise},
	{"unique/only policies claim", checkOnlyPoliciesClaim},
	{"unique/named twice", checkNamedTwice},
	{"replace/with the right revision", checkReplace},
	{"replace/with another revision", checkReplaceWrong},
	{"replace/never an issued one", checkReplaceIssued},
	{"replace/8 at once", checkReplaceAtOnce},
	{"booking/reserved, booked, issued", checkBooking},
	{"booking/given back", checkGivenBack},
	{"booking/the core booked, the reply was lost", checkReplyLost},
	{"booking/what is pending", checkPending},
	{"exposure/counts once while it holds", checkExposure},
	{"exposure/given back", checkExposureGivenBack},
	{"exposure/64 at once under one limit", checkExposureLimit},
	{"exposure/subjects named crosswise", checkExposureCrosswise},
	{"exposure/what fails counts for nothing", checkExposureFails},
	{"exposure/expired by the hundred", checkExposureEnds},
	{"exposure/counted in later", checkExpose},
	{"sequence/drawn by winners only", checkSequence},
	{"numbers/used before", checkNumberUsed},
	{"failing/beside others", checkFailingBeside},
	{"failing/entries that do not fit", checkMisfits},
	{"context/ended before", checkEndedBefore},
	{"context/ended meanwhile", checkEndedMeanwhile},
	{"journal/one event and one audit row each", checkJournal},
	{"journal/an altered chain is found", checkTampering},
	{"journal/who verifies is given all of it", checkAuditor},
	{"move/received as it was", checkMove},
	{"erase/gone for good", checkErase},
	{"erase/all of a listing", checkErasePages},
	{"erase/what must stay", checkEraseRefused},
	{"erase/moved", checkMoveErased},
	{"hold/until it is released", checkHold},
	{"hold/held or erased, at once", checkHoldAtOnce},
	{"archive/kept for good", checkArchive},
	{"archive/changed", checkArchiveChanged},
	{"archive/16 at once", checkArchiveAtOnce},
	{"outbox/oldest first, up to the limit", checkOutbox},
	{"outbox/publishing fails", checkOutboxFails},
	{"outbox/shared", checkOutboxShared},
	{"outbox/8 relays at once", checkOutboxAtOnce},
	{"outbox/nothing uncommitted", checkOutboxUncommitted},
	{"outbox/reopened", checkOutboxKept},
	{"outbox/ended and closed", checkOutboxEnded},
	{"list/what is selected", checkList},
	{"list/more than a page", checkListPages},
	{"visits/kept and found", checkVisits},
	{"visits/forgotten", checkForget},
	{"end/reopened", checkReopened},
	{"end/closed", checkClosed},
	{"end/closed under load", checkClosedUnderLoad},
}

// ctx is that of the test: it ends with it.
func ctx(t testing.TB) context.Context { return t.Context() }

func closeStore(t testing.TB, s policy.Store) bool {
	t.Helper()
	c, ok := s.(io.Closer)
	if ok {
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	return ok
}
