package document_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chudan-io/chudan/adapters/document"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

var update = flag.Bool("update", false, "rewrite the goldens")

const (
	number = "PBDI2021080400000001L"
	token  = "0123456789abcdef0123456789abcdef"
	link   = "/policies/" + number + "/" + token
)

// shelf holds one policy, or trouble.
type shelf struct {
	held policy.Case
	err  error
}

func (s *shelf) Policy(ctx context.Context, no, key string) (policy.Case, error) {
	switch _, bounded := ctx.Deadline(); {
	case !bounded:
		return policy.Case{}, errors.New("the look into the store has no deadline")
	case s.err != nil:
		return policy.Case{}, s.err
	case no != number || key != token:
		return policy.Case{}, policy.ErrNotFound
	}
	return s.held, nil
}

// sample is the published request, issued.
func sample() policy.Case {
	return policy.Case{
		Record: policy.Record{Product: "PERFORMANCE_SURETY_BONDS", Edition: "2021.2", Number: number, Status: policy.StatusIssued},
		Title:  policy.Text{ZH: "履约保证保险", EN: "Performance surety bond"},
		Coverages: []policy.Coverage{
			{Code: "QUALITY", Title: policy.Text{ZH: "质量险", EN: "Quality"}},
			{Code: "DELIVERY", Title: policy.Text{ZH: "交期险", EN: "Delivery"}},
			{Code: "APPEARANCE", Title: policy.Text{ZH: "外观险", EN: "Appearance"}},
		},
		Premium: policy.Premium{
			Currency: money.CNY, Source: policy.RateDeclared, Rate: money.MustParse("0.00625"), Exact: money.MustParse("6.3625"),
			Rounded: money.MustParse("6.36"), CNY: money.MustParse("6.36"),
		},
		Receipt: policy.Receipt{
			PolicyNo: number, PolicyFileURL: "http://127.0.0.1:8080" + link,
			IssuedAt: time.Date(2021, 8, 4, 7, 23, 29, 0, time.UTC),
		},
		Request: &policy.Request{
			Identifier: "010101004178221080402170019", InsureID: "010101001178221080402961044", ProductCode: "PERFORMANCE_SURETY_BONDS",
			InsureTime: "2021-08-04 15:23:28", EffectTime: "2021-08-04 15:23:26", ExpireTime: "2021-09-12 23:59:59",
			Amount: "1018.0", AmountOfCny: "1018.0", Currency: "CNY", CurrencyRate: "1.0",
			PremiumRate: "0.00625", Premium: "6.36", PremiumOfCny: "6.36", InsurePeriod: "40", ApplicantPayAccount: "ALIBABA",
			OrderSubjectMatterInfo: policy.OrderSubjectMatterInfo{
				SellerID: "3322312336", SellerName: "xx智能XX", BuyerID: "2944982885", BuyerName: "t_1500860306662_0776", BuyerOpenUID: "123123",
				OrderAmount: "101800", SubjectMatterCategory: "包装", SubjectMatterID: "2003576043935988528",
				SubjectMatterName: "外贸飞机盒定制印刷包装盒快递打包外箱瓦楞牛皮纸盒订做纸箱定做",
			},
			InsuredPersonalInfo: policy.InsuredPersonalInfo{PersonName: "t_1500860306662_0776", PersonLicenseNo: "2944982885", PersonLicenseType: "ALI", UserID: "2944982885"},
			InsuredCompanyInfo: policy.InsuredCompanyInfo{
				CompanyName: "test", CompanyAddress: "test", CompanyEmail: "test", CompanyPhone: "344555", UserID: "123",
				CompanyLicenseType: "UNITY", CompanyLicenseNo: "91234535345435", LegalPersonName: "张三", LegalPersonLicenseNo: "23423423423",
			},
			ApplicantPersonalInfo: policy.ApplicantPersonalInfo{
				PersonName: "张三", PersonPhone: "139231232323", PersonEmail: "abc@aa.com", PersonAddress: "33xxxx",
				PersonLicenseType: "IDENTITY_CARD", PersonLicenseNo: "3321231232312342432", UserID: "123123",
			},
			ApplicantCompanyInfo: policy.ApplicantCompanyInfo{
				CompanyName: "xx市xx公司", CompanyLicenseType: "UNITY", CompanyLicenseNo: "9xxxxxxxxxxY74N", UserID: "33223xxxxx",
				LegalPersonName: "王XX", LegalPersonLicenseNo: "4****************3",
			},
			Attrs: policy.Attrs{InsuranceTypes: "QUALITY,DELIVERY,APPEARANCE", AgreeOnSendTime: "1628870399000", PremiumFundStreamNo: "2021080410002001660575461643"},
		},
	}
}

