package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chudan-io/chudan/adapters/qimen"
)

// probes are run in this order: what issues comes last, and what repeats after
// what it repeats.
var probes = []struct {
	name   string
	issues bool
	run    func(*prober, context.Context) judgement
}{
	{"right-sign", false, (*prober).rightSign},
	{"no-sign", false, (*prober).noSign},
	{"wrong-sign", false, (*prober).wrongSign},
	{"wrong-secret", false, (*prober).wrongSecret},
	{"lower-case-sign", false, (*prober).lowerCaseSign},
	{"altered-body", false, (*prober).alteredBody},
	{"altered-parameter", false, (*prober).alteredParameter},
	{"stale-timestamp", false, (*prober).staleTimestamp},
	{"future-timestamp", false, (*prober).futureTimestamp},
	{"moved-body", false, (*prober).movedBody},
	{"broken-json", false, (*prober).brokenJSON},
	{"oversize-body", false, (*prober).oversizeBody},
	{"slow-sender", false, (*prober).slowSender},
	{"issue-utf-8", true, (*prober).issueUTF8},
	{"duplicate", true, (*prober).duplicate},
	{"altered-duplicate", true, (*prober).alteredDuplicate},
	{"issue-gbk", true, (*prober).issueGBK},
	{"eight-at-once", true, (*prober).eightAtOnce},
}

// signFailure is the errorCode of whatever is not the platform's.
const signFailure = "sign-check-failure"

// unanswered judges a request to which no answer came.
func (p *prober) unanswered(err error) judgement {
	if errors.Is(err, context.DeadlineExceeded) {
		return fails("%v 内没有应答", "no answer within %v", p.timeout)
	}
	return fails("没有应答：%v", "no answer: %v", err)
}

// refusedSign judges the answer to what is not the platform's. What is told by
// another code is told to whoever cannot sign.
func (p *prober) refusedSign(a endpointAnswer, err error) judgement {
	switch {
	case err != nil:
		return p.unanswered(err)
	case a.success:
		return fails("被当作平台的请求并出单；应答 %s", "it was taken for the platform's and issued; want %s", signFailure)
	case a.wrong != nil && a.wrong.verdict == fail:
		return *a.wrong
	case a.code != signFailure:
		return fails("应答 %[1]s；应为 %[2]s", "it answers %[1]s; want %[2]s", a.named(), signFailure)
	case a.wrong != nil:
		return *a.wrong
	}
	return passes("应答 %s", "it answers %s", signFailure)
}

// setSign puts a signature into a query, or with "" takes it out.
func setSign(r *http.Request, change func(sign string) string) {
	query, sign, _ := strings.Cut(r.URL.RawQuery, "&sign=")
	if sign = change(sign); sign != "" {
		query += "&sign=" + sign
	}
	r.URL.RawQuery = query
}

// rightSign is the control: an endpoint that takes no signature at all refuses
// every wrong one.
func (p *prober) rightSign(ctx context.Context) judgement {
	a, err := p.ask(ctx, p.client, p.nothing("-0"), nil)
	if err == nil && a.code == signFailure {
		return fails("正确的签名被拒绝：请核对 --app-secret 与双方时钟；以下拒绝的结果不说明问题", "a right signature is refused: compare --app-secret and the clocks; that others are refused then shows nothing")
	}
	return p.refused(a, err)
}

func (p *prober) noSign(ctx context.Context) judgement {
	return p.refusedSign(p.ask(ctx, p.client, p.nothing("-1"), func(r *http.Request) {
		setSign(r, func(string) string { return "" })
	}))
}

func (p *prober) wrongSign(ctx context.Context) judgement {
	return p.refusedSign(p.ask(ctx, p.client, p.nothing("-2"), func(r *http.Request) {
		setSign(r, func(string) string { return strings.Repeat("0", 32) })
	}))
}

func (p *prober) wrongSecret(ctx context.Context) judgement {
	other := p.client
	other.Secret += "x"
	return p.refusedSign(p.ask(ctx, other, p.nothing("-3"), nil))
}

func (p *prober) lowerCaseSign(ctx context.Context) judgement {
	return p.refusedByCareful("小写的 sign 也被接受；平台的验签是逐字符比较", "a sign in lower case is taken; the platform's own check compares it as it is")(
		p.ask(ctx, p.client, p.nothing("-4"), func(r *http.Request) { setSign(r, strings.ToLower) }))
}

// refusedByCareful judges the answer to what the careful alone refuse: for others
// there is a remark.
func (p *prober) refusedByCareful(zh, en string) func(endpointAnswer, error) judgement {
	return func(a endpointAnswer, err error) judgement {
		if err == nil && !a.success && a.code != signFailure && (a.wrong == nil || a.wrong.verdict != fail) {
			return isOdd("%[1]s", "%[2]s", zh, en)
		}
		return p.refusedSign(a, err)
	}
}

