package qimen

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// Finding is one thing that is wrong with a request: a code that stays, and a
// sentence that says what is and what would be right. It holds no secret, no
// signature and nothing of a body.
type Finding struct {
	Code    string      `json:"code"`
	Message policy.Text `json:"message"`
}

func finding(code, zh, en string, values ...any) Finding {
	return Finding{code, policy.Text{ZH: fmt.Sprintf(zh, values...), EN: fmt.Sprintf(en, values...)}}
}

// Diagnosis is what is known of a request's signature.
type Diagnosis struct {
	// Explained: it is known how the signature was computed. Without findings,
	// as it should be.
	Explained bool      `json:"explained"`
	Findings  []Finding `json:"findings"`
}

// Right tells whether a [Handler] that has the secret takes the request.
func (d Diagnosis) Right() bool { return d.Explained && len(d.Findings) == 0 }

// Diagnose looks for what makes the signature of a request right: it computes it
// as it should be, then with each mistake of a list, then with each two of them.
// A signature that comes out is no accident: of 128 bits all have to fit.
//
// apps are those whose secrets may have been used; the target's is the right
// one, and so is any of an app without a key. The clock is looked at where
// received, the time at which the request came, is not zero.
func (c *Capture) Diagnose(apps []App, received time.Time) Diagnosis {
	d := Diagnosis{Findings: []Finding{}}
	r := reading{content: parseContentType(c.Header.Get("Content-Type")), query: c.Query, header: c.Header, body: c.Body, digest: sandwich}
	if r.content.kind == contentUnsigned {
		d.add(finding("content-type", "Content-Type 缺失或不是平台会签名的类型；应为 application/json;charset=UTF-8",
			"the Content-Type is missing, or none that the platform signs; want application/json;charset=UTF-8"))
		r.content.kind = contentJSON
	}
	sign := d.findSign(&r)
	if sign != nil {
		d.search(sign, r, secretsFor(apps, r.param(paramTarget), r.param("app_key")))
	}
	d.checkForm(c, &r)
	if !received.IsZero() {
		d.checkClock(r.param(paramTimestamp), received)
	}
	return d
}

func (d *Diagnosis) add(f ...Finding) { d.Findings = append(d.Findings, f...) }

// search tries every mistake, the simplest first.
func (d *Diagnosis) search(sign []byte, r reading, s secrets) {
	for _, right := range s.right {
		r.secret = right
		if bytes.Equal(r.sign(), sign) {
			d.Explained = true
			return
		}
	}
	for _, pairs := range []bool{false, true} {
		if pairs && r.isLarge() {
			break
		}
		for _, right := range s.rightOrNone() {
			r.secret = right
			list := append(r.mistakes(), s.mistakes()...)
			if found := r.fit(sign, list, pairs); found != nil {
				d.Explained = true
				d.add(found...)
				return
			}
		}
	}
	d.add(s.unknown)
}

// isLarge tells whether there is more than a Handler takes, so that some
// thousand attempts would take minutes.
func (r *reading) isLarge() bool {
	n := strings.Count(r.query, "&")
	if r.content.kind == contentForm {
		n += bytes.Count(r.body, []byte{'&'})
	}
	return n > maxParams || len(r.query)+len(r.header.Get(headerSigned)) > maxQuery
}

// fit finds a mistake with which the signature comes out, or two; nil where
// there is none.
func (r reading) fit(sign []byte, list []mistake, pairs bool) []Finding {
	for i, a := range list {
		with := r
		if !a.apply(&with) {
			continue
		}
		if !pairs {
			if bytes.Equal(with.sign(), sign) {
				return []Finding{a.Finding}
			}
			continue
		}
		for _, b := range list[i+1:] {
			both := with
			if a.aspect != b.aspect && b.apply(&both) && bytes.Equal(both.sign(), sign) {
				return []Finding{a.Finding, b.Finding}
			}
		}
	}
	return nil
}

var bodySign = regexp.MustCompile(`,\s*"sign"\s*:\s*"([^"]*)"|"sign"\s*:\s*"([^"]*)"\s*,?`)

