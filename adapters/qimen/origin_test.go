package qimen_test

import (
	"net/netip"
	"testing"

	"github.com/chudan-io/chudan/adapters/qimen"
)

func TestAddresses(t *testing.T) {
	allowed := []netip.Prefix{netip.MustParsePrefix("140.205.144.0/24"), netip.MustParsePrefix("2401:b180::/32")}
	h := newHandler(t, qimen.Config{AllowFrom: allowed, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	for name, c := range map[string]struct {
		peer  string
		hops  []string
		allow bool
	}{
		"the peer":               {"140.205.144.7:443", nil, true},
		"another peer":           {"140.205.146.7:443", nil, false},
		"a textual prefix":       {"140.205.14.4:443", nil, false},
		"a peer in IPv6":         {"[2401:b180::7]:443", nil, true},
		"IPv4 in IPv6":           {"[::ffff:140.205.144.7]:443", nil, true},
		"a peer that lies":       {"203.0.113.9:1", []string{"140.205.144.7"}, false},
		"our proxy":              {"10.1.1.1:1", []string{"140.205.144.7"}, true},
		"two of our proxies":     {"10.1.1.1:1", []string{"140.205.144.7, 10.2.2.2"}, true},
		"in two headers":         {"10.1.1.1:1", []string{"140.205.144.7", "10.2.2.2"}, true},
		"a liar behind it":       {"10.1.1.1:1", []string{"140.205.144.7, 203.0.113.9"}, false},
		"a proxy that is silent": {"10.1.1.1:1", nil, false},
		"a proxy's nonsense":     {"10.1.1.1:1", []string{"140.205.144.7, unknown"}, false},
		"no peer":                {"@", nil, false},
	} {
		r := post{body: sample(t)}.sign(t)
		r.RemoteAddr = c.peer
		r.Header["X-Forwarded-For"] = c.hops
		if got := serve(t, h, r) != signFailure; got != c.allow {
			t.Errorf("%s: allowed %v, want %v", name, got, c.allow)
		}
	}
}
