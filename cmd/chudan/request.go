package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
)

// maxRequest is the length of a request in bytes, the same as over HTTP.
const maxRequest = 64 << 10

// readRequest reads the file that a command was given, or standard input.
// One byte above the limit is read, so that the excess shows.
func (c *console) readRequest(path string) ([]byte, error) {
	return c.readFile(path, maxRequest+1)
}

// readBody reads a body to be signed, whole and as it is: what is too large or
// broken is for the endpoint to refuse.
func (c *console) readBody(path string) ([]byte, error) {
	return c.readFile(path, 1<<30)
}

func (c *console) readFile(path string, limit int64) ([]byte, error) {
	in := c.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, unreadable(path, err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, limit))
	if err != nil {
		return nil, unreadable(path, err)
	}
	return text, nil
}

// decode reads one request. What editors leave around it (a byte order mark,
// empty lines) was not signed by anybody and is none of the request.
func decode(text []byte) (*policy.Request, policy.Faults) {
	if len(text) > maxRequest {
		return nil, policy.Faults{{
			Kind: policy.KindRequestTooLarge, Severity: policy.Reject, Code: string(policy.KindRequestTooLarge),
			Message: say("请求超过 %d 字节", "the request is over %d bytes", maxRequest),
		}}
	}
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))
	return qimen.Decode(text, qimen.DecodeOptions{})
}

// thousands writes a count as people read it.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
