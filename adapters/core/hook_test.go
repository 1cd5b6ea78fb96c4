package core_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/adapters/core"
	"github.com/chudan-io/chudan/policy"
)

var update = flag.Bool("update", false, "rewrite the goldens, for review")

// TestBody holds what is posted against its golden: it is a contract.
func TestBody(t *testing.T) {
	s := &system{answer: says(200, `{"policyNo":"P1","policyFileUrl":"https://core.example/P1"}`)}
	got, err := start(t, s).Book(t.Context(), proposal(t))
	if want := (policy.Booking{PolicyNo: "P1", PolicyFileURL: "https://core.example/P1"}); err != nil || got != want {
		t.Fatalf("%+v, %v", got, err)
	}
	if len(s.calls) != 1 || s.calls[0].ID != someID {
		t.Fatalf("%d calls", len(s.calls))
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, s.calls[0].Body, "", "  "); err != nil {
		t.Fatal(err)
	}
	pretty.WriteByte('\n')
	const golden = "testdata/booking.golden"
	if *update {
		if err := os.WriteFile(golden, pretty.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(golden); err != nil || !bytes.Equal(want, pretty.Bytes()) {
		t.Errorf("%v\n%s", err, pretty.String())
	}
	onlyTexts(t, s.calls[0].Body)
}

// onlyTexts shows that no value of a body is a number.
func onlyTexts(t *testing.T, body []byte) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(body))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return
		}
		switch token.(type) {
		case string, json.Delim:
		default:
			t.Fatalf("%v (%T) is no text (%v)", token, token, err)
		}
	}
}

