package storetest

import (
	"bytes"
	"crypto/rand"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/chudan-io/chudan/policy"
)

func checkRoundTrip(t testing.TB, h Harness) {
	s := h.Open(t)
	everyByte := make([]byte, 256)
	for i := range everyByte {
		everyByte[i] = byte(i)
	}
	k := policy.Key{Tenant: "应用-甲", Identifier: "010101004178221080402170019"}
	for _, c := range []policy.Record{
		{
			Key: k, Status: policy.StatusIssued, Number: "保单-20210804-000001-X", Product: "履约保证保险", Edition: "2021年8月",
			Digest: "12345678901234567.8900", Fingerprint: everyByte, Sealed: append([]byte{0, 0}, everyByte...), At: at,
		},
		{Key: key("0"), Status: policy.StatusRefused, Product: "𠀀", Fingerprint: []byte{0}, Sealed: []byte{}, At: time.UnixMicro(-1).UTC()},
		{Key: key("00"), Status: policy.StatusReferred, Edition: "1018.0", Sealed: []byte("{}"), At: time.Date(2099, 12, 31, 15, 59, 59, 999999000, time.UTC)},
	} {
		d := policy.Draft{Key: c.Key, Complete: func(uint64) (policy.Entry, error) {
			return policy.Entry{Record: c, Event: []byte("e"), Audit: []byte("a")}, nil
		}}
		got := win(t, s, d)
		c.Revision = 1
		same(t, "issued", got, c)
		same(t, "found", find(t, s, c.Key), c)
	}
	r, err := s.Policy(ctx(t), "保单-20210804-000001-X")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "by number", r, find(t, s, k))
}

func checkLarge(t testing.TB, h Harness) {
	s := h.Open(t)
	sealed := make([]byte, 64<<10)
	_, _ = rand.Read(sealed)
	d := issuing(key("large"), string(sealed))
	win(t, s, d)
	if got := find(t, s, d.Key).Sealed; !bytes.Equal(got, append([]byte("sealed "), sealed...)) {
		t.Errorf("%d sealed bytes came back as other %d", len(sealed)+len("sealed "), len(got))
	}
}

func checkOwnBytes(t testing.TB, h Harness) {
	s := h.Open(t)
	k := key("own")
	var made policy.Entry
	returned := win(t, s, policy.Draft{Key: k, Numbered: true, Complete: func(seq uint64) (policy.Entry, error) {
		made = entry(k, policy.StatusIssued, number(seq), "a")
		return made, nil
	}})
	found := find(t, s, k)
	for _, b := range [][]byte{made.Record.Sealed, made.Record.Fingerprint, returned.Sealed, found.Sealed, made.Event, made.Audit} {
		clear(b)
	}
	want := entry(k, policy.StatusIssued, number(1), "a")
	same(t, "after its bytes were overwritten outside", find(t, s, k), expected(want, 1))
	sameBytes(t, "event", h.Events(t, s), [][]byte{want.Event})
	if err := VerifyChain(h.Audit(t, s)); err != nil {
		t.Error(err)
	}
}

func checkNotFound(t testing.TB, h Harness) {
	s := h.Open(t)
	win(t, s, deciding(key("refused"), policy.StatusRefused, "a", stream("S1")))
	for what, look := range map[string]func() (policy.Record, error){
		"key":           func() (policy.Record, error) { return s.Find(ctx(t), key("none")) },
		"empty key":     func() (policy.Record, error) { return s.Find(ctx(t), policy.Key{}) },
		"other tenant":  func() (policy.Record, error) { return s.Find(ctx(t), policy.Key{Identifier: "refused"}) },
		"number":        func() (policy.Record, error) { return s.Policy(ctx(t), number(1)) },
		"empty number":  func() (policy.Record, error) { return s.Policy(ctx(t), "") },
		"unclaimed key": func() (policy.Record, error) { return findUnique(ctx(t), s, stream("S1")) },
	} {
		if r, err := look(); !errors.Is(err, policy.ErrNotFound) {
			t.Errorf("%s: got %v, %v, want ErrNotFound", what, r, err)
		}
	}
}

func checkSamePayload(t testing.TB, h Harness) {
	s := h.Open(t)
	first := win(t, s, issuing(key("k"), "a", stream("S1")))
	before := counted(t, h, s)
	for range 3 {
		again, won := issue(t, s, issuing(key("k"), "a", stream("S1")))
		if won {
			t.Fatal("won a second time")
		}
		same(t, "repeated", again, first)
	}
	if after := counted(t, h, s); after != before {
		t.Errorf("repeating wrote something: %+v, then %+v", before, after)
	}
	unburnt(t, s, 1)
}

