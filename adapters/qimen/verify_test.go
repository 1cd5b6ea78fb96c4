package qimen_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/qimen"
)

const ts = "timestamp=2021-08-04+15%3A23%3A28"

// TestHardening signs each request as the official class accepts it, and tells
// what becomes of it here: under the strict rules and under the lax ones.
func TestHardening(t *testing.T) {
	header := func(list string, nameValues ...string) http.Header {
		h := http.Header{"Top-Sign-List": {list}}
		for i := 0; i < len(nameValues); i += 2 {
			h[nameValues[i]] = append(h[nameValues[i]], nameValues[i+1])
		}
		return h
	}
	for name, c := range map[string]struct {
		post post
		want string // strict and lax: "ok ok", "no ok" …
	}{
		"as the gateway sends it":     {post{}, "ok ok"},
		"sign and timestamp alone":    {post{query: ts}, "ok ok"},
		"no target":                   {post{query: "app_key=1&" + ts}, "ok ok"},
		"every known parameter":       {post{query: publicQuery + "&session=6101b_2-x.Y&customerId=c1&customer_id=c2&simplify=true&partner_id=top-sdk-java"}, "ok ok"},
		"values of nothing":           {post{query: "session=&customerId&" + ts}, "ok ok"},
		"an unknown parameter":        {post{query: publicQuery + "&traceId=0a1b:2/3+%E5%87%BA"}, "ok ok"},
		"hmac named":                  {post{query: "sign_method=hmac-sha256&" + ts}, "ok ok"},
		"a signed header":             {post{header: header("X-Biz-Scene,x-trace", "X-Biz-Scene", "%E5%87%BA%E5%8D%95")}, "ok ok"},
		"a configured header":         {post{header: header("Eagleeye-Traceid", "Eagleeye-Traceid", "0a")}, "ok ok"},
		"a second = (V11)":            {post{query: "tok=abc==&x=a=b&" + ts}, "no ok"},
		"= signs at the end":          {post{query: "tok=abc==&" + ts}, "no ok"},
		"a pair of nothing":           {post{query: ts + "&&v=2.0"}, "no ok"},
		"a duplicate (V12)":           {post{query: "app_key=1&app_key=2&" + ts}, "no ok"},
		"a duplicate of one value":    {post{query: "app_key=1&app_key=1&" + ts}, "no ok"},
		"a duplicate by escape":       {post{query: "app_key=1&%61pp_key=1&" + ts}, "no ok"},
		"a header and a parameter":    {post{query: "X-A=1&" + ts, header: header("X-A", "X-A", "1")}, "no ok"},
		"a header named twice":        {post{header: header("X-A,X-A", "X-A", "1")}, "no ok"},
		"a header sent twice":         {post{header: header("X-A", "X-A", "1", "X-A", "2")}, "no ok"},
		"two lists of headers":        {post{header: header("X-A", "X-A", "1", "Top-Sign-List", "X-B")}, "no ok"},
		"a header of HTTP's":          {post{header: header("User-Agent", "User-Agent", "a")}, "no ok"},
		"an app key of letters":       {post{query: "app_key=1a&" + ts}, "no ok"},
		"an app key of 21 digits":     {post{query: "app_key=123456789012345678901&" + ts}, "no ok"},
		"a format of ours only":       {post{query: "format=yaml&" + ts}, "no ok"},
		"a version of one number":     {post{query: "v=2&" + ts}, "no ok"},
		"another sign method":         {post{query: "sign_method=sha1&" + ts}, "no ok"},
		"a session with a brace":      {post{query: "session=%7B&" + ts}, "no ok"},
		"an unknown with a brace":     {post{query: "zone=a%7Bb&" + ts}, "no ok"},
		"an unknown with a quote":     {post{query: "zone=%22&" + ts}, "no ok"},
		"an unknown with a newline":   {post{query: "zone=%0A&" + ts}, "no ok"},
		"a name with a brace":         {post{query: "%7B%22a%22=1&" + ts}, "no ok"},
		"a name of a digit":           {post{query: "1a=1&" + ts}, "no ok"},
		"a name of 65 letters":        {post{query: strings.Repeat("a", 65) + "=1&" + ts}, "no ok"},
		"a version in a name":         {post{query: "v2=.0&" + ts}, "no ok"},
		"an app key in two":           {post{query: "app=_key12345678&" + ts}, "no ok"},
		"a sign method in a session":  {post{query: "session=testsign_methodmd5&" + ts}, "no ok"},
		"a method in another":         {post{query: "abc=methodqimen.alibaba.surrender&" + ts}, "no ok"},
		"a method in a name":          {post{query: "abcmethodqimen.alibaba.=surrender&" + ts}, "no ok"},
		"a method beside":             {post{query: "pay_method=alipay.wap&" + publicQuery}, "ok ok"},
		"a method's word":             {post{query: "pay_method=card&" + ts}, "ok ok"},
		"65 parameters":               {post{query: ts + strings.Repeat("&a", 65)}, "no no"},
		"65 headers":                  {post{header: header("X-A" + strings.Repeat(",X-A", 65))}, "no no"},
		"no timestamp":                {post{query: "v=2.0"}, "no no"},
		"a timestamp of nothing":      {post{query: "timestamp=&v=2.0"}, "no no"},
		"a timestamp of milliseconds": {post{query: "timestamp=1628061808000"}, "no no"},
		"a timestamp of one digit":    {post{query: "timestamp=2021-08-04+5%3A23%3A28"}, "no no"},
		"30 February":                 {post{query: "timestamp=2021-02-30+15%3A23%3A28"}, "no no"},
		"another secret":              {post{secret: "hellowordl"}, "no no"},
		"no secret at all":            {post{query: ts, secret: " "}, "no no"},
		"an unknown target":           {post{query: "target_app_key=11111111&" + ts}, "no no"},
		"a target of nothing":         {post{query: "target_app_key=&" + ts}, "no ok"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, lax := range []bool{false, true} {
				h := newHandler(t, qimen.Config{Lax: lax, SignedHeaders: []string{"EagleEye-TraceId"}})
				c.post.body = sample(t)
				verdict := "no"
				if reply := serve(t, h, c.post.sign(t)); reply != signFailure {
					verdict = "ok"
					if code(t, reply) != "SUCCESS" {
						t.Errorf("lax %v: %s", lax, reply)
					}
				}
				got = append(got, verdict)
			}
			if got := strings.Join(got, " "); got != c.want {
				t.Errorf("strict and lax: %s, want %s", got, c.want)
			}
		})
	}
}