// findSign gives the signature's bytes, wherever it is and however it is
// written; nil where there is none.
func (d *Diagnosis) findSign(r *reading) []byte {
	text := r.param(paramSign)
	elsewhere := func(zh, en string) {
		d.add(finding("sign-place", "sign 在%[1]s中；应放在查询串中", "sign is in %[2]s; it belongs into the query", zh, en))
	}
	if !inQuery(r.query, paramSign) {
		m := bodySign.FindSubmatch(r.body)
		switch {
		case text != "":
			elsewhere("表单", "the form")
		case r.header.Get(paramSign) != "":
			text = r.header.Get(paramSign)
			elsewhere("请求头", "a header")
		case m != nil:
			text = string(m[1]) + string(m[2])
			r.body = bytes.Replace(r.body, m[0], nil, 1)
			elsewhere("请求体", "the body")
		default:
			d.add(finding("sign-missing", "没有 sign；应在查询串中带上 sign=32 位大写十六进制", "there is no sign; want sign= with 32 upper-case hex digits in the query"))
			return nil
		}
	}
	sign, err := hex.DecodeString(text)
	switch {
	case err == nil && (len(sign) == 16 || len(sign) == 20 || len(sign) == 32):
		if strings.ToUpper(text) != text {
			d.add(finding("sign-case", "sign 的十六进制是小写；应为大写", "the hex digits of sign are lower-case; want upper-case"))
		}
		return sign
	case len(strings.TrimSpace(text)) != len(text):
		d.add(finding("sign-form", "sign 前后有空白；应为 32 位大写十六进制", "there is white space around sign; want 32 upper-case hex digits"))
		sign, _ = hex.DecodeString(strings.TrimSpace(text))
		return sign
	}
	// In a query that was not encoded a + has become a space.
	sign, err = base64.StdEncoding.DecodeString(strings.ReplaceAll(text, " ", "+"))
	if err == nil && (len(sign) == 16 || len(sign) == 32) {
		d.add(finding("sign-base64", "sign 是 Base64；应为 32 位大写十六进制", "sign is in Base64; want 32 upper-case hex digits"))
		return sign
	}
	d.add(finding("sign-form", "sign 不是 32 位大写十六进制，长度为 %d", "sign is not 32 upper-case hex digits; its length is %d", len(text)))
	return nil
}

// checkForm adds what a Handler refuses whatever the signature.
func (d *Diagnosis) checkForm(c *Capture, r *reading) {
	if c.Method != "POST" {
		d.add(finding("method", "请求方法应为 POST", "the method of the request has to be POST"))
	}
	if n, err := strconv.Atoi(c.Header.Get("Content-Length")); err == nil && n != len(c.Body) {
		d.add(finding("body-length", "Content-Length 为 %d，报文中的请求体却有 %d 字节：抓取、保存或转发时丢失或多出了字节",
			"Content-Length says %d, but the body has %d bytes here: some were lost or added as it was caught, saved or passed on", n, len(c.Body)))
	}
	params, err := readParams(nil, r.content, c.Query, c.Header, c.Body)
	at := slices.IndexFunc(params, func(p param) bool { return p.name == paramSign })
	if at >= 0 && (at+1 == len(params) || params[at+1].name != paramSign) {
		params = slices.Delete(params, at, at+1) // findSign has looked at its form
	}
	if err == nil {
		err = checkPairs(c.Query)
	}
	if err == nil && d.Explained {
		err = checkParams(params, func(string) bool { return true })
	}
	if err != nil {
		reason := strings.TrimPrefix(err.Error(), "qimen: ")
		d.add(finding("parameters", "参数的写法会被拒绝，日志中的原因为：%s", "the parameters are refused for their form; the log says: %s", reason))
	}
}

// checkClock tells how far the timestamp is off, and which zone it seems to be
// of.
func (d *Diagnosis) checkClock(timestamp string, received time.Time) {
	const window, near = 10 * time.Minute, 2 * time.Minute
	made, err := time.ParseInLocation(time.DateTime, timestamp, policy.Zone())
	if err != nil || stamp(timestamp) != len(timestamp) {
		d.add(finding("clock-form", "timestamp 缺失或格式不符；应为 yyyy-MM-dd HH:mm:ss（GMT+8）", "the timestamp is missing or malformed; want yyyy-MM-dd HH:mm:ss in GMT+8"))
		return
	}
	off := made.Sub(received).Round(time.Second)
	hours := off.Round(30 * time.Minute)
	zone := policy.Zone()
	_, east := received.In(zone).Zone()
	looks := time.Duration(east)*time.Second + hours
	switch {
	case off.Abs() <= window:
	case hours.Abs() >= time.Hour && (off-hours).Abs() <= near && -12*time.Hour <= looks && looks <= 14*time.Hour:
		at := received.In(time.FixedZone("", int(looks.Seconds()))).Format("-07:00")
		d.add(finding("clock-zone", "timestamp 与收到的时间相差 %v，看来是 GMT%s 的时间；应为 GMT+8", "the timestamp is %v off the time of receipt and looks like that of GMT%s; want GMT+8", off, at))
	default:
		d.add(finding("clock", "timestamp 与收到的时间相差 %v；应在 %v 以内，请校准发送方时钟，勿重发旧请求",
			"the timestamp is %v off the time of receipt; want at most %v: set the sender's clock, and send no old request again", off, window))
	}
}

// inQuery tells whether a name stands in a raw query.
func inQuery(query, name string) bool {
	for pair := range strings.SplitSeq(query, "&") {
		n, _, _ := strings.Cut(pair, "=")
		if text, err := url.QueryUnescape(n); err == nil && text == name {
			return true
		}
	}
	return false
}