// TestAnswers holds what comes of each answer against what it is.
func TestAnswers(t *testing.T) {
	p := proposal(t)
	canary := strings.Join(personal(p.Request), " ")
	if len(canary) < 20 {
		t.Fatal("there is nothing to be betrayed")
	}
	text, _ := json.Marshal(canary)
	raw := func(status int, body string, header ...string) func(core.Message, http.ResponseWriter) {
		return func(_ core.Message, w http.ResponseWriter) {
			for _, h := range header {
				w.Header().Set(core.SignatureHeader, h)
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	as := func(change func(*core.Message)) func(core.Message, http.ResponseWriter) {
		return func(m core.Message, w http.ResponseWriter) {
			const body = `{"policyNo":"P1"}`
			signed := core.Message{Part: core.AnswerPart(200), At: m.At, ID: m.ID, Body: []byte(body)}
			change(&signed)
			raw(200, body, secrets(secret).Sign(signed))(m, w)
		}
	}
	for name, c := range map[string]struct {
		answer func(core.Message, http.ResponseWriter)
		want   error // nil for the number P1
	}{
		"a number alone":                  {says(200, `{"policyNo":"P1"}`), nil},
		"null for no document":            {says(200, `{"policyNo":"P1","policyFileUrl":null}`), nil},
		"unknown names are passed over":   {says(200, ` {"policyNo":"P1","more":{"a":[1,{}]}} `), nil},
		"no number":                       {says(200, `{}`), core.ErrAnswer},
		"a number that is a number":       {says(200, `{"policyNo":1}`), core.ErrAnswer},
		"another case":                    {says(200, `{"policyno":"P1"}`), core.ErrAnswer},
		"a name twice":                    {says(200, `{"policyNo":"P1","policyNo":"P2"}`), core.ErrAnswer},
		"a name twice, one escaped":       {says(200, `{"policyNo":"P1","policy\u004eo":"P2"}`), core.ErrAnswer},
		"an object cut off":               {says(200, `{"policyNo":"P1"`), core.ErrAnswer},
		"something behind it":             {says(200, `{"policyNo":"P1"}{}`), core.ErrAnswer},
		"a list":                          {says(200, `["P1"]`), core.ErrAnswer},
		"nothing":                         {says(200, ``), core.ErrAnswer},
		"no JSON":                         {says(200, canary), core.ErrAnswer},
		"no UTF-8":                        {says(200, "{\"policyNo\":\"P1\",\"x\":\"\xff\"}"), core.ErrAnswer},
		"personal data where none belong": {says(200, `{"policyNo":[`+string(text)+`]}`), core.ErrAnswer},
		"64 KiB":                          {says(200, `{"policyNo":"P1"}`+strings.Repeat(" ", 64<<10-17)), nil},
		"over 64 KiB":                     {says(200, `{"policyNo":"P1"}`+strings.Repeat(" ", 64<<10-16)), core.ErrAnswer},
		"a no without a code":             {says(422, `{"message":{"zh":"否"}}`), core.ErrAnswer},
		"a no with a code off its form":   {says(422, `{"declined":`+string(text)+`}`), core.ErrAnswer},
		"a no whose message is a text":    {says(422, `{"declined":"NO","message":"no"}`), core.ErrAnswer},
		"a no whose message is a book":    {says(422, `{"declined":"NO","message":{"en":"`+strings.Repeat("x", 257)+`"}}`), core.ErrAnswer},
		"no signature":                    {raw(200, `{"policyNo":"P1"}`), core.ErrSignature},
		"a no without signature":          {raw(422, `{"declined":"NO"}`), core.ErrSignature},
		"a signature of no form":          {raw(200, `{"policyNo":"P1"}`, "v1="+canary), core.ErrSignature},
		"a stranger's signature": {func(m core.Message, w http.ResponseWriter) {
			reply(w, secrets(stranger), m, 200, `{"policyNo":"P1"}`)
		}, core.ErrSignature},
		"signed, and nothing else":     {as(func(*core.Message) {}), nil},
		"signed for another id":        {as(func(m *core.Message) { m.ID = strings.Repeat("f", 32) }), core.ErrSignature},
		"signed for an earlier call":   {as(func(m *core.Message) { m.At-- }), core.ErrSignature},
		"signed for another status":    {as(func(m *core.Message) { m.Part = core.AnswerPart(422) }), core.ErrSignature},
		"signed as a request":          {as(func(m *core.Message) { m.Part = "request" }), core.ErrSignature},
		"signed for another body":      {as(func(m *core.Message) { m.Body = []byte(`{"policyNo":"P2"}`) }), core.ErrSignature},
		"a line moved from id to body": {as(func(m *core.Message) { m.ID, m.Body = "", append([]byte(m.ID+"\n"), m.Body...) }), core.ErrSignature},
		"the request itself":           {func(m core.Message, w http.ResponseWriter) { raw(200, string(m.Body), secrets(secret).Sign(m))(m, w) }, core.ErrSignature},
		"not let in":                   {raw(401, canary), core.ErrStatus},
		"not found":                    {raw(404, canary), core.ErrStatus},
		"busy":                         {raw(503, canary), core.ErrStatus},
		"accepted, for later":          {says(202, `{"policyNo":"P1"}`), core.ErrStatus},
		"elsewhere": {func(m core.Message, w http.ResponseWriter) {
			w.Header().Set("Location", "/elsewhere")
			says(307, `{"policyNo":"P1"}`)(m, w)
		}, core.ErrStatus},
		"a body that breaks off": {func(m core.Message, w http.ResponseWriter) {
			w.Header().Set("Content-Length", "100")
			says(200, `{"policyNo":"P1"}`)(m, w)
		}, core.ErrUnreachable},
		"hung up": {func(core.Message, http.ResponseWriter) { panic(http.ErrAbortHandler) }, core.ErrUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			s := &system{answer: c.answer}
			got, err := start(t, s).Book(t.Context(), p)
			if !errors.Is(err, c.want) || (err == nil) != (got.PolicyNo == "P1") {
				t.Errorf("%+v, %v; want %v", got, err, c.want)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			if len(s.calls) != 1 {
				t.Errorf("%d calls", len(s.calls))
			}
			betrays(t, err, p.Request)
		})
	}
}

// betrays fails a test whose error holds anything personal.
func betrays(t *testing.T, err error, r *policy.Request) {
	t.Helper()
	for _, text := range personal(r) {
		if err != nil && strings.Contains(err.Error(), text) {
			t.Errorf("the error tells %s: %v", text, err)
		}
	}
}

func TestDeclined(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want policy.DeclinedError
	}{
		"with a message":  {`{"declined":"CREDIT_LIMIT","message":{"zh":"额度已满","en":"the limit is reached","fr":"non"}}`, policy.DeclinedError{Code: "CREDIT_LIMIT", Message: policy.Text{ZH: "额度已满", EN: "the limit is reached"}}},
		"without":         {`{"declined":"X"}`, policy.DeclinedError{Code: "X"}},
		"with null":       {`{"declined":"X","message":null,"policyNo":"P1"}`, policy.DeclinedError{Code: "X"}},
		"in one language": {`{"declined":"X","message":{"zh":"否"}}`, policy.DeclinedError{Code: "X", Message: policy.Text{ZH: "否"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := start(t, &system{answer: says(422, c.body)}).Book(t.Context(), proposal(t))
			var no *policy.DeclinedError
			if !errors.As(err, &no) || *no != c.want || got != (policy.Booking{}) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// TestNoAnswer shows what comes of a server that is silent, gone, no HTTP or
// not trusted; what it wrote is not told.
func TestNoAnswer(t *testing.T) {
	p := proposal(t)
	canary := personal(p.Request)[0]
	hanging := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hanging }))
	t.Cleanup(silent.Close)
	t.Cleanup(func() { close(hanging) })
	over := httptest.NewUnstartedServer(http.NotFoundHandler())
	over.Config.ErrorLog = log.New(io.Discard, "", 0)
	over.StartTLS()
	t.Cleanup(over.Close)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	odd, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { odd.Close() })
	go func() {
		for {
			c, err := odd.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 1))
			_, _ = io.WriteString(c, "HTTP/1.1 "+canary+"\r\n\r\n")
			c.Close()
		}
	}()
	ended, end := context.WithCancel(t.Context())
	end()
	late, cancel := context.WithTimeout(t.Context(), 1)
	defer cancel()
	for name, c := range map[string]struct {
		url  string
		ctx  context.Context
		want []error
	}{
		"silent":        {silent.URL, late, []error{core.ErrTimeout, context.DeadlineExceeded}},
		"ended by us":   {silent.URL, ended, []error{core.ErrUnreachable, context.Canceled}},
		"gone":          {gone.URL, t.Context(), []error{core.ErrUnreachable}},
		"not trusted":   {over.URL, t.Context(), []error{core.ErrUnreachable}},
		"no HTTP there": {"http://" + odd.Addr().String(), t.Context(), []error{core.ErrUnreachable}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := hook(t, c.url, secret).Book(c.ctx, p)
			for _, want := range c.want {
				if !errors.Is(err, want) {
					t.Errorf("%v, want %v", err, want)
				}
			}
			betrays(t, err, p.Request)
		})
	}
}

