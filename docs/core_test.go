package docs_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/adapters/core"
)

// TestCoreSignatures computes the signatures that the pages of core systems and
// of facts show, and signs the bytes that they say are signed.
func TestCoreSignatures(t *testing.T) {
	const secret, id = "9f2b6c0d4e8a1357bd24680ace13579f", "0123456789abcdef0123456789abcdef"
	all := pages(t)
	cores, facts := all["core"], all["facts"]
	for _, p := range slices.Concat(cores[:], facts[:]) {
		if !strings.Contains(strings.Join(p.lines, "\n"), "`"+secret+"`") {
			t.Errorf("%s: the secret of the example is not told", p.name)
		}
		shown := 0
		for i, b := range p.blocks {
			if len(b.info) != 2 || b.info[0] != "http" {
				continue
			}
			shown++
			part, header, body := message(t, &p, b)
			at, _, _ := strings.Cut(strings.TrimPrefix(header.Get(core.SignatureHeader), "t="), ",")
			seconds, err := strconv.ParseInt(at, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			if got := header.Get(core.IDHeader); part == "request" && got != id {
				t.Errorf("%s: the id is %s", p.name, got)
			}
			m := core.Message{Part: part, At: seconds, ID: id, Body: []byte(body)}
			if want := (core.Secrets{[]byte(secret)}).Sign(m); header.Get(core.SignatureHeader) != want {
				t.Errorf("%s:%d: want %s", p.name, b.from, want)
			}
			signed := p.blocks[i+1]
			if want := strings.Join([]string{"v1", part, at, id, body}, "\n"); !signed.is("signed", b.info[1]) || p.text(signed) != want+"\n" {
				t.Errorf("%s:%d: want\n%s", p.name, signed.from, want)
			}
		}
		if shown != 2 {
			t.Errorf("%s: %d messages", p.name, shown)
		}
	}
}

// message reads a request or an answer that a page shows.
func message(t *testing.T, p *page, b block) (part string, header http.Header, body string) {
	t.Helper()
	text := strings.TrimSuffix(p.text(b), "\n")
	head, body, _ := strings.Cut(text, "\n\n")
	wire := bufio.NewReader(strings.NewReader(strings.ReplaceAll(head, "\n", "\r\n") + "\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body))
	var came io.ReadCloser
	if b.info[1] == "request" {
		r, err := http.ReadRequest(wire)
		if err != nil {
			t.Fatal(err)
		}
		part, header, came = "request", r.Header, r.Body
	} else {
		r, err := http.ReadResponse(wire, nil)
		if err != nil {
			t.Fatal(err)
		}
		part, header, came = core.AnswerPart(r.StatusCode), r.Header, r.Body
	}
	defer came.Close()
	all, err := io.ReadAll(came)
	if err != nil {
		t.Fatal(err)
	}
	return part, header, string(all)
}

// TestCoreBody holds the bodies that the pages show against those that are sent.
func TestCoreBody(t *testing.T) {
	for name, kind := range map[string]string{"core": "booking", "facts": "facts"} {
		sent, err := os.ReadFile("../adapters/core/testdata/" + kind + ".golden")
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range pages(t)[name] {
			shown := 0
			for _, b := range p.blocks {
				if !b.is("json", kind) {
					continue
				}
				if shown++; !matches(p.text(b), string(bytes.TrimSpace(sent))+"\n") {
					t.Errorf("%s:%d: this is not what is sent", p.name, b.from)
				}
			}
			if shown != 1 {
				t.Errorf("%s: %d bodies", p.name, shown)
			}
		}
	}
}
