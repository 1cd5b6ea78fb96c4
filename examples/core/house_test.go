package main

import (
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/core"
	"github.com/chudan-io/chudan/policy"
)

// TestHouse holds the example against the client that chudan has.
func TestHouse(t *testing.T) {
	secrets := core.Secrets{[]byte("an-example-and-no-secret-at-all")}
	now := time.Unix(1628078400, 0)
	s := httptest.NewServer(newHouse(secrets, func() time.Time { return now }))
	defer s.Close()
	ask := func(c core.Config, id, category string) (policy.Booking, error) {
		t.Helper()
		c.URL = s.URL + "/bookings"
		hook, err := core.New(c)
		if err != nil {
			t.Fatal(err)
		}
		r := &policy.Request{}
		r.OrderSubjectMatterInfo.SubjectMatterCategory = category
		return hook.Book(t.Context(), policy.Proposal{ID: id, Request: r})
	}
	ours := core.Config{Secrets: secrets, Clock: func() time.Time { return now }}
	for range 2 {
		if b, err := ask(ours, "a", ""); err != nil || b.PolicyNo != "CORE-00000001" {
			t.Errorf("%+v, %v", b, err)
		}
	}
	if b, err := ask(ours, "b", ""); err != nil || b.PolicyNo != "CORE-00000002" {
		t.Errorf("%+v, %v", b, err)
	}
	declined := (*policy.DeclinedError)(nil)
	if _, err := ask(ours, "c", "50023914"); !errors.As(err, &declined) || declined.Code != "CATEGORY" {
		t.Errorf("%v", err)
	}
	for name, c := range map[string]core.Config{
		"another secret": {Secrets: core.Secrets{[]byte("another-secret-of-nobody")}, Clock: ours.Clock},
		"an old request": {Secrets: secrets, Clock: func() time.Time { return now.Add(-time.Hour) }},
	} {
		if _, err := ask(c, "d", ""); !errors.Is(err, core.ErrStatus) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