// abroad is a policy in a currency without minor units, with as little as a
// policy can say.
func abroad() policy.Case {
	c := sample()
	r := policy.Request{
		Identifier: "A-2", InsureID: "A-2", ProductCode: "PERFORMANCE_SURETY_BONDS",
		InsureTime: "2021-08-04 15:23:28", EffectTime: "2021-08-05 00:00:00", ExpireTime: "2021-08-05 23:59:59",
		Amount: "1234567", Currency: "JPY", CurrencyRate: "0.0589", Premium: "6173", PremiumOfCny: "363.59",
	}
	r.ApplicantPersonalInfo.PersonName = "李四"
	r.InsuredPersonalInfo = policy.InsuredPersonalInfo{PersonName: "王五", PersonLicenseType: "PASSPORT", PersonLicenseNo: "E12345678"}
	c.Request, c.Coverages, c.Title = &r, nil, policy.Text{}
	c.Premium = policy.Premium{Currency: "JPY", Rate: money.MustParse("0.005"), Rounded: money.MustParse("6173"), CNY: money.MustParse("363.59")}
	return c
}

var insurer = document.Insurer{
	Name:    policy.Text{ZH: "示例财产保险股份有限公司", EN: "Example Property & Casualty Insurance Co., Ltd."},
	Address: "上海市浦东新区示例路 100 号", Phone: "95500", Website: "https://www.example.com",
}

func pages(t *testing.T, s *shelf, log *bytes.Buffer) http.Handler {
	t.Helper()
	h, err := document.New(document.Config{
		Policies: s, Insurer: insurer, Logger: slog.New(slog.NewTextHandler(log, nil)),
		Filing: func(product, edition string) string {
			if product == "PERFORMANCE_SURETY_BONDS" && edition == "2021.2" {
				return "FILING-2021-07"
			}
			return ""
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func get(h http.Handler, method, path string) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := b.ReadFrom(r.Body); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	for name, held := range map[string]policy.Case{"sample": sample(), "abroad": abroad()} {
		t.Run(name, func(t *testing.T) {
			got := body(t, get(pages(t, &shelf{held: held}, new(bytes.Buffer)), "GET", link))
			golden := "testdata/" + name + ".html"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("the page differs from %s (-want +got); see it in a browser, then run with -update:\n%s", golden, diff)
			}
		})
	}
}

// Source: Insurance Law of China, art. 18.
func TestTellsWhatTheLawAsks(t *testing.T) {
	page := text(body(t, get(pages(t, &shelf{held: sample()}, new(bytes.Buffer)), "GET", link)))
	for what, want := range map[string]string{
		"insurer": "示例财产保险股份有限公司", "insurer's address": "上海市浦东新区示例路 100 号",
		"applicant": "xx市xx公司", "applicant's address": "33xxxx", "insured": "t_1500860306662_0776", "insured's address": "住所Address test",
		"subject matter": "外贸飞机盒定制印刷包装盒", "cover": "质量险 Quality、交期险 Delivery、外观险 Appearance",
		"period": "自 2021年08月04日 15时23分26秒 起至 2021年09月12日 23时59分59秒 止，共 40 天",
		"sum":    "CNY 1,018.00人民币壹仟零壹拾捌元整", "premium": "CNY 6.36人民币陆元叁角陆分", "rate": "0.625%",
		"date": "2021年08月04日 15时23分29秒", "number": number, "edition": "2021.2", "filing": "FILING-2021-07", "link": "http://127.0.0.1:8080" + link,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not tell the %s: %q", what, want)
		}
	}
	for what, secret := range map[string]string{
		"identity card": "3321231232312342432", "company's licence": "91234535345435", "phone": "139231232323", "e-mail": "abc@aa.com",
		"account": "ALIBABA", "payment": "2021080410002001660575461643", "Ali ID": ">2944982885<",
	} {
		if strings.Contains(page, secret) {
			t.Errorf("the page shows the %s in the clear", what)
		}
	}
}

var tags = regexp.MustCompile(`(?s)<style>.*</style>|<[^>]*>`)

func text(page string) string {
	return strings.ReplaceAll(tags.ReplaceAllStringFunc(page, func(tag string) string {
		if tag == "<dd>" {
			return " "
		}
		return ""
	}), "&#43;", "+")
}

func TestEscapes(t *testing.T) {
	held := sample()
	held.Request.ApplicantPersonalInfo.PersonName = `<script>alert(1)</script>`
	held.Request.OrderSubjectMatterInfo.SubjectMatterName = `"><img src=x onerror=alert(2)>`
	held.Request.InsureID = "</title><script>"
	page := body(t, get(pages(t, &shelf{held: held}, new(bytes.Buffer)), "GET", link))
	for _, bad := range []string{"<script", "<img"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
	if !strings.Contains(page, "&lt;script&gt;alert(1)&lt;/script&gt;") {
		t.Error("the name is not shown as it is written")
	}
}

func TestWrongLinksAreAlike(t *testing.T) {
	h := pages(t, &shelf{held: sample()}, new(bytes.Buffer))
	want := get(h, "GET", "/policies/"+number+"/ffffffffffffffffffffffffffffffff")
	wantBody := body(t, want)
	if want.StatusCode != http.StatusNotFound || !strings.Contains(wantBody, "未找到保单") {
		t.Fatalf("a wrong token is answered %d %s", want.StatusCode, wantBody)
	}
	for _, path := range []string{
		"/policies/PBDI0/" + token, "/policies/" + number, "/policies/" + number + "/", "/policies/" + number + "/" + token + "/", "/policies//",
		"/policies/" + number + "/" + strings.ToUpper(token), "/policies/", "/other", "/policies/a/b/c",
	} {
		got := get(h, "GET", path)
		if diff := cmp.Diff(wantBody, body(t, got)); got.StatusCode != want.StatusCode || diff != "" {
			t.Errorf("%s: %d, %s", path, got.StatusCode, diff)
		}
		if diff := cmp.Diff(want.Header, got.Header); diff != "" {
			t.Errorf("%s: headers differ: %s", path, diff)
		}
	}
}

// TestErased: who holds the link is told that there is nothing any more; it is
// no trouble.
func TestErased(t *testing.T) {
	log := new(bytes.Buffer)
	got := get(pages(t, &shelf{err: policy.ErrErased}, log), "GET", link)
	if page := body(t, got); got.StatusCode != http.StatusGone || !strings.Contains(page, "已清除") || !strings.Contains(page, "Erased") || log.Len() > 0 {
		t.Errorf("%d, logged %q: %s", got.StatusCode, log, page)
	}
}

func TestHeaders(t *testing.T) {
	h := pages(t, &shelf{held: sample()}, new(bytes.Buffer))
	for _, path := range []string{link, "/policies/no/no"} {
		got := get(h, "GET", path)
		page := body(t, got)
		style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(page)[1]
		hash := sha256.Sum256([]byte(style))
		for name, want := range map[string]string{
			"Content-Type": "text/html; charset=utf-8", "Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer",
			"X-Robots-Tag": "noindex", "X-Content-Type-Options": "nosniff", "Content-Length": strconv.Itoa(len(page)),
			"Content-Security-Policy": "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) +
				"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		} {
			if got.Header.Get(name) != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got.Header.Get(name), want)
			}
		}
	}
}

