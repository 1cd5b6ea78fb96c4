package main

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"strconv"

	"github.com/chudan-io/chudan/policy"
)

type verdict string

const (
	pass verdict = "pass"
	odd  verdict = "odd"
	fail verdict = "fail"
)

var verdictNames = map[verdict]policy.Text{
	pass: {ZH: "通过", EN: "pass"},
	odd:  {ZH: "存疑", EN: "odd"},
	fail: {ZH: "失败", EN: "FAIL"},
}

// probeFinding is what a probe found.
type probeFinding struct {
	Probe   string      `json:"probe"`
	Verdict verdict     `json:"verdict"`
	Reason  policy.Text `json:"reason"`
}

// judgement is a verdict and its reason.
type judgement struct {
	verdict verdict
	reason  policy.Text
}

func passes(zh, en string, values ...any) judgement { return judgement{pass, say(zh, en, values...)} }
func isOdd(zh, en string, values ...any) judgement  { return judgement{odd, say(zh, en, values...)} }
func fails(zh, en string, values ...any) judgement  { return judgement{fail, say(zh, en, values...)} }

// endpointAnswer is what an endpoint said, as far as it has the page's form.
// Its texts may be anything: they are quoted, and the message is not told.
type endpointAnswer struct {
	raw      []byte
	success  bool
	code     string
	policyNo string
	wrong    *judgement // what the platform, or a careful reader, would not take; nil for nothing
}

// named is the answer's code as it can be told.
func (a *endpointAnswer) named() string {
	if len(a.code) > 96 {
		return strconv.QuoteToASCII(a.code[:96]) + "…"
	}
	return strconv.QuoteToASCII(a.code)
}

// readAnswer reads an answer more patiently than the platform, so that one
// mistake does not hide the others.
func readAnswer(resp *http.Response, raw []byte) endpointAnswer {
	a := endpointAnswer{raw: raw}
	if resp.StatusCode != http.StatusOK {
		a.blame(fails("HTTP 状态为 %d；任何结果都应为 200", "the HTTP status is %d; want 200 whatever the outcome", resp.StatusCode))
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil || members == nil {
		a.blame(fails("应答不是 JSON 对象", "the answer is no JSON object"))
		return a
	}
	a.readSuccess(members["success"])
	a.code = a.readText(members, "errorCode")
	a.readText(members, "errorMessage")
	_, given := members["context"]
	switch {
	case a.success:
		a.readContext(members["context"])
	case given && string(members["context"]) != "null":
		a.blame(isOdd("失败的应答带有 context", "an answer that says no has a context"))
	}
	if a.success && a.code != "SUCCESS" {
		a.blame(isOdd("成功时 errorCode 为 %s；接口文档为 SUCCESS", "errorCode of a success is %s; the page has SUCCESS", a.named()))
	}
	if media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); media != "application/json" {
		a.blame(isOdd("应答的 Content-Type 不是 application/json", "the Content-Type of the answer is not application/json"))
	}
	return a
}

// blame keeps the worst that was found, and of equals the first.
func (a *endpointAnswer) blame(j judgement) {
	if a.wrong == nil || a.wrong.verdict == odd && j.verdict == fail {
		a.wrong = &j
	}
}

func (a *endpointAnswer) readSuccess(value json.RawMessage) {
	switch string(value) {
	case `"true"`:
		a.success = true
	case `"false"`:
	case "true", "false":
		a.success = string(value) == "true"
		a.blame(fails(`success 是布尔值；应为字符串 "true" 或 "false"`, `success is a boolean; want the string "true" or "false"`))
	case "":
		a.blame(fails("应答缺少 success", "the answer has no success"))
	default:
		a.blame(fails(`success 应为字符串 "true" 或 "false"`, `success: want the string "true" or "false"`))
	}
}

func (a *endpointAnswer) readText(members map[string]json.RawMessage, name string) string {
	var text string
	if err := json.Unmarshal(members[name], &text); err != nil || text == "" {
		a.blame(fails("应答的 %s 缺失、为空或不是字符串", "%s of the answer is missing, empty or no string", name))
	}
	return text
}

func (a *endpointAnswer) readContext(value json.RawMessage) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(value, &members); err != nil || members == nil {
		a.blame(fails("成功的应答没有 context（应含 policyNo 与 policyFileUrl）", "a success has no context; want one with policyNo and policyFileUrl"))
		return
	}
	a.policyNo = a.readText(members, "policyNo")
	if link := a.readText(members, "policyFileUrl"); link != "" {
		if u, err := url.Parse(link); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			a.blame(fails("policyFileUrl 不是完整的地址；应为 https://…", "policyFileUrl is no whole URL; want https://…"))
		}
	}
}
