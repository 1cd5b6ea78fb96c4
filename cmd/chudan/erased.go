package main

import (
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// erased is what is left of a record when its retention is over.
type erased struct {
	Status     policy.Status `json:"status"`
	PolicyNo   string        `json:"policyNo,omitempty"`
	Tenant     policy.Tenant `json:"tenant"`
	Identifier string        `json:"identifier"`
	Revision   int64         `json:"revision"`
	At         time.Time     `json:"at"`
	Product    string        `json:"productCode"`
	Edition    string        `json:"edition"`
	Digest     string        `json:"digest"`
	ErasedAt   time.Time     `json:"erasedAt"`
}

func newErased(r *policy.Record) *erased {
	return &erased{
		Status: r.Status, PolicyNo: r.Number, Tenant: r.Key.Tenant, Identifier: r.Key.Identifier, Revision: r.Revision, At: r.At.In(policy.Zone()),
		Product: r.Product, Edition: r.Edition, Digest: r.Digest, ErasedAt: r.ErasedAt.In(policy.Zone()),
	}
}

// text is what is left, for people.
func (e *erased) text(lang policy.Lang) string {
	var b strings.Builder
	line := func(zh, en string, values ...any) { b.WriteString(say(zh, en, values...).In(lang) + "\n") }
	const layout = "2006-01-02 15:04:05 -07:00"
	line("状态：%[1]s（%[2]s）", "status: %[2]s", statusWords[e.Status].ZH, e.Status)
	line("已于 %s 清除：保存期届满，请求与答复均已删除", "erased on %s: its retention was over; what was asked and answered is gone", e.ErasedAt.Format(layout))
	if e.PolicyNo != "" {
		line("保单号：%s", "policy: %s", e.PolicyNo)
	}
	line("标识：%[1]s（租户 %[2]s，第 %[3]d 次决定）", "identifier: %[1]s (tenant %[2]s, decision %[3]d)", e.Identifier, e.Tenant, e.Revision)
	line("决定时间：%s", "decided: %s", e.At.Format(layout))
	line("产品：%[1]s，版本 %[2]s", "product: %[1]s, edition %[2]s", e.Product, e.Edition)
	line("摘要：sha256 %s", "digest: sha256 %s", e.Digest)
	return b.String()
}