func TestMethods(t *testing.T) {
	server := httptest.NewServer(pages(t, &shelf{held: sample()}, new(bytes.Buffer)))
	defer server.Close()
	full, err := http.Get(server.URL + link)
	if err != nil {
		t.Fatal(err)
	}
	length := len(body(t, full))
	for method, want := range map[string]int{"HEAD": 200, "POST": 405, "PUT": 405, "DELETE": 405, "OPTIONS": 405} {
		req, _ := http.NewRequest(method, server.URL+link, nil)
		got, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text := body(t, got)
		switch {
		case got.StatusCode != want:
			t.Errorf("%s: %d, want %d", method, got.StatusCode, want)
		case method == "HEAD" && (text != "" || got.ContentLength != int64(length)):
			t.Errorf("HEAD: %d bytes, Content-Length %d, want that of GET, %d", len(text), got.ContentLength, length)
		case want == 405 && got.Header.Get("Allow") != "GET, HEAD":
			t.Errorf("%s: Allow is %q", method, got.Header.Get("Allow"))
		}
	}
}

func TestTrouble(t *testing.T) {
	for name, trouble := range map[string]error{
		"store": fmt.Errorf("sqlite: %w", policy.ErrUnavailable), "deadline": context.DeadlineExceeded, "another key": errors.New("sealed with another key"),
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			got := get(pages(t, &shelf{err: trouble}, &log), "GET", link)
			if got.StatusCode != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" {
				t.Errorf("%d, Retry-After %q", got.StatusCode, got.Header.Get("Retry-After"))
			}
			if page := body(t, got); strings.Contains(page, trouble.Error()) {
				t.Error("the page tells the cause")
			}
			if !strings.Contains(log.String(), trouble.Error()) || strings.Contains(log.String(), token) {
				t.Errorf("want the cause in the log, and not the token: %s", log.String())
			}
		})
	}
}

func TestConfig(t *testing.T) {
	for name, c := range map[string]document.Config{
		"no policies": {Insurer: insurer}, "no insurer": {Policies: &shelf{}},
	} {
		if _, err := document.New(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
