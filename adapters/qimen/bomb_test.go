package qimen_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/adapters/qimen"
)

// maxAlloc is what a hostile request may cost, in bytes.
const maxAlloc = 1 << 20

// TestBombs sends requests that are made to cost much, signed and unsigned, and
// prints what they cost.
func TestBombs(t *testing.T) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write(make([]byte, 10<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	fill := func(unit string) []byte { return []byte(strings.Repeat(unit, 64<<10/len(unit))) }
	keys := func(n int) []byte {
		b := []byte("{")
		for i := range n {
			b = fmt.Appendf(b, `"%d":1,`, i)
		}
		return append(b, `"amount":"1"}`...)
	}
	field := func(value string) []byte { return []byte(`{"amount":` + value + `}`) }
	for name, c := range map[string]struct {
		post post
		want string
	}{
		"64 KiB and a byte":      {post{body: make([]byte, 64<<10+1)}, "isv.request-too-large"},
		"10 MB":                  {post{body: make([]byte, 10_000_000)}, "isv.request-too-large"},
		"100,000 keys":           {post{body: keys(100_000)}, "isv.request-too-large"},
		"a million digits":       {post{body: field(`"` + strings.Repeat("9", 1_000_000) + `"`)}, "isv.request-too-large"},
		"gzip":                   {post{body: zipped.Bytes()}, "isv.invalid-parameter:body"},
		"7,000 keys":             {post{body: keys(7_000)}, "isv.invalid-parameter:body"},
		"depth 9":                {post{body: []byte(`{"x":[[[[[[[[]]]]]]]]}`)}, "isv.invalid-parameter:body"},
		"depth 60,000":           {post{body: append([]byte(`{"x":`), bytes.Repeat([]byte("["), 60_000)...)}, "isv.invalid-parameter:body"},
		"braces without end":     {post{body: fill(`{`)}, "isv.invalid-parameter:body"},
		"a key twice":            {post{body: []byte(`{"amount":"1","amount":"1"}`)}, "isv.invalid-parameter:body"},
		"a key 5,000 times":      {post{body: append([]byte(`{"x":{`), fill(`"a":1,`)[:60_000]...)}, "isv.invalid-parameter:body"},
		"keys that collide":      {post{body: append([]byte(`{"x":[`), fill(`{"a":{}},`)[:59_994]...)}, "isv.invalid-parameter:body"},
		"NUL":                    {post{body: field("\"\x00\"")}, "isv.invalid-parameter:body"},
		"NULs":                   {post{body: append([]byte("{"), make([]byte, 60_000)...)}, "isv.invalid-parameter:body"},
		"BOM":                    {post{body: append([]byte("\xef\xbb\xbf"), sample(t)...)}, "isv.invalid-parameter:body"},
		"bad UTF-8":              {post{body: field("\"\xff\xfe\"")}, "isv.invalid-parameter:body"},
		"trailing data":          {post{body: append(sample(t), "{}"...)}, "isv.invalid-parameter:body"},
		"escapes":                {post{body: append(field(`"`), fill(`\u0000`)[:60_000]...)}, "isv.invalid-parameter:body"},
		"GBK without end":        {post{contentType: "application/json;charset=gbk", body: fill("\x81")}, "isv.invalid-parameter:body"},
		"a form of 20,000":       {post{contentType: "application/x-www-form-urlencoded", body: fill("a&")}, "sign-check-failure"},
		"10,000 parameters":      {post{query: strings.Repeat("a=1&", 10_000) + ts, body: sample(t)}, "sign-check-failure"},
		"a parameter of 100,000": {post{query: "session=" + strings.Repeat("v1.", 30_000) + "&" + ts, body: sample(t)}, "sign-check-failure"},
		"a session of methods":   {post{query: "session=" + strings.Repeat("method", 1_000) + "&" + ts, body: sample(t)}, "sign-check-failure"},
		"a header of 100,000":    {post{header: map[string][]string{"Top-Sign-List": {"X-A"}, "X-A": {strings.Repeat("methoda.", 12_500)}}, body: sample(t)}, "sign-check-failure"},
		"10,000 headers":         {post{header: map[string][]string{"Top-Sign-List": {strings.Repeat("X-A,", 10_000)}}, body: sample(t)}, "sign-check-failure"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHandler(t, qimen.Config{})
			for signed, r := range map[string]func() (want string, run func() string){
				"signed": func() (string, func() string) {
					r := c.post.sign(t)
					return c.want, func() string { return serveOnce(h, r) }
				},
				"unsigned": func() (string, func() string) {
					r := c.post.request(c.post.withDefaults().query + "&sign=" + strings.Repeat("0", 32))
					want := "sign-check-failure"
					if c.want == "isv.request-too-large" {
						want = c.want
					}
					return want, func() string { return serveOnce(h, r) }
				},
			} {
				want, run := r()
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				reply := run()
				runtime.ReadMemStats(&after)
				cost := after.TotalAlloc - before.TotalAlloc
				if got := code(t, reply); got != want || cost >= maxAlloc {
					t.Errorf("%s: %s for %d bytes, want %s for less than %d", signed, got, cost, want, maxAlloc)
				}
				t.Logf("%s: %s for %d KiB", signed, want, cost>>10)
			}
		})
	}
}

func serveOnce(h *qimen.Handler, r *http.Request) string {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Body.String()
}
