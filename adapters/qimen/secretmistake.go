package qimen

import (
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// secrets are those that a request may have been signed with, and what is wrong
// with each.
type secrets struct {
	right   []string
	wrong   []mistake
	unknown Finding // what there is to say where nothing fits
}

// secretsFor sorts the secrets of apps by whose they are. An app without a key
// is the target.
func secretsFor(apps []App, target, caller string) secrets {
	var s secrets
	known := target == ""
	for _, app := range apps {
		for _, one := range app.Secrets {
			switch {
			case app.Key == "" || target == "" && app.Key != caller || app.Key == target:
				s.right = append(s.right, one.Value)
				known = true
			case app.Key == caller:
				s.wrong = append(s.wrong, useSecret(one.Value, finding("secret-caller", "签名用了调用方应用 %s 的 secret；应使用被调用方（target_app_key）的 secret",
					"signed with the secret of the calling app %s; want that of the app that is called (target_app_key)", app.Key)))
			default:
				s.wrong = append(s.wrong, useSecret(one.Value, finding("secret-other", "签名用了另一应用 %s 的 secret；应使用被调用方（target_app_key）的 secret",
					"signed with the secret of another app, %s; want that of the app that is called (target_app_key)", app.Key)))
			}
		}
	}
	s.unknown = finding("unknown", "没有找到能使签名成立的写法：可能 secret 不对，或请求在签名之后被改动，或有三处以上的错误",
		"nothing was found with which the signature comes out: it may be another secret, the request was altered after it was signed, or there are three mistakes or more")
	if !known {
		s.unknown = finding("target-unknown", "没有给出 target_app_key 所指应用的 secret，用已给出的 secret 找不到能使签名成立的写法",
			"no secret is given of the app that target_app_key names, and with those that are given the signature does not come out")
	}
	return s
}

func useSecret(value string, f Finding) mistake {
	return mistake{f, "whose", func(r *reading) bool { r.secret = value; return true }}
}

// rightOrNone are the secrets to begin with.
func (s *secrets) rightOrNone() []string {
	if len(s.right) == 0 {
		return []string{""}
	}
	return s.right
}

// mistakes lists whose secret, then how it was written.
func (s *secrets) mistakes() []mistake {
	list := s.wrong
	for _, c := range secretChanges {
		list = append(list, mistake{Finding{c.code, policy.Text{ZH: c.zh, EN: c.en}}, "spelling", func(r *reading) bool {
			changed := c.change(r.secret)
			if changed == r.secret {
				return false
			}
			r.secret = changed
			return true
		}})
	}
	return list
}

var secretChanges = []struct {
	code, zh, en string
	change       func(string) string
}{
	{"secret-space", "签名所用的 secret 末尾带有换行；请检查读取密钥文件的代码", "the secret was used with a newline at its end; look at how its file is read", func(s string) string { return s + "\n" }},
	{"secret-space", "签名所用的 secret 末尾带有换行（CRLF）；请检查读取密钥文件的代码", "the secret was used with a newline (CRLF) at its end; look at how its file is read", func(s string) string { return s + "\r\n" }},
	{"secret-space", "签名所用的 secret 末尾带有空格；请去掉", "the secret was used with a space at its end; take it off", func(s string) string { return s + " " }},
	{"secret-space", "签名所用的 secret 开头带有空格；请去掉", "the secret was used with a space before it; take it off", func(s string) string { return " " + s }},
	{"secret-space", "给出的 secret 前后有空白，签名时没有；请核对", "the secret that is given has white space around it, which was not used; compare them", strings.TrimSpace},
	{"secret-quotes", "签名所用的 secret 带有引号；请去掉", "the secret was used with quotation marks around it; take them off", func(s string) string { return `"` + s + `"` }},
	{"secret-quotes", "签名所用的 secret 带有单引号；请去掉", "the secret was used with single quotes around it; take them off", func(s string) string { return "'" + s + "'" }},
	{"secret-case", "签名所用的 secret 是大写；应与平台给出的一致", "the secret was used in capitals; want it as the platform gives it", strings.ToUpper},
	{"secret-case", "签名所用的 secret 是小写；应与平台给出的一致", "the secret was used in lower case; want it as the platform gives it", strings.ToLower},
	{"secret-missing", "签名时 secret 为空；请检查配置", "the secret was empty when it was used; look at the configuration", func(string) string { return "" }},
}