// TestRotation shows each step of the way from one secret to another.
func TestRotation(t *testing.T) {
	for name, c := range map[string]struct {
		ours, theirs []string
		want         error
	}{
		"the core system takes both":       {[]string{secret}, []string{secret, newer}, nil},
		"we sign with the new one":         {[]string{newer, secret}, []string{secret, newer}, nil},
		"the core system signs with it":    {[]string{newer, secret}, []string{newer, secret}, nil},
		"both forget the old one":          {[]string{newer}, []string{newer}, nil},
		"it signs with one that we forgot": {[]string{newer}, []string{secret, newer}, core.ErrSignature},
	} {
		t.Run(name, func(t *testing.T) {
			theirs := secrets(c.theirs...)
			s := &system{secrets: theirs, answer: func(m core.Message, w http.ResponseWriter) { reply(w, theirs, m, 200, `{"policyNo":"P1"}`) }}
			if _, err := start(t, s, c.ours...).Book(t.Context(), proposal(t)); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

func TestConfig(t *testing.T) {
	for name, c := range map[string]struct {
		url     string
		secrets core.Secrets
		ok      bool
	}{
		"https":               {"https://core.example/bookings?app=1", secrets(secret), true},
		"http on loopback":    {"http://[::1]:8090/", secrets(secret), true},
		"http elsewhere":      {"http://core.example/", secrets(secret), false},
		"http of such a name": {"http://localhost.example/", secrets(secret), false},
		"a password in it":    {"https://user:hunter2@core.example/", secrets(secret), false},
		"no host":             {"https:///bookings", secrets(secret), false},
		"no address":          {"", secrets(secret), false},
		"a file":              {"file:///hunter2", secrets(secret), false},
		"no secret":           {"https://core.example/", nil, false},
		"a short secret":      {"https://core.example/", secrets("hunter2"), false},
		"a short one besides": {"https://core.example/", secrets(secret, "hunter2"), false},
	} {
		_, err := core.New(core.Config{URL: c.url, Secrets: c.secrets})
		if (err == nil) != c.ok || err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSignatureForms tells which headers are read.
func TestSignatureForms(t *testing.T) {
	m := core.Message{Part: "request", At: 1628061808, ID: someID, Body: []byte("{}")}
	good := secrets(secret).Sign(m)
	_, mark, _ := strings.Cut(good, ",")
	other := "v1=" + strings.Repeat("0", 64)
	for name, c := range map[string]struct {
		header string
		ok     bool
	}{
		"as we write it":      {good, true},
		"behind another":      {"t=1628061808," + other + "," + mark, true},
		"with a later scheme": {"t=1628061808,v2=00ff," + mark, true},
		"eight others":        {"t=1628061808," + strings.Repeat(other+",", 8) + mark, false},
		"only a later scheme": {"t=1628061808," + strings.Replace(mark, "v1", "v2", 1), false},
		"in capitals":         {strings.ToUpper(good), false},
		"with a space":        {strings.Replace(good, ",", ", ", 1), false},
		"a byte short":        {good[:len(good)-2], false},
		"a byte more":         {good + "00", false},
		"a digit changed":     {good[:len(good)-1] + string("10"[good[len(good)-1]&1]), false},
		"a zero before t":     {"t=0" + good[2:], false},
		"without t":           {mark, false},
		"empty":               {"", false},
	} {
		if err := secrets(secret).Verify(c.header, m); (err == nil) != c.ok || err != nil && !errors.Is(err, core.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
