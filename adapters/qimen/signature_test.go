package qimen_test

import (
	"bytes"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/chudan-io/chudan/adapters/qimen"
)

// vector is a signature that the official Java class accepts.
type vector struct {
	Name        string            `json:"name"`
	Secret      string            `json:"secret"`
	ContentType string            `json:"content_type"`
	Query       string            `json:"query"`
	Headers     map[string]string `json:"headers"`
	Body        string            `json:"body"`
	Sign        string            `json:"sign"`
}

func (v vector) header() http.Header {
	h := make(http.Header)
	for name, value := range v.Headers {
		h.Set(name, value)
	}
	return h
}

// bytes are the body's in the charset of the content type.
func (v vector) bytes(t testing.TB) []byte {
	t.Helper()
	if !strings.HasSuffix(v.ContentType, "GBK") {
		return []byte(v.Body)
	}
	b, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(v.Body))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func vectors(t testing.TB) []vector {
	t.Helper()
	text, err := os.ReadFile("testdata/signatures.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 8 {
		t.Fatalf("%d vectors, want 8", len(all))
	}
	return all
}

func TestSignReproducesOfficialVectors(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			got, err := qimen.Sign(v.Secret, v.ContentType, v.Query, v.header(), v.bytes(t))
			if err != nil || got != v.Sign {
				t.Errorf("Sign = %s, %v; want %s", got, err, v.Sign)
			}
		})
	}
}

// TestSignHashesThisText pins the oddities of the official class by the text
// that is hashed.
func TestSignHashesThisText(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	header := http.Header{"Top-Sign-List": {"X-B,x-a,,X-None"}, "X-A": {"1%2B"}, "X-B": {"2"}}
	for name, c := range map[string]struct {
		contentType, query string
		header             http.Header
		body, want         string
	}{
		"sorted by bytes":              {jsonUTF8, "customer_id=1&customerId=2&Zed=3&app_key=4", nil, "{}", "Zed3app_key4customerId2customer_id1{}"},
		"sign is left out":             {jsonUTF8, "sign=1&b=2", nil, "{}", "b2{}"},
		"a value of nothing":           {jsonUTF8, "a=&b&c=1", nil, "", "abc1"},
		"a name of nothing":            {jsonUTF8, "=x&a=1", nil, "", "xa1"},
		"plus is a space":              {jsonUTF8, "a=1+2%2B3", nil, "", "a1 2+3"},
		"names are decoded":            {jsonUTF8, "%61%3D=1", nil, "", "a=1"},
		"equals signs at the end":      {jsonUTF8, "a=1==", nil, "", "a1"},
		"equals signs inside":          {jsonUTF8, "a=1=2&b==3&c=4", nil, "", "c4"},
		"nothing but equals signs":     {jsonUTF8, "==&a=1", nil, "", "a1"},
		"empty pairs":                  {jsonUTF8, "&&a=1&&", nil, "", "a1"},
		"the last of one name":         {jsonUTF8, "a=1&a=&a=3", nil, "", "a3"},
		"no query":                     {jsonUTF8, "", nil, "{}", "{}"},
		"headers":                      {jsonUTF8, "b=1", header, "{}", "X-B2X-Noneb1x-a1+{}"},
		"the query over a header":      {jsonUTF8, "X-B=3", header, "", "X-B3X-Nonex-a1+"},
		"a form":                       {form, "b=2", nil, "c=3&a=1+1", "a1 1b2c3"},
		"the query over a form":        {form, "a=1", nil, "a=2&b=3", "a1b3"},
		"the first of a form's name":   {form, "", nil, "a=1&a=2&b=3=4", "a1b3=4"},
		"a form over a header":         {form, "", header, "X-B=3", "X-B3X-Nonex-a1+"},
		"bytes of a body as they are":  {jsonUTF8, "a=1", nil, "\xef\xbb\xbf\r\n{}\xff ", "a1\xef\xbb\xbf\r\n{}\xff "},
		"text":                         {"Text/Plain", "a=1", nil, "b=2", "a1b=2"},
		"any charset":                  {"application/json; charset=\"klingon\"", "a=1", nil, "{}", "a1{}"},
		"bytes that are no characters": {jsonUTF8, "a=%ff", nil, "", "a\xff"},
	} {
		t.Run(name, func(t *testing.T) {
			want := fmt.Sprintf("%X", md5.Sum([]byte(secret+c.want+secret)))
			got, err := qimen.Sign(secret, c.contentType, c.query, c.header, []byte(c.body))
			if err != nil || got != want {
				t.Errorf("Sign = %s, %v; want %s", got, err, want)
			}
		})
	}
}