func (p *prober) alteredBody(ctx context.Context) judgement {
	return p.refusedSign(p.ask(ctx, p.client, p.nothing("-5"), func(r *http.Request) { setBody(r, p.nothing("-6")) }))
}

func setBody(r *http.Request, body []byte) {
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.GetBody = nil
}

func (p *prober) alteredParameter(ctx context.Context) judgement {
	return p.refusedSign(p.ask(ctx, p.client, p.nothing("-7"), func(r *http.Request) {
		r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "v=2.0", "v=2.1", 1)
	}))
}

// at is the client with a clock that is off.
func (p *prober) at(off time.Duration) qimen.Client {
	client := p.client
	client.Clock = func() time.Time { return time.Now().Add(off) }
	return client
}

func (p *prober) staleTimestamp(ctx context.Context) judgement {
	return p.refusedSign(p.ask(ctx, p.at(-time.Hour), p.nothing("-8"), nil))
}

func (p *prober) futureTimestamp(ctx context.Context) judgement {
	return p.refusedByCareful("一小时之后的 timestamp 也被接受：这样的请求可以一直重放到那时", "a timestamp an hour from now is taken: such a request can be sent again until then")(
		p.ask(ctx, p.at(time.Hour), p.nothing("-9"), nil))
}

// movedBody cuts the head of the body off and puts it into a parameter that is
// signed just before it, so that the signature is the same.
func (p *prober) movedBody(ctx context.Context) judgement {
	body := p.nothing("-10")
	head, tail := body[:1], body[1:]
	return p.refusedByCareful("请求体的开头移入参数后签名仍被接受：参数与请求体之间没有界限，可在途中改动",
		"the head of the body was moved into a parameter under the same signature, and it is taken: whoever sits between can alter requests",
	)(p.ask(ctx, p.client, body, func(r *http.Request) {
		r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "v=2.0", "v="+url.QueryEscape("2.0"+string(head)), 1)
		setBody(r, tail)
	}))
}

// refused judges the answer to a request that is signed well and none.
func (p *prober) refused(a endpointAnswer, err error) judgement {
	switch {
	case err != nil:
		return p.unanswered(err)
	case a.success:
		return fails("出单成功；应拒绝", "it was issued; want a refusal")
	case a.wrong != nil:
		return *a.wrong
	case a.code == signFailure:
		return isOdd("应答 %s，签名却是对的", "it answers %s, though the signature is right", signFailure)
	}
	return passes("拒绝，应答 %s", "refused with %s", a.named())
}

func (p *prober) brokenJSON(ctx context.Context) judgement {
	return p.refused(p.ask(ctx, p.client, []byte(`{"identifier":`), nil))
}

// oversize is the length of an oversize body in bytes: a request has some two
// thousand.
const oversize = 200 << 10

func (p *prober) oversizeBody(ctx context.Context) judgement {
	body := fmt.Appendf(nil, `{"identifier":%q,"remark":%q}`, p.prefix+"-11", strings.Repeat("x", oversize))
	a, err := p.ask(ctx, p.client, body, nil)
	j := p.refused(a, err)
	switch {
	case err != nil && !errors.Is(err, context.DeadlineExceeded):
		return isOdd("连接被关闭而没有应答；应答 isv.request-too-large 更好", "the connection was closed without an answer; isv.request-too-large is a better one")
	case err == nil && !a.success && a.wrong != nil && a.code == "":
		return isOdd("超大请求体（%d 字节）被拒绝，但应答不符合接口格式", "a body of %d bytes is refused, but not in the page's form", oversize)
	}
	return j
}

// stalled is a body of which the rest never comes.
type stalled struct{ ctx context.Context }

func (s stalled) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func (p *prober) slowSender(ctx context.Context) judgement {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	body := p.nothing("-12")
	r, err := p.client.NewRequest(ctx, body)
	if err != nil {
		return p.unanswered(err)
	}
	r.Body, r.GetBody = io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)/2]), stalled{ctx})), nil
	began := time.Now()
	a, err := p.send(r)
	took := time.Since(began).Round(100 * time.Millisecond)
	switch {
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled):
		return fails("请求体停在一半，%v 后连接仍被占用", "the body stopped halfway, and after %v the connection is still held", p.timeout)
	case err != nil:
		return isOdd("%v 后连接被关闭而没有应答", "after %v the connection was closed without an answer", took)
	case a.success:
		return fails("只收到一半请求体就出单", "it was issued with half of the body")
	case a.wrong != nil:
		return isOdd("%[1]v 后应答，但不符合接口格式", "it answers after %[1]v, but not in the page's form", took)
	}
	return passes("%[1]v 后应答 %[2]s", "after %[1]v it answers %[2]s", took, a.named())
}
