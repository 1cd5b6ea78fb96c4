package document

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"

	"github.com/chudan-io/chudan/policy"
)

//go:embed page.html
var pageSource string

//go:embed style.css
var styleSource string

var pages = template.Must(template.New("").Parse(pageSource))

// contentSecurity lets a page use its own style and nothing else.
var contentSecurity = func() string {
	sum := sha256.Sum256([]byte(styleSource))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

// style is the text of the page's style element; its hash is in
// contentSecurity, so the template must not touch it.
func style() template.CSS {
	return template.CSS(styleSource) //nolint:gosec // it is ours
}

// notice is a page that says one thing.
type notice struct{ Title, Text policy.Text }

var (
	noSuchPolicy = notice{
		policy.Text{ZH: "未找到保单", EN: "No such policy"},
		policy.Text{ZH: "链接不完整或不正确。请使用出单时收到的完整链接。", EN: "The link is incomplete or wrong. Use the whole link that came with the policy."},
	}
	erased = notice{
		policy.Text{ZH: "保单资料已清除", EN: "Erased"},
		policy.Text{ZH: "该保单的法定保存期已满，资料已清除。如有疑问，请持保单号联系保险公司。", EN: "The time for which this policy had to be kept is over, and it was erased. The insurer knows its number still."},
	}
	unavailable = notice{
		policy.Text{ZH: "暂时无法显示", EN: "Not available"},
		policy.Text{ZH: "系统繁忙，请稍后重试。保单效力不受影响。", EN: "Try again in a moment. The policy is not affected."},
	}
	wrongMethod = notice{
		policy.Text{ZH: "请求方式不支持", EN: "Method not allowed"},
		policy.Text{ZH: "保单只能查看。", EN: "A policy can be read, nothing else."},
	}
)

func noticePage(n notice) *bytes.Buffer {
	return render("notice", struct {
		Style  template.CSS
		Notice notice
	}{style(), n})
}

func (h *handler) policyPage(c *policy.Case) *bytes.Buffer {
	return render("policy", struct {
		Style   template.CSS
		Insurer Insurer
		Sheet   sheet
	}{style(), h.Insurer, newSheet(c, h.filing(c))})
}

func (h *handler) filing(c *policy.Case) string {
	if h.Filing == nil {
		return ""
	}
	return h.Filing(c.Record.Product, c.Record.Edition)
}

// render cannot fail: templates and data are ours, and it writes to memory.
func render(name string, data any) *bytes.Buffer {
	var b bytes.Buffer
	_ = pages.ExecuteTemplate(&b, name, data)
	return &b
}
