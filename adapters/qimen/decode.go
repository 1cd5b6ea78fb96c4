package qimen

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/chudan-io/chudan/policy"
)

// DecodeOptions say how a body is read.
type DecodeOptions struct {
	// Lenient takes a number, true or false where the page says String: 6.36
	// for "6.36". Without it that is a fault of the field.
	Lenient bool
}

const (
	maxDepth   = 8   // objects and arrays within each other, the body's own included
	maxUnknown = 128 // keys that the page does not know
)

// Decode reads a JSON body in UTF-8 into a request. null, "" and a missing key
// are the same, for objects too; keys that the page does not know are kept as
// they came.
//
// A field whose value has the wrong type is a fault in the request's Unread,
// and the rest is read: the field keeps its JSON as text. What makes the body
// itself doubtful is the one fault that Decode returns, without a request: no
// object, nothing but an object, a syntax error, bytes that are no UTF-8, a key
// that stands twice (escapes undone) or differs from one of the page in case
// alone, depth above 8, more than 128 unknown keys. It is an
// isv.invalid-parameter:body that tells line and offset (bytes from 0), never a
// value.
func Decode(body []byte, o DecodeOptions) (*policy.Request, policy.Faults) {
	d := decoder{
		// Our own check of the keys is a bit for each; it costs half of theirs.
		dec:     jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true)),
		body:    body,
		text:    string(body),
		escapes: bytes.IndexByte(body, '\\') >= 0,
		lenient: o.Lenient,
		request: new(policy.Request),
	}
	if fault := d.document(); fault != nil {
		return nil, policy.Faults{*fault}
	}
	return d.request, nil
}

// decoder reads one body. Texts are cut out of one copy of it.
type decoder struct {
	dec     *jsontext.Decoder
	body    []byte
	text    string
	escapes bool // whether there is one at all
	lenient bool
	request *policy.Request
	seen    uint64 // keys of the page, by place
	path    string // of the key of the page that is being read; "" for another
}

// document reads the whole body. That it begins with { and not with a space is
// a matter of the signature: see checkDisguise.
func (d *decoder) document() *policy.Fault {
	if len(d.body) == 0 || d.body[0] != '{' {
		return d.refuse(0, notObject)
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return d.syntax(err)
	}
	if fault := d.object(page, ""); fault != nil {
		return fault
	}
	end := d.dec.InputOffset()
	if _, err := d.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return d.refuse(end, trailingData)
	}
	return nil
}

// object reads the keys of the body or of one of its objects up to its end.
func (d *decoder) object(members map[string]*member, prefix string) *policy.Fault {
	for {
		switch d.dec.PeekKind() {
		case '"':
		case '{', '[': // no key, and it might be deep
			return d.refuse(d.dec.InputOffset(), notJSON)
		default: // the end, or an error
			_, err := d.dec.ReadToken()
			return d.syntax(err)
		}
		raw, err := d.dec.ReadValue()
		if err != nil {
			return d.syntax(err)
		}
		name := d.unquote(raw)
		var fault *policy.Fault
		if m := members[name]; m != nil {
			fault = d.known(m)
		} else {
			fault = d.unknown(members, prefix, name)
		}
		if fault != nil {
			return fault
		}
		d.path = ""
	}
}

// known reads the value of a key of the page.
func (d *decoder) known(m *member) *policy.Fault {
	d.path = m.path
	if d.seen&m.bit != 0 {
		return d.refuse(d.dec.InputOffset(), duplicateKey)
	}
	d.seen |= m.bit
	kind := d.dec.PeekKind()
	if m.members != nil && kind == '{' {
		if _, err := d.dec.ReadToken(); err != nil {
			return d.syntax(err)
		}
		return d.object(m.members, m.path+".")
	}
	raw, fault := d.value(kind)
	if fault != nil {
		return fault
	}
	switch {
	case kind == 'n', kind == '"' && len(raw) == 2:
	case m.members != nil:
		d.unread(m, kind)
	case kind == '"':
		m.field.SetText(d.request, d.unquote(raw))
	default:
		m.field.SetText(d.request, d.cut(raw))
		if !m.takes(kind, d.lenient) {
			d.unread(m, kind)
		}
	}
	return nil
}

// unknown keeps a key that the page does not know.
func (d *decoder) unknown(members map[string]*member, prefix, name string) *policy.Fault {
	at := d.dec.InputOffset()
	for known, m := range members {
		if strings.EqualFold(known, name) {
			d.path = m.path
			return d.refuse(at, otherCase)
		}
	}
	if _, twice := d.request.Unknown[prefix+name]; twice {
		return d.refuse(at, duplicateKey)
	}
	if len(d.request.Unknown) == maxUnknown {
		return d.refuse(at, tooManyUnknown)
	}
	raw, fault := d.value(d.dec.PeekKind())
	if fault != nil {
		return fault
	}
	if d.request.Unknown == nil {
		d.request.Unknown = make(map[string]string)
	}
	d.request.Unknown[prefix+name] = d.cut(raw)
	return nil
}

// value reads a value whole. One of several parts is read token by token, so
// that depth is bounded before anything is, and then looked through for keys
// that stand twice.
func (d *decoder) value(kind jsontext.Kind) (jsontext.Value, *policy.Fault) {
	if kind != '{' && kind != '[' {
		raw, err := d.dec.ReadValue()
		return raw, d.syntax(err)
	}
	outer, start := d.dec.StackDepth(), int64(-1)
	for {
		if _, err := d.dec.ReadToken(); err != nil {
			return nil, d.syntax(err)
		}
		if start < 0 {
			start = d.dec.InputOffset() - 1
		}
		switch depth := d.dec.StackDepth(); {
		case depth > maxDepth:
			return nil, d.refuse(d.dec.InputOffset()-1, tooDeep)
		case depth == outer:
			raw := jsontext.Value(d.body[start:d.dec.InputOffset()])
			if !raw.IsValid() {
				return nil, d.refuse(start, duplicateWithin)
			}
			return raw, nil
		}
	}
}

// unread notes that a key of the page has a value of the wrong type.
func (d *decoder) unread(m *member, kind jsontext.Kind) {
	want, got := m.want(), kindNames[kind]
	d.request.Unread = append(d.request.Unread, policy.Invalid(m.path,
		"应为"+want.ZH+"，收到"+got.ZH, "want "+want.EN+", not "+got.EN))
}

// cut is the text of the value that was just read, out of the one copy.
func (d *decoder) cut(raw jsontext.Value) string {
	end := int(d.dec.InputOffset())
	return d.text[end-len(raw) : end]
}

// unquote is the text that the JSON string that was just read stands for.
func (d *decoder) unquote(raw jsontext.Value) string {
	if !d.escapes || bytes.IndexByte(raw, '\\') < 0 {
		quoted := d.cut(raw)
		return quoted[1 : len(quoted)-1]
	}
	text, _ := jsontext.AppendUnquote(nil, raw) // the decoder has found it well-formed
	return string(text)
}
