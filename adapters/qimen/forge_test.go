package qimen_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
)

// TestForgeries alters a signed request and counts what is accepted: nothing.
// A body that does not begin with { is refused for that, after a signature that
// holds; all else is a sign-check-failure.
func TestForgeries(t *testing.T) {
	issued := 0
	h := newHandler(t, qimen.Config{Issuer: issuerFunc(func(context.Context, policy.Tenant, *policy.Request) (policy.Receipt, error) {
		issued++
		return receipt, nil
	})})
	body := sample(t)
	good := post{body: body}.sign(t).URL.RawQuery
	if serve(t, h, post{body: body}.request(good)); issued != 1 {
		t.Fatal("control: the request as it was signed is not issued")
	}
	tried, accepted := 0, 0
	try := func(query string, body []byte) {
		tried++
		reply := serve(t, h, post{body: body}.request(query))
		if reply != signFailure && (body[0] == '{' || code(t, reply) != "isv.invalid-parameter:body") {
			accepted++
			t.Errorf("accepted: %s\n%.60q\n%s", query, body, reply)
		}
	}

	for i := range len(good) * 8 {
		query := []byte(good)
		query[i/8] ^= 1 << (i % 8)
		if !sameParameters(good, string(query)) {
			try(string(query), body)
		}
	}
	for i := range len(body) * 8 {
		altered := append([]byte(nil), body...)
		altered[i/8] ^= 1 << (i % 8)
		try(good, altered)
	}
	t.Logf("bits of sign, parameters and body flipped: %d requests, %d accepted", tried, accepted)

	query, sign, _ := strings.Cut(good, "&sign=")
	tried, accepted = 0, 0
	for _, f := range forgeries(t, query, body) {
		try(f.query+"&sign="+sign, f.body)
	}
	t.Logf("bytes moved between names, values and body: %d requests, %d accepted", tried, accepted)
	if issued != 1 {
		t.Errorf("%d were issued, want the one", issued)
	}
}

// TestForgeriesControl shows the hole: the official signature holds for every
// one of the forgeries, and a lax handler takes them.
func TestForgeriesControl(t *testing.T) {
	body := sample(t)
	want, err := qimen.Sign(secret, jsonUTF8, publicQuery, nil, body)
	if err != nil {
		t.Fatal(err)
	}
	lax := newHandler(t, qimen.Config{Lax: true})
	all, holds, taken := forgeries(t, publicQuery, body), 0, 0
	for _, f := range all {
		if got, err := qimen.Sign(secret, jsonUTF8, f.query, nil, f.body); err == nil && got == want {
			holds++
		}
		if serve(t, lax, post{body: f.body}.request(f.query+"&sign="+want)) != signFailure {
			taken++
		}
	}
	t.Logf("of %d forgeries the official signature holds for %d, and a lax handler takes %d", len(all), holds, taken)
	if holds != len(all) || holds < 1000 || taken < 1000 {
		t.Error("want all, and 1000 or more")
	}
}

type forgery struct {
	query string
	body  []byte
}

// forgeries cuts the text that is signed anew: for each run of neighbouring
// parameters, body or the head of it included, every way to make one parameter
// of it whose name sorts where it must; and for each pair of neighbours every
// way to make two others. All have the signature of the original.
func forgeries(t testing.TB, query string, body []byte) []forgery {
	t.Helper()
	var all []forgery
	add := func(pairs [][2]string, body []byte) {
		var parts []string
		for i, p := range pairs {
			if p[0] == "sign" || i > 0 && pairs[i-1][0] >= p[0] {
				return // left out, or sorted elsewhere: another text is signed then
			}
			parts = append(parts, url.QueryEscape(p[0])+"="+url.QueryEscape(p[1]))
		}
		if f := (forgery{strings.Join(parts, "&"), body}); f.query != query {
			all = append(all, f)
		}
	}
	pairs := sortedPairs(query)
	for from := range pairs {
		for to := from + 1; to <= len(pairs); to++ {
			before, run, after := pairs[:from], "", pairs[to:]
			for _, p := range pairs[from:to] {
				run += p[0] + p[1]
			}
			for i := 1; i <= len(run); i++ {
				one := [][2]string{{run[:i], run[i:]}}
				add(concat(before, one, after), body)
				for j := i + 1; j < len(run) && to == from+2; j += 3 {
					for k := j; k <= len(run); k += 5 {
						add(concat(before, [][2]string{{run[:i], run[i:j]}, {run[j:k], run[k:]}}, after), body)
					}
				}
			}
			if to == len(pairs) {
				for _, n := range []int{1, 2, 14, 100, len(body)} {
					head := run + string(body[:n])
					for i := 1; i <= len(head) && i < 400; i++ {
						add(concat(before, [][2]string{{head[:i], head[i:]}}), body[n:])
					}
				}
			}
		}
	}
	for n := 1; n <= len(body); n++ { // the head of the body as a parameter of its own: { sorts last
		add(concat(pairs, [][2]string{{string(body[:n]), ""}}), body[n:])
		if n > 1 {
			add(concat(pairs, [][2]string{{string(body[:1]), string(body[1:n])}}), body[n:])
		}
	}
	last := pairs[len(pairs)-1]
	for n := range len(last[0]) + len(last[1]) { // the tail of the parameters as the head of the body
		tail := last[0] + last[1]
		add(concat(pairs[:len(pairs)-1], [][2]string{{tail[:min(n, len(last[0]))], tail[min(n, len(last[0])):n]}}),
			append([]byte(tail[n:]), body...))
	}
	return all
}

func concat(lists ...[][2]string) (all [][2]string) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func sortedPairs(query string) (pairs [][2]string) {
	q, _ := url.ParseQuery(query)
	for _, part := range strings.Split(q.Encode(), "&") { // Encode sorts
		name, value, _ := strings.Cut(part, "=")
		name, _ = url.QueryUnescape(name)
		value, _ = url.QueryUnescape(value)
		pairs = append(pairs, [2]string{name, value})
	}
	return pairs
}

// sameParameters tells whether two queries differ in their spelling only, as
// %3A and %3a do: nothing is altered then.
func sameParameters(a, b string) bool {
	p, errA := url.ParseQuery(a)
	q, errB := url.ParseQuery(b)
	return errA == nil && errB == nil && p.Encode() == q.Encode()
}

// TestUnknownParametersHoldNothingElse: an unknown parameter is tolerated, and
// bytes may move within it and what follows. Timestamp, method, target and body
// stay the signer's all the same.
func TestUnknownParametersHoldNothingElse(t *testing.T) {
	const query = "abc=1&method=qimen.alibaba.finance.insurance.surrender&session=test&target_app_key=87654321&" + ts + "&trace=7"
	h := newHandler(t, qimen.Config{})
	body := sample(t)
	good := post{query: query, body: body}.sign(t).URL.RawQuery
	if got := code(t, serve(t, h, post{body: body}.request(good))); got != "isv.invalid-parameter:method" {
		t.Fatalf("control: another call is answered with %s", got)
	}
	_, sign, _ := strings.Cut(good, "&sign=")
	all := forgeries(t, query, body)
	held, issued := 0, 0
	for _, f := range all {
		switch reply := serve(t, h, post{body: f.body}.request(f.query+"&sign="+sign)); {
		case reply == signFailure:
		case code(t, reply) == "isv.invalid-parameter:method":
			held++
		default:
			issued++
			t.Errorf("another call taken for ours: %s", f.query)
		}
	}
	t.Logf("%d forgeries around unknown parameters: %d are the same call, %d another", len(all), held, issued)
}

var _ http.Handler = (*qimen.Handler)(nil)
