package qimen_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
)

func TestApps(t *testing.T) {
	one, two := qimen.Secret{Value: "one"}, qimen.Secret{Value: "two"}
	tenants := make(map[policy.Tenant]bool)
	apps := newApps(t,
		qimen.App{Key: "1", Tenant: "first", Secrets: []qimen.Secret{one}, Lang: policy.English},
		qimen.App{Key: "2", Secrets: []qimen.Secret{two}, Lenient: true})
	h := newHandler(t, qimen.Config{Apps: apps, Issuer: issuerFunc(
		func(_ context.Context, tn policy.Tenant, r *policy.Request) (policy.Receipt, error) {
			tenants[tn] = true
			if r.Unread != nil {
				return policy.Receipt{}, &policy.Refusal{Faults: r.Unread, Reference: "R"}
			}
			return receipt, nil
		})})
	number := []byte(`{"amount":1}`)
	for name, c := range map[string]struct {
		query, secret string
		want          string
	}{
		"by target":              {"target_app_key=1&" + ts, "one", "isv.invalid-parameter:amount"},
		"by secret":              {ts, "one", "isv.invalid-parameter:amount"},
		"the lenient one":        {"target_app_key=2&" + ts, "two", "SUCCESS"},
		"the lenient one, again": {ts, "two", "SUCCESS"},
		"another's secret":       {"target_app_key=2&" + ts, "one", "sign-check-failure"},
		"nobody's secret":        {ts, "three", "sign-check-failure"},
	} {
		if got := code(t, serve(t, h, post{query: c.query, secret: c.secret, body: number}.sign(t))); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if len(tenants) != 2 || !tenants["first"] || !tenants["2"] {
		t.Errorf("tenants %v, want first and 2", tenants)
	}
	reply := serve(t, h, post{query: ts, secret: "one", body: number}.sign(t))
	if !strings.Contains(reply, "(reference R)") {
		t.Errorf("not in the app's language: %s", reply)
	}
}

// TestRotation: old and new secret hold together for a while, and a reload
// needs no restart.
func TestRotation(t *testing.T) {
	now := signedAt
	cut := signedAt.Add(time.Minute)
	apps := newApps(t, qimen.App{Key: target, Secrets: []qimen.Secret{
		{Value: "old", NotAfter: cut}, {Value: "new", NotBefore: signedAt},
	}})
	h := newHandler(t, qimen.Config{Apps: apps, Clock: func() time.Time { return now }})
	try := func(at time.Time, secret string) bool {
		now = at
		return code(t, serve(t, h, post{secret: secret, body: sample(t)}.sign(t))) == "SUCCESS"
	}
	for name, c := range map[string]struct {
		at       time.Time
		old, new bool
	}{
		"before": {signedAt.Add(-1), true, false},
		"begin":  {signedAt, true, true},
		"both":   {cut.Add(-1), true, true},
		"cut":    {cut, false, true},
		"after":  {cut.Add(time.Minute), false, true},
	} {
		if old, young := try(c.at, "old"), try(c.at, "new"); old != c.old || young != c.new {
			t.Errorf("%s: old %v, new %v", name, old, young)
		}
	}
	if err := apps.Set(qimen.App{Key: target, Secrets: []qimen.Secret{{Value: "newest"}}}); err != nil {
		t.Fatal(err)
	}
	if try(signedAt, "new") || !try(signedAt, "newest") {
		t.Error("the reload does not count")
	}
	if err := apps.Set(); err == nil || !try(signedAt, "newest") {
		t.Error("a reload that fails changes something")
	}
}

func TestConfigErrors(t *testing.T) {
	good := qimen.App{Key: "1", Secrets: []qimen.Secret{{Value: "a"}}}
	for name, apps := range map[string][]qimen.App{
		"none":             {},
		"no key":           {{Secrets: good.Secrets}},
		"a key of letters": {{Key: "acme", Secrets: good.Secrets}},
		"a key twice":      {good, {Key: "1", Secrets: []qimen.Secret{{Value: "b"}}}},
		"no secret":        {{Key: "1"}},
		"an empty secret":  {{Key: "1", Secrets: []qimen.Secret{{}}}},
		"a secret twice":   {good, {Key: "2", Secrets: good.Secrets}},
		"a charset":        {{Key: "1", Secrets: good.Secrets, Charset: "big5"}},
		"a language":       {{Key: "1", Secrets: good.Secrets, Lang: "fr"}},
	} {
		if _, err := qimen.NewApps(apps...); err == nil {
			t.Errorf("apps, %s: no error", name)
		}
	}
	full := qimen.Config{Issuer: issueAll, Apps: newApps(t, good)}
	if _, err := qimen.NewHandler(full); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*qimen.Config){
		"no issuer":        func(c *qimen.Config) { c.Issuer = nil },
		"no apps":          func(c *qimen.Config) { c.Apps = nil },
		"empty apps":       func(c *qimen.Config) { c.Apps = new(qimen.Apps) },
		"a negative limit": func(c *qimen.Config) { c.MaxBody = -1 },
		"a zero prefix":    func(c *qimen.Config) { c.AllowFrom = make([]netip.Prefix, 1) },
	} {
		c := full
		change(&c)
		if _, err := qimen.NewHandler(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestSecretsDoNotShow(t *testing.T) {
	app := qimen.App{Key: "1", Secrets: []qimen.Secret{{Value: secret}}}
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewJSONHandler(&log, nil), slog.NewTextHandler(&log, nil)} {
		slog.New(h).Info("", "app", app, "secret", app.Secrets[0])
	}
	fmt.Fprintf(&log, "%v %+v %#v %s %d", app, app, app, app.Secrets[0], app.Secrets[0])
	if strings.Contains(log.String(), secret) || strings.Count(log.String(), "***") != 9 {
		t.Errorf("a secret shows, or does not: %s", &log)
	}
}
