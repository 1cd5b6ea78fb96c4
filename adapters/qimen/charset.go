package qimen

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// charsets are the names that a Content-Type may give, in lower case; nil is
// UTF-8. GBK holds all of GB 2312, so a caller who says gb2312 and means GBK,
// as many do, is understood.
var charsets = map[string]encoding.Encoding{
	"":        nil,
	"utf-8":   nil,
	"utf8":    nil,
	"gbk":     simplifiedchinese.GBK,
	"gb2312":  simplifiedchinese.GBK,
	"gb18030": simplifiedchinese.GB18030,
}

var (
	errCharset   = errors.New("qimen: unknown charset")
	errMalformed = errors.New("qimen: the body is not in the charset that its content type names")
)

// toUTF8 decodes a body. UTF-8 is left to [Decode], which tells where it is
// broken. In the others a malformed sequence decodes to U+FFFD, which no text
// of a person or a company holds.
func toUTF8(body []byte, charset string) ([]byte, error) {
	enc, ok := charsets[charset]
	switch {
	case !ok:
		return nil, errCharset
	case enc == nil:
		return body, nil
	}
	text, err := enc.NewDecoder().Bytes(body)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return nil, errMalformed
	}
	return text, nil
}

// fromUTF8 encodes a body; it fails where the charset lacks a character.
func fromUTF8(body []byte, charset string) ([]byte, error) {
	enc, ok := charsets[charset]
	switch {
	case !ok:
		return nil, errCharset
	case enc == nil:
		return body, nil
	}
	return enc.NewEncoder().Bytes(body)
}