func checkOtherPayload(t testing.TB, h Harness) {
	s := h.Open(t)
	first := win(t, s, issuing(key("k"), "a", stream("S1")))
	before := counted(t, h, s)
	for _, d := range []policy.Draft{
		issuing(key("k"), "b"),
		issuing(key("k"), "b", stream("S2")),
		deciding(key("k"), policy.StatusRefused, "b"),
		deciding(key("k"), policy.StatusReferred, "a"),
	} {
		got, won := issue(t, s, d)
		if won {
			t.Fatal("won with another payload")
		}
		same(t, "answered", got, first)
	}
	same(t, "kept", find(t, s, key("k")), first)
	if after := counted(t, h, s); after != before {
		t.Errorf("a loser wrote something: %+v, then %+v", before, after)
	}
	if _, err := findUnique(ctx(t), s, stream("S2")); !errors.Is(err, policy.ErrNotFound) {
		t.Errorf("a loser claimed a business key (%v)", err)
	}
	unburnt(t, s, 1)
}

func checkTenants(t testing.TB, h Harness) {
	s := h.Open(t)
	// Whatever a store makes of the two parts of a key, it must not run them together.
	keys := []policy.Key{{Tenant: "a", Identifier: "bc"}, {Tenant: "ab", Identifier: "c"}, {Tenant: "A", Identifier: "bc"}, {Tenant: "", Identifier: "abc"}, {Tenant: "a", Identifier: "BC"}}
	for _, k := range keys {
		win(t, s, issuing(k, k.Identifier))
	}
	for i, k := range keys {
		same(t, "its own", find(t, s, k), expected(entry(k, policy.StatusIssued, number(uint64(i)+1), k.Identifier), 1))
	}
}

func checkPayloadsAtOnce(t testing.TB, h Harness) {
	const keys, payloads = 1000, 8
	s := h.Open(t)
	for i := range keys {
		k := key("k-%d", i)
		var records [payloads]policy.Record
		var wins [payloads]bool
		atOnce(t, payloads, func(p int) error {
			var err error
			records[p], wins[p], err = s.Issue(ctx(t), issuing(k, string(rune('a'+p))))
			return err
		})
		winner := -1
		for p, won := range wins {
			if won && winner >= 0 {
				t.Fatalf("%s: payloads %d and %d both won", k.Identifier, winner, p)
			}
			if won {
				winner = p
			}
		}
		if winner < 0 {
			t.Fatalf("%s: nobody won", k.Identifier)
		}
		want := expected(entry(k, policy.StatusIssued, number(uint64(i)+1), string(rune('a'+winner))), 1)
		for p := range records {
			same(t, "answered", records[p], want)
		}
	}
	if got, want := counted(t, h, s), (count{keys, keys}); got != want {
		t.Errorf("%d keys with %d payloads each left %+v, want %+v", keys, payloads, got, want)
	}
}

func checkCallers(t testing.TB, h Harness) {
	const callers, keys, each = 64, 512, 32 // every key is tried by 4 callers
	s := h.Open(t)
	var mu sync.Mutex
	won := map[policy.Key]policy.Record{}
	atOnce(t, callers, func(c int) error {
		for i := range each {
			k := key("k-%d", (c*each/4+i)%keys)
			r, first, err := s.Issue(ctx(t), issuing(k, "payload"))
			if err != nil {
				return err
			}
			mu.Lock()
			if _, twice := won[k]; first && twice {
				t.Errorf("%s was won twice", k.Identifier)
			}
			if first {
				won[k] = r
			}
			mu.Unlock()
		}
		return nil
	})
	numbers := map[string]bool{}
	for k, r := range won {
		same(t, "found", find(t, s, k), r)
		numbers[r.Number] = true
	}
	for i := range uint64(keys) {
		if !numbers[number(i+1)] {
			t.Errorf("the number %s is missing", number(i+1))
		}
	}
	if got, want := counted(t, h, s), (count{keys, keys}); got != want {
		t.Errorf("%d keys left %+v, want %+v", keys, got, want)
	}
	if err := VerifyChain(h.Audit(t, s)); err != nil {
		t.Error(err)
	}
}