func TestSignErrors(t *testing.T) {
	for name, c := range map[string]struct{ contentType, query, body string }{
		"no content type":     {"", "a=1", "{}"},
		"files":               {"multipart/form-data; boundary=x", "a=1", ""},
		"octets":              {"application/octet-stream", "a=1", "{}"},
		"a cut escape":        {jsonUTF8, "a=%4", "{}"},
		"a wrong escape":      {jsonUTF8, "%zz=1", "{}"},
		"an escape in a form": {"application/x-www-form-urlencoded", "", "a=%"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := qimen.Sign(secret, c.contentType, c.query, nil, []byte(c.body)); err == nil {
				t.Errorf("Sign = %s, want an error", got)
			}
		})
	}
}

// FuzzSignature holds Sign against the official class, written out as slowly
// and literally as it stands there, and shows that whatever the strict handler
// takes the lax one takes too, and that neither panics.
func FuzzSignature(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Secret, v.Query, v.Headers["top-sign-list"], v.Headers["X-Biz-Scene"], v.bytes(f))
	}
	f.Add("", "a=1&&b==2&=&sign=3", "sign,a,", "%", []byte{0xff})
	strict, lax := newHandler(f, qimen.Config{}), newHandler(f, qimen.Config{Lax: true})
	f.Fuzz(func(t *testing.T, secret, query, list, scene string, body []byte) {
		header := http.Header{"Top-Sign-List": {list}, "X-Biz-Scene": {scene}}
		got, err := qimen.Sign(secret, jsonUTF8, query, header, body)
		want, ok := officialSign(secret, query, header, body)
		if ok != (err == nil) || got != want {
			t.Errorf("Sign = %q, %v; the official class: %q, %v", got, err, want, ok)
		}
		r := post{header: header, body: body}.request(query + "&sign=" + got)
		inStrict := code(t, serve(t, strict, r.Clone(t.Context())))
		r.Body = io.NopCloser(bytes.NewReader(body))
		inLax := code(t, serve(t, lax, r))
		if inStrict != "sign-check-failure" && inStrict != inLax || inLax == "isp.internal-error" {
			t.Errorf("strict: %s, lax: %s", inStrict, inLax)
		}
	})
}

// officialSign is SpiUtils.checkSign for a JSON body, map for map.
func officialSign(secret, query string, header http.Header, body []byte) (string, bool) {
	params, sound := make(map[string]string), true
	decode := func(s string) string {
		text, err := url.QueryUnescape(s)
		sound = sound && err == nil
		return text
	}
	if list := header.Get("top-sign-list"); list != "" {
		for _, name := range javaSplit(list, ",") {
			params[name] = decode(header.Get(name))
		}
	}
	for _, pair := range javaSplit(query, "&") {
		switch kv := javaSplit(pair, "="); len(kv) {
		case 2:
			params[decode(kv[0])] = decode(kv[1])
		case 1:
			params[decode(kv[0])] = ""
		}
	}
	if !sound {
		return "", false
	}
	text := secret
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if name != "sign" {
			text += name + params[name]
		}
	}
	return fmt.Sprintf("%X", md5.Sum([]byte(text+string(body)+secret))), true
}

// javaSplit is Java's String.split for a separator that is no pattern: empty
// parts at the end vanish, and a text without the separator stays whole.
func javaSplit(s, separator string) []string {
	if !strings.Contains(s, separator) {
		return []string{s}
	}
	parts := strings.Split(s, separator)
	for len(parts) > 0 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	return parts
}
