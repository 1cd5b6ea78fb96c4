package qimen

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// origin tells whether a request comes from an address that may call.
type origin struct {
	allowed []netip.Prefix // empty: all
	proxies []netip.Prefix // whose X-Forwarded-For is believed
}

func (o *origin) allows(r *http.Request) error {
	if len(o.allowed) == 0 {
		return nil
	}
	addr, err := o.client(r)
	if err != nil {
		return err
	}
	if !within(o.allowed, addr) {
		return fmt.Errorf("the address %s is not allowed", addr)
	}
	return nil
}

// client is the address that a request comes from: the peer's or, where that
// is a proxy of ours, the last one in X-Forwarded-For that is none. Anybody can
// write the ones before it.
func (o *origin) client(r *http.Request) (netip.Addr, error) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("the peer has no IP address")
	}
	addr := plainAddr(peer.Addr())
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !within(o.proxies, addr) {
			break
		}
		if addr, err = netip.ParseAddr(strings.TrimSpace(hop)); err != nil {
			return netip.Addr{}, fmt.Errorf("a proxy's X-Forwarded-For holds no IP address")
		}
		addr = plainAddr(addr)
	}
	return addr, nil
}

// plainAddr is an address without zone, and an IPv4 one in IPv6 as IPv4, so
// that it can be held against prefixes.
func plainAddr(a netip.Addr) netip.Addr { return a.WithZone("").Unmap() }

func within(prefixes []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
}
