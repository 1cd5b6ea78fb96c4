package qimen_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/chudan-io/chudan/adapters/qimen"
)

// caught is a request that is signed over one thing and sent as another.
type caught struct {
	signed, sent post
	list         string // Content-Length and the like, as lines of the head
	sign         string // instead of the one over signed
	elsewhere    bool   // sign is not in the query
	method       string
}

func (c caught) text(t testing.TB) []byte {
	t.Helper()
	signed, sent := c.signed.withDefaults(), c.sent.withDefaults()
	if c.sign == "" {
		sign, err := qimen.Sign(signed.secret, signed.contentType, signed.query, signed.header, signed.body)
		if err != nil {
			t.Fatal(err)
		}
		c.sign = sign
	}
	query := sent.query
	if !c.elsewhere {
		query += "&sign=" + url.QueryEscape(c.sign)
	}
	if c.method == "" {
		c.method = "POST"
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s /qimen?%s HTTP/1.1\r\nHost: insurer.example\r\nContent-Type: %s\r\n%s", c.method, query, sent.contentType, c.list)
	_ = sent.header.Write(&b)
	b.WriteString("\r\n")
	b.Write(sent.body)
	return b.Bytes()
}

// Of apps: the target, its caller, and one that has nothing to do with it.
var suspects = []qimen.App{
	{Key: target, Secrets: []qimen.Secret{{Value: "older"}, {Value: secret}}},
	{Key: "12345678", Secrets: []qimen.Secret{{Value: "callers"}}},
	{Key: "5", Secrets: []qimen.Secret{{Value: "others"}}},
}

const unsorted = "v=2.0&timestamp=2021-08-04+15%3A23%3A28&app_key=12345678&target_app_key=87654321&customerId=4&customer_id=3"

// by computes a signature over a text by hand.
func by(text string) string { return fmt.Sprintf("%X", md5.Sum([]byte(text))) }

func TestDiagnose(t *testing.T) {
	body := []byte(`{"subjectMatterName":"包装/<袋>","b":1.0,"a":["x",{}]}`)
	gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes(body)
	if err != nil {
		t.Fatal(err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, body, "", "  "); err != nil {
		t.Fatal(err)
	}
	const (
		ascii  = `{"subjectMatterName":"\u5305\u88c5/<\u888b>","b":1.0,"a":["x",{}]}`
		php    = `{"subjectMatterName":"\u5305\u88c5\/<\u888b>","b":1.0,"a":["x",{}]}`
		html   = `{"subjectMatterName":"包装/\u003c袋\u003e","b":1.0,"a":["x",{}]}`
		sorted = `{"a":["x",{}],"b":1.0,"subjectMatterName":"包装/<袋>"}`
		python = `{"subjectMatterName": "\u5305\u88c5/<\u888b>", "b": 1.0, "a": ["x", {}]}`
		form   = "application/x-www-form-urlencoded;charset=utf-8"
		plain  = "app_key12345678customerId4customer_id3target_app_key87654321timestamp2021-08-04 15:23:28v2.0"
	)
	over := func(s string) post { return post{body: []byte(s)} }
	sent := post{body: body}
	mac := func(sum []byte) string { return strings.ToUpper(hex.EncodeToString(sum)) }
	hmacMD5, hmacSHA := hmac.New(md5.New, []byte(secret)), hmac.New(sha256.New, []byte(secret))
	hmacMD5.Write([]byte(plain + "{}"))
	hmacSHA.Write([]byte(plain + "{}"))
	right := md5.Sum([]byte(secret + plain + "{}" + secret))
	other := post{query: unsorted, body: []byte("{}")}
	scene := map[string][]string{"Top-Sign-List": {"X-Biz-Scene"}, "X-Biz-Scene": {"a"}}
	for name, c := range map[string]struct {
		caught
		want string
	}{
		"right":                    {caught{sent, sent, "", "", false, ""}, ""},
		"right, the older secret":  {caught{signed: post{body: body, secret: "older"}, sent: sent}, ""},
		"right, in GBK":            {caught{signed: post{body: gbk}, sent: post{body: gbk, contentType: "application/json;charset=GBK"}}, ""},
		"right, its length too":    {caught{signed: sent, sent: sent, list: fmt.Sprintf("Content-Length: %d\r\n", len(body))}, ""},
		"right, in chunks":         {caught{signed: over("{}"), sent: over("2\r\n{}\r\n0\r\n\r\n"), list: "Transfer-Encoding: chunked\r\n"}, ""},
		"right, with headers":      {caught{signed: post{header: scene}, sent: post{header: scene}}, ""},
		"nobody's secret":          {caught{signed: post{body: body, secret: "nobody"}, sent: sent}, "unknown"},
		"any sign":                 {caught{sent: sent, sign: "00112233445566778899AABBCCDDEEFF"}, "unknown"},
		"altered":                  {caught{signed: over(strings.Replace(string(body), "1.0", "2.0", 1)), sent: sent}, "unknown"},
		"another target":           {caught{signed: post{query: "target_app_key=7&" + ts, secret: "nobody"}, sent: post{query: "target_app_key=7&" + ts}}, "target-unknown"},
		"the caller's secret":      {caught{signed: post{body: body, secret: "callers"}, sent: sent}, "secret-caller"},
		"another app's secret":     {caught{signed: post{body: body, secret: "others"}, sent: sent}, "secret-other"},
		"a secret with newline":    {caught{signed: post{body: body, secret: secret + "\n"}, sent: sent}, "secret-space"},
		"a secret with CRLF":       {caught{signed: post{body: body, secret: secret + "\r\n"}, sent: sent}, "secret-space"},
		"a quoted secret":          {caught{signed: post{body: body, secret: `"` + secret + `"`}, sent: sent}, "secret-quotes"},
		"a secret in capitals":     {caught{signed: post{body: body, secret: "HELLOWORLD"}, sent: sent}, "secret-case"},
		"no secret":                {caught{sent: post{query: unsorted}, sign: by(plain)}, "secret-missing"},
		"a newline trimmed":        {caught{signed: sent, sent: over(string(body) + "\n")}, "newline-missing"},
		"a newline added":          {caught{signed: over(string(body) + "\n"), sent: sent}, "newline-added"},
		"CRLF added":               {caught{signed: over(string(body) + "\r\n"), sent: sent}, "newline-added"},
		"trimmed":                  {caught{signed: over("x y"), sent: over(" x y ")}, "space-missing"},
		"a BOM sent":               {caught{signed: sent, sent: over("\ufeff" + string(body))}, "bom-missing"},
		"a BOM signed":             {caught{signed: over("\ufeff" + string(body)), sent: sent}, "bom-added"},
		"CRLF sent":                {caught{signed: over("{\n}"), sent: over("{\r\n}")}, "line-ends"},
		"CRLF signed":              {caught{signed: over("x\r\n}"), sent: over("x\n}")}, "line-ends"},
		"sorted keys":              {caught{signed: over(sorted), sent: sent}, "body-rewritten"},
		"compacted":                {caught{signed: sent, sent: over(indented.String())}, "body-rewritten"},
		"indented":                 {caught{signed: over(indented.String()), sent: sent}, "body-rewritten"},
		"as Python writes":         {caught{signed: over(python), sent: sent}, "body-rewritten"},
		"as PHP writes":            {caught{signed: over(php), sent: sent}, "body-rewritten"},
		"as Go writes":             {caught{signed: over(html), sent: sent}, "body-rewritten"},
		"slashes":                  {caught{signed: over(strings.ReplaceAll(string(body), "/", `\/`)), sent: sent}, "body-rewritten"},
		"ASCII":                    {caught{signed: over(ascii), sent: sent}, "body-rewritten"},
		"ASCII in capitals":        {caught{signed: over(strings.NewReplacer("88c5", "88C5", "888b", "888B").Replace(ascii)), sent: sent}, "body-rewritten"},
		"sent as ASCII":            {caught{signed: sent, sent: over(ascii)}, "body-rewritten"},
		"signed in GBK":            {caught{signed: post{body: gbk}, sent: sent}, "body-charset"},
		"signed in UTF-8":          {caught{signed: sent, sent: post{body: gbk, contentType: "application/json;charset=GBK"}}, "body-charset"},
		"question marks":           {caught{signed: over(`{"subjectMatterName":"??/<?>","b":1.0,"a":["x",{}]}`), sent: sent}, "body-charset"},
		"no body":                  {caught{signed: over(""), sent: sent}, "body-left-out"},
		"a body encoded":           {caught{signed: over(url.QueryEscape(string(body))), sent: sent}, "body-encoded"},
		"a form signed raw":        {caught{signed: over("a=1&b=2"), sent: post{body: []byte("a=1&b=2"), contentType: form}}, "form-raw"},
		"a body signed as a form":  {caught{signed: post{body: []byte("a=1&b=2"), contentType: form}, sent: over("a=1&b=2")}, "body-form"},
		"members":                  {caught{signed: post{query: publicQuery + "&subjectMatterName=" + url.QueryEscape("包装") + "&n=1"}, sent: over(`{"subjectMatterName":"包装","n":1}`)}, "body-members"},
		"values not decoded":       {caught{sent: other, sign: by(secret + strings.Replace(plain, " 15:23:28", "+15%3A23%3A28", 1) + "{}" + secret)}, "values-encoded"},
		"values with %20":          {caught{sent: other, sign: by(secret + strings.Replace(plain, " 15:23:28", "%2015%3A23%3A28", 1) + "{}" + secret)}, "values-encoded"},
		"plus":                     {caught{sent: other, sign: by(secret + strings.Replace(plain, " 15", "+15", 1) + "{}" + secret)}, "plus"},
		"values encoded twice":     {caught{signed: post{query: "x=a%2Fb&" + ts}, sent: post{query: "x=a%252Fb&" + ts}}, "values-encoded-twice"},
		"values in GBK":            {caught{signed: post{query: "x=%B0%FC&" + ts}, sent: post{query: "x=%E5%8C%85&" + ts}}, "values-charset"},
		"values trimmed":           {caught{signed: post{query: "x=a&" + ts}, sent: post{query: "x=+a&" + ts}}, "values-trimmed"},
		"empty values":             {caught{signed: post{query: ts}, sent: post{query: "session=&" + ts}}, "empty-values"},
		"sign signed":              {caught{sent: other, sign: by(secret + strings.Replace(plain, "target", "signtarget", 1) + "{}" + secret)}, "sign-signed"},
		"the body alone":           {caught{sent: sent, sign: by(secret + string(body) + secret)}, "query-left-out"},
		"a parameter left out":     {caught{signed: post{query: ts}, sent: post{query: "target_app_key=87654321&" + ts}}, "parameter-left-out"},
		"the time taken twice":     {caught{signed: post{query: strings.Replace(publicQuery, "23%3A28", "23%3A29", 1)}, sent: post{}}, "timestamp-signed"},
		"headers left out":         {caught{signed: post{}, sent: post{header: scene}}, "headers-left-out"},
		"headers in lower case":    {caught{signed: post{header: map[string][]string{"Top-Sign-List": {"x-biz-scene"}, "X-Biz-Scene": {"a"}}}, sent: post{header: scene}}, "headers-case"},
		"headers not listed":       {caught{signed: post{header: scene}, sent: post{header: map[string][]string{"X-Biz-Scene": {"a"}}}}, "headers-unlisted"},
		"sorted without case":      {caught{sent: other, sign: by(secret + strings.NewReplacer("customerId4customer_id3", "customer_id3customerId4").Replace(plain) + "{}" + secret)}, "order-case"},
		"not sorted":               {caught{sent: other, sign: by(secret + "v2.0timestamp2021-08-04 15:23:28app_key12345678target_app_key87654321customerId4customer_id3{}" + secret)}, "order-none"},
		"separators":               {caught{sent: other, sign: by(secret + "app_key=12345678&customerId=4&customer_id=3&target_app_key=87654321&timestamp=2021-08-04 15:23:28&v=2.0{}" + secret)}, "separators"},
		"HMAC-MD5":                 {caught{sent: other, sign: mac(hmacMD5.Sum(nil))}, "hmac"},
		"HMAC-SHA256":              {caught{sent: other, sign: mac(hmacSHA.Sum(nil))}, "hmac"},
		"SHA-256":                  {caught{sent: other, sign: fmt.Sprintf("%X", sha256.Sum256([]byte(secret+plain+"{}"+secret)))}, "hash"},
		"the secret in front only": {caught{sent: other, sign: by(secret + plain + "{}")}, "secret-once"},
		"lower case":               {caught{sent: other, sign: hex.EncodeToString(right[:])}, "sign-case"},
		"Base64":                   {caught{sent: other, sign: base64.StdEncoding.EncodeToString(right[:])}, "sign-base64"},
		"no digest":                {caught{sent: other, sign: "12"}, "sign-form"},
		"no sign":                  {caught{sent: other, elsewhere: true}, "sign-missing"},
		"sign in a header":         {caught{signed: other, sent: other, elsewhere: true, list: "sign: " + mac(right[:]) + "\r\n"}, "sign-place"},
		"sign in the body":         {caught{sent: post{query: unsorted, body: []byte(`{"sign":"` + mac(right[:]) + `"}`)}, elsewhere: true}, "sign-place"},
		"no content type":          {caught{signed: other, sent: post{query: unsorted, body: []byte("{}"), contentType: "image/png"}}, "content-type"},
		"GET":                      {caught{signed: other, sent: other, method: "GET"}, "method"},
		"a name twice":             {caught{signed: post{query: "v=2.0&v=2.0&" + ts}, sent: post{query: "v=2.0&v=2.0&" + ts}}, "parameters"},
		"sign twice":               {caught{signed: other, sent: post{query: unsorted + "&sign=A", body: []byte("{}")}}, "parameters"},
		"a cut body":               {caught{signed: other, sent: other, list: "Content-Length: 3\r\n"}, "body-length"},

		"sorted in GBK":                {caught{signed: over(sorted), sent: post{body: gbk}}, "body-rewritten body-charset"},
		"compacted, newline":           {caught{signed: over(sorted + "\n"), sent: sent}, "body-rewritten newline-added"},
		"HMAC over encoded values":     {caught{sent: other, sign: mac(keyedMD5(strings.Replace(plain, " 15:23:28", "+15%3A23%3A28", 1) + "{}"))}, "values-encoded hmac"},
		"the caller's, with newline":   {caught{signed: post{body: body, secret: "callers\n"}, sent: sent}, "secret-caller secret-space"},
		"lower case, without the body": {caught{sent: other, sign: strings.ToLower(by(secret + plain + secret))}, "sign-case body-left-out"},
		"three at once":                {caught{signed: post{body: []byte(sorted + "\n"), secret: "callers"}, sent: sent}, "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			got := diagnose(t, c.text(t), time.Time{})
			if got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

func keyedMD5(text string) []byte {
	h := hmac.New(md5.New, []byte(secret))
	h.Write([]byte(text))
	return h.Sum(nil)
}

// diagnose gives the codes of what is found, and holds the sentences against
// what none may tell.
func diagnose(t *testing.T, text []byte, received time.Time) string {
	t.Helper()
	c, err := qimen.ParseCapture(text)
	if err != nil {
		t.Fatal(err)
	}
	d := c.Diagnose(suspects, received)
	var codes []string
	for _, f := range d.Findings {
		codes = append(codes, f.Code)
		said := f.Message.ZH + f.Message.EN
		if f.Message.ZH == "" || f.Message.EN == "" || strings.Contains(said, "%!") {
			t.Errorf("%s: %+v", f.Code, f.Message)
		}
		for _, a := range suspects {
			for _, s := range a.Secrets {
				if strings.Contains(said, s.Value) && s.Value != "others" {
					t.Errorf("%s tells a secret: %s", f.Code, said)
				}
			}
		}
	}
	unexplained := slices.ContainsFunc(codes, func(code string) bool {
		return slices.Contains([]string{"unknown", "target-unknown", "sign-missing", "sign-form"}, code)
	})
	if d.Explained == unexplained || d.Right() != (len(codes) == 0) {
		t.Errorf("explained %v, right %v: %v", d.Explained, d.Right(), codes)
	}
	return strings.Join(codes, " ")
}

func TestDiagnoseClock(t *testing.T) {
	for name, c := range map[string]struct {
		off  time.Duration // of the time of receipt after the timestamp
		want string
		says string
	}{
		"in time":       {0, "", ""},
		"at the edge":   {10 * time.Minute, "", ""},
		"late":          {10*time.Minute + time.Second, "clock", "-10m1s"},
		"early":         {-time.Hour / 3, "clock", "20m0s"},
		"UTC":           {8*time.Hour + time.Minute, "clock-zone", "GMT+00:00"},
		"Tokyo":         {-time.Hour, "clock-zone", "GMT+09:00"},
		"Delhi":         {2*time.Hour + 30*time.Minute, "clock-zone", "GMT+05:30"},
		"no such zone":  {-7 * time.Hour, "clock", "7h0m0s"},
		"an old letter": {9000 * time.Hour, "clock", "9000h"},
	} {
		t.Run(name, func(t *testing.T) {
			text := caught{signed: post{body: []byte("{}")}, sent: post{body: []byte("{}")}}.text(t)
			if got := diagnose(t, text, signedAt.Add(c.off)); got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
			capture, _ := qimen.ParseCapture(text)
			if d := capture.Diagnose(suspects, signedAt.Add(c.off)); c.want != "" && !strings.Contains(d.Findings[0].Message.EN, c.says) {
				t.Errorf("%s, want %s", d.Findings[0].Message.EN, c.says)
			}
		})
	}
	text := caught{signed: post{query: "timestamp=1628061808"}, sent: post{query: "timestamp=1628061808"}}.text(t)
	if got := diagnose(t, text, signedAt); !strings.Contains(got, "clock-form") {
		t.Errorf("found %q", got)
	}
}

func TestParseCapture(t *testing.T) {
	const line = "POST /qimen?a=b c&d=e#f HTTP/1.1"
	for name, text := range map[string]string{
		"CRLF": line + "\r\nTop-Sign-List:  a \r\n\r\n\r\n{\n",
		"LF":   line + "\nTop-Sign-List:  a \n\n\r\n{\n",
		"BOM":  "\ufeff" + line + "\nTop-Sign-List:  a \n\n\r\n{\n",
	} {
		c, err := qimen.ParseCapture([]byte(text))
		if err != nil || c.Query != "a=b c&d=e" || c.Header.Get("top-sign-list") != "a" || string(c.Body) != "\r\n{\n" {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
	for name, text := range map[string]string{
		"nothing":        "",
		"no empty line":  line + "\nA: b\n{}",
		"an empty line":  "\n\n{}",
		"JSON":           "{\n\"a\": 1}\n\n",
		"binary":         "\x1f\x8b\x08\x00\n\x00\n\n",
		"no header":      line + "\n{\"a\n\n",
		"a control":      line + "\nA: b\x00\n\n",
		"too much":       line + "\n\n" + strings.Repeat("x", qimen.MaxCapture),
		"no chunks":      line + "\nTransfer-Encoding: chunked\n\n{}",
		"a chunk of 2GB": line + "\nTransfer-Encoding: chunked\n\n7fffffff\r\n{}",
	} {
		_, err := qimen.ParseCapture([]byte(text))
		var wrong *qimen.CaptureError
		if !errors.As(err, &wrong) || wrong.ZH == "" || wrong.EN == "" || strings.Contains(err.Error(), "%!") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzDiagnose: whatever is caught, nothing panics, and something is said.
func FuzzDiagnose(f *testing.F) {
	f.Add(caught{}.text(f))
	f.Add(caught{sent: post{contentType: "application/x-www-form-urlencoded", body: []byte("sign=1&a=%")}, elsewhere: true}.text(f))
	f.Add([]byte("POST /?sign=00112233445566778899AABBCCDDEEFF&&=&a=%zz HTTP/1.1\ntop-sign-list: ,a\n\n{\"sign\":\"1\"}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := qimen.ParseCapture(text)
		if err != nil || len(c.Query)+len(c.Body) > 200 {
			return
		}
		d := c.Diagnose(suspects[:1], signedAt)
		if !d.Explained && len(d.Findings) == 0 {
			t.Error("nothing is said")
		}
	})
}
