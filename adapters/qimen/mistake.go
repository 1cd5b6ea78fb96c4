package qimen

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
)

// mistake is one way to get a signature wrong. apply makes it, and tells whether
// that changes anything; it leaves what the reading points to as it was. Of one
// aspect there is one mistake at a time.
type mistake struct {
	Finding
	aspect string
	apply  func(*reading) bool
}

// mistakes lists all but those with the secret, those that others build upon
// first.
func (r *reading) mistakes() []mistake {
	list := r.bodyMistakes()
	list = append(list, r.timeMistakes()...)
	list = append(list, r.choiceMistakes()...)
	list = append(list, valueMistakes()...)
	list = append(list, headerMistakes()...)
	return append(list, digestMistakes()...)
}

// timeMistakes are timestamps that were not the ones that were sent.
func (r *reading) timeMistakes() []mistake {
	made, err := time.ParseInLocation(time.DateTime, r.param(paramTimestamp), policy.Zone())
	if err != nil {
		return nil
	}
	var list []mistake
	for _, off := range []time.Duration{-time.Second, time.Second, -2 * time.Second, 2 * time.Second, -8 * time.Hour, 8 * time.Hour} {
		f := finding("timestamp-signed", "签名所用的 timestamp 与发送的相差 %v；应只取一次时间（GMT+8），签名与发送用同一个值",
			"the timestamp that was signed is %v off the one that was sent; take the time once, in GMT+8, and sign what is sent", off)
		value := url.QueryEscape(made.Add(off).Format(time.DateTime))
		list = append(list, mistake{f, "timestamp", func(r *reading) bool {
			return r.rewrite(func(name, old string) (string, bool) {
				if name == paramTimestamp {
					return value, true
				}
				return old, true
			})
		}})
	}
	return list
}

// maxLeftOut bounds how many names are tried one by one.
const maxLeftOut = 24

// choiceMistakes are about which parameters are signed.
func (r *reading) choiceMistakes() []mistake {
	const aspect = "choice"
	list := []mistake{
		{finding("empty-values", "签名时漏掉了值为空的参数；值为空时也应写入参数名", "parameters without a value were not signed; the name of such a one is signed all the same"),
			aspect, func(r *reading) bool {
				return r.rewrite(func(_, value string) (string, bool) { return value, value != "" })
			}},
		{finding("sign-signed", "sign 自身也参加了签名；应排除", "sign itself was signed; it has to be left out"),
			aspect, func(r *reading) bool { r.withSign = true; return true }},
		{finding("query-left-out", "查询串中的参数没有参加签名；除 sign 外都应参加", "the parameters of the query were not signed; all but sign have to be"),
			aspect, func(r *reading) bool { r.query = ""; return true }},
	}
	var names []string
	for pair := range strings.SplitSeq(r.query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if name != paramSign && isName(name) && !slices.Contains(names, name) && len(names) < maxLeftOut {
			names = append(names, name)
		}
	}
	for _, left := range names {
		list = append(list, mistake{
			finding("parameter-left-out", "参数 %[1]s 没有参加签名，或是签名之后才加上的；查询串中除 sign 外都应参加签名",
				"the parameter %[1]s was not signed, or added after it; all that is in the query, sign aside, has to be signed", left),
			aspect, func(r *reading) bool {
				return r.rewrite(func(name, value string) (string, bool) { return value, name != left })
			},
		})
	}
	return list
}

// valueMistakes are about the form in which values are signed.
func valueMistakes() []mistake {
	raw := finding("values-encoded", "签名用了 URL 编码后的值；应对解码后的原值签名", "the values were signed as they are URL-encoded; they have to be signed decoded")
	of := func(f Finding, change func(raw, value string) string) mistake {
		return mistake{f, "values", func(r *reading) bool {
			return r.rewrite(func(_, old string) (string, bool) {
				value, err := url.QueryUnescape(old)
				if err != nil {
					return url.QueryEscape(old), true
				}
				if text := change(old, value); text != value {
					return url.QueryEscape(text), true
				}
				return old, true
			})
		}}
	}
	return []mistake{
		of(raw, func(raw, _ string) string { return raw }),
		of(raw, func(_, value string) string { return url.QueryEscape(value) }),
		of(raw, func(_, value string) string { return strings.ReplaceAll(url.QueryEscape(value), "+", "%20") }),
		of(finding("plus", "查询串中的 + 被当作加号签名；+ 应解码为空格", "a + in the query was signed as a plus; it stands for a space"),
			func(raw, _ string) string {
				text, _ := url.PathUnescape(raw)
				return text
			}),
		of(finding("values-encoded-twice", "参数值被 URL 编码了两次；应只编码一次", "the values were URL-encoded twice; once is right"),
			func(_, value string) string {
				if text, err := url.QueryUnescape(value); err == nil {
					return text
				}
				return value
			}),
		of(finding("values-charset", "参数值签名时的字符集与发送时不同（UTF-8 与 GBK）；应一致", "the values were signed in another charset than they were sent in (UTF-8, GBK); it has to be the same"),
			otherCharset),
		of(finding("values-trimmed", "参数值签名前去掉了首尾空白；应原样签名", "white space around values was taken off before they were signed; sign them as they are"),
			func(_, value string) string { return strings.TrimSpace(value) }),
	}
}