// unsigned are requests that no caller with a secret sends.
func unsigned(t testing.TB) map[string]*http.Request {
	p := post{body: sample(t)}
	good := p.sign(t).URL.RawQuery
	query, sign, _ := strings.Cut(good, "&sign=")
	bare := p.request(good)
	bare.Header.Del("Content-Type")
	files := p.request(good)
	files.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	form := p.request(good)
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return map[string]*http.Request{
		"nothing":           post{}.request(""),
		"no query":          p.request(""),
		"no sign":           p.request(query),
		"a sign of nothing": p.request(query + "&sign="),
		"lower case":        p.request(query + "&sign=" + strings.ToLower(sign)),
		"half a sign":       p.request(query + "&sign=" + sign[:16]),
		"a sign and more":   p.request(good + "00"),
		"two signs":         p.request(good + "&sign=" + sign),
		"a wrong sign":      p.request(query + "&sign=" + strings.Repeat("0", 32)),
		"another body":      post{body: []byte("{}")}.request(good),
		"a body of no JSON": post{body: []byte("\xff\x00")}.request(query + "&sign=" + sign),
		"a cut escape":      p.request("a=%&" + good),
		"no content type":   bare,
		"files":             files,
		"a form":            form,
		"stale":             post{query: "timestamp=2021-08-04+15%3A13%3A27", body: p.body}.sign(t),
		"an unknown target": post{query: "target_app_key=1&" + ts, body: p.body}.sign(t),
		"old secret":        post{secret: "old", body: p.body}.sign(t),
		"foreign address":   func() *http.Request { r := p.sign(t); r.RemoteAddr = "203.0.113.9:1"; return r }(),
	}
}

// TestSignFailuresLookAlike: whatever is wrong, the same bytes and headers go
// out; the reason goes to the log.
func TestSignFailuresLookAlike(t *testing.T) {
	var log bytes.Buffer
	h := newHandler(t, qimen.Config{
		Apps: newApps(t, qimen.App{Key: target, Secrets: []qimen.Secret{
			{Value: secret}, {Value: "old", NotAfter: signedAt},
		}}),
		AllowFrom: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")},
		Log:       slog.New(slog.NewJSONHandler(&log, nil)),
	})
	reasons := make(map[string]bool)
	for name, r := range unsigned(t) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK || w.Body.String() != signFailure {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if len(w.Header()) != 2 || w.Header().Get("Content-Type") != "application/json;charset=UTF-8" {
			t.Errorf("%s: headers %v", name, w.Header())
		}
		var line struct{ Level, Code, Reference, Reason string }
		if err := json.Unmarshal(log.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v: %s", name, err, &log)
		}
		if line.Level != "WARN" || line.Code != "sign-check-failure" || line.Reference == "" || line.Reason == "" {
			t.Errorf("%s: log %+v", name, line)
		}
		reasons[line.Reason] = true
		log.Reset()
	}
	if len(reasons) < 10 {
		t.Errorf("%d different reasons in the log, want 10 or more: %v", len(reasons), reasons)
	}
}

func TestFreshness(t *testing.T) {
	for name, c := range map[string]struct {
		off  time.Duration // of our clock
		want string
	}{
		"to the second":        {0, "SUCCESS"},
		"ten minutes old":      {10 * time.Minute, "SUCCESS"},
		"ten minutes early":    {-10 * time.Minute, "SUCCESS"},
		"older":                {10*time.Minute + time.Nanosecond, "sign-check-failure"},
		"earlier":              {-10*time.Minute - time.Nanosecond, "sign-check-failure"},
		"from another century": {100 * 365 * 24 * time.Hour, "sign-check-failure"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHandler(t, qimen.Config{Clock: func() time.Time { return signedAt.Add(c.off).UTC() }})
			if got := code(t, serve(t, h, post{body: sample(t)}.sign(t))); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	h := newHandler(t, qimen.Config{Window: time.Second, Clock: func() time.Time { return signedAt.Add(2 * time.Second) }})
	if got := code(t, serve(t, h, post{body: sample(t)}.sign(t))); got != "sign-check-failure" {
		t.Errorf("a window of a second: %s", got)
	}
}