// otherCharset is a text in GBK where it is in UTF-8, and the other way.
func otherCharset(_, text string) string {
	var b []byte
	var err error
	if utf8.ValidString(text) {
		b, err = fromUTF8([]byte(text), "gbk")
	} else {
		b, err = toUTF8([]byte(text), "gbk")
	}
	if err != nil {
		return text
	}
	return string(b)
}

// headerMistakes are about headers that are signed.
func headerMistakes() []mistake {
	with := func(list string) func(*reading) bool {
		return func(r *reading) bool {
			if r.header.Get(headerSigned) == list {
				return false
			}
			r.header = r.header.Clone()
			r.header.Set(headerSigned, list)
			return true
		}
	}
	return []mistake{
		{finding("headers-left-out", "请求头 top-sign-list 所列的头没有参加签名；它们的名与值都应参加", "the headers that top-sign-list names were not signed; their names and values have to be"),
			"headers", with("")},
		{finding("headers-case", "签名时改变了所列头名的大小写；应与 top-sign-list 中的写法一致", "the names of signed headers had another case; they have to be signed as top-sign-list writes them"),
			"headers", func(r *reading) bool { return with(strings.ToLower(r.header.Get(headerSigned)))(r) }},
		{finding("headers-case", "签名时改变了所列头名的大小写；应与 top-sign-list 中的写法一致", "the names of signed headers had another case; they have to be signed as top-sign-list writes them"),
			"headers", func(r *reading) bool {
				names := strings.Split(r.header.Get(headerSigned), ",")
				for i := range names {
					names[i] = http.CanonicalHeaderKey(names[i])
				}
				return with(strings.Join(names, ","))(r)
			}},
		{finding("headers-unlisted", "签名包含了 top-sign-list 未列出的 X- 头；只有列出的头参加签名", "X- headers were signed that top-sign-list does not name; only those that it names are signed"),
			"headers", func(r *reading) bool {
				var names []string
				for name := range r.header {
					if strings.HasPrefix(name, "X-") {
						names = append(names, name)
					}
				}
				slices.Sort(names)
				return with(strings.Join(names, ","))(r)
			}},
	}
}

// digestMistakes are about how it is all put together.
func digestMistakes() []mistake {
	list := []mistake{
		{finding("order-case", "参数名排序时忽略了大小写；应按字节排序（大写字母在小写之前）", "the names were sorted without regard to case; sort them by bytes, capitals first"),
			"order", func(r *reading) bool {
				r.compare = func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }
				return true
			}},
		{finding("order-none", "参数没有排序，按发送的次序签名；应按参数名的字节排序", "the parameters were signed in the order in which they are sent; sort them by the bytes of their names"),
			"order", func(r *reading) bool { r.unsorted = true; return true }},
	}
	for _, glue := range [][2]string{{"=", "&"}, {"=", ""}, {"", "&"}} {
		list = append(list, mistake{finding("separators", "签名串中含有分隔符 = 或 &；名与值应直接相连", "the signed text holds separators, = or &; names and values follow each other without any"),
			"separators", func(r *reading) bool { r.equals, r.and = glue[0], glue[1]; return true }})
	}
	for _, d := range digests {
		list = append(list, mistake{
			finding(d.code, "签名用了 %[1]s；应为 MD5(secret + 内容 + secret)，与 sign_method 无关", "the signature is %[2]s; want MD5(secret + text + secret), whatever sign_method says", d.zh, d.en),
			"digest", func(r *reading) bool { r.digest = d.digest; return true },
		})
	}
	return list
}
