package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// holding is a record in the form in which it is told.
type holding struct {
	Status     policy.Status          `json:"status"`
	PolicyNo   string                 `json:"policyNo,omitempty"`
	Link       string                 `json:"policyFileUrl,omitempty"` // only where it may be shown
	Tenant     policy.Tenant          `json:"tenant"`
	Identifier string                 `json:"identifier"`
	Revision   int64                  `json:"revision"`
	At         time.Time              `json:"at"`
	Reference  string                 `json:"reference"`
	Product    edition                `json:"product"`
	Premium    *policy.Premium        `json:"premium,omitempty"`
	Steps      []products.Calculation `json:"steps,omitempty"`
	Faults     policy.Faults          `json:"faults,omitempty"`
	Ruled      []policy.Ruled         `json:"ruled,omitempty"`
	Booking    *policy.Booking        `json:"booking,omitempty"`
	Request    []fieldText            `json:"request"`
	Facts      []factText             `json:"facts,omitempty"` // that it was decided with
	Masked     bool                   `json:"masked"`
	Hold       *held                  `json:"hold,omitempty"`

	Explanation *retold `json:"explanation"`
}

// fieldText is a field as it may be shown.
type fieldText struct {
	Path  string `json:"path"`
	Value string `json:"value"`
}

func newHolding(c *policy.Case, reveal bool) *holding {
	r := &c.Record
	h := &holding{
		Status: r.Status, PolicyNo: r.Number, Tenant: r.Key.Tenant, Identifier: r.Key.Identifier, Revision: r.Revision,
		At: r.At.In(policy.Zone()), Reference: c.Reference, Faults: c.Faults, Ruled: c.Ruled, Masked: !reveal,
		Product: edition{Code: r.Product, Edition: r.Edition, Title: c.Title, Digest: r.Digest},
		Request: fieldTexts(c.Request, reveal),
	}
	if c.Premium.Known() {
		h.Premium, h.Steps = &c.Premium, products.Arithmetic(c.Request, &c.Premium)
	}
	if reveal {
		h.Link = c.Receipt.PolicyFileURL
	}
	if c.Booking != nil && reveal {
		h.Booking = c.Booking
	} else if c.Booking != nil {
		h.Booking = &policy.Booking{PolicyNo: c.Booking.PolicyNo}
	}
	return h
}

// fieldTexts are the fields of a request in page order, then what the page
// does not know; masked unless they may be revealed.
func fieldTexts(r *policy.Request, reveal bool) []fieldText {
	masks := masksOf(r)
	var all []fieldText
	for _, f := range policy.Fields() {
		text := f.Text(r)
		if text == "" {
			continue
		}
		if f.Personal && !reveal {
			text = masks[f.Path]
		}
		all = append(all, fieldText{f.Path, text})
	}
	for _, path := range slices.Sorted(maps.Keys(r.Unknown)) {
		text := "***" // nobody knows what it is
		if reveal {
			text = r.Unknown[path]
		}
		all = append(all, fieldText{path, text})
	}
	return all
}

// masksOf are the fields as a request's own JSON writes them: personal ones
// masked, each in its own way.
func masksOf(r *policy.Request) map[string]string {
	masks := make(map[string]string)
	var walk func(prefix string, object map[string]any)
	walk = func(prefix string, object map[string]any) {
		for name, value := range object {
			switch value := value.(type) {
			case string:
				masks[prefix+name] = value
			case map[string]any:
				walk(prefix+name+".", value)
			}
		}
	}
	var page map[string]any
	if text, err := json.Marshal(r); err == nil && json.Unmarshal(text, &page) == nil {
		walk("", page)
	}
	return masks
}

var statusWords = map[policy.Status]policy.Text{
	policy.StatusIssued:   {ZH: "已出单", EN: "issued"},
	policy.StatusRefused:  {ZH: "已拒绝", EN: "refused"},
	policy.StatusReferred: {ZH: "转人工核保，待处理", EN: "referred to an underwriter"},
	policy.StatusAccepted: {ZH: "人工核保通过，待平台再次请求时出单", EN: "accepted by an underwriter; issued when the platform calls again"},
	policy.StatusReopened: {ZH: "已重新开放，待平台再次请求", EN: "reopened; decided anew when the platform calls again"},
	policy.StatusReserved: {ZH: "已占用，核心系统登记中", EN: "reserved; being booked in the core system"},
	policy.StatusBooked:   {ZH: "核心系统已登记，待出单", EN: "booked in the core system; about to be issued"},
}

// text is the record for people.
func (h *holding) text(lang policy.Lang, asOf moment) string {
	var b strings.Builder
	line := func(zh, en string, values ...any) { b.WriteString(say(zh, en, values...).In(lang) + "\n") }

	line("状态：%[1]s（%[2]s）", "status: %[2]s", statusWords[h.Status].ZH, h.Status)
	if h.PolicyNo != "" {
		line("保单号：%s", "policy: %s", h.PolicyNo)
	}
	if h.Link != "" {
		line("保单链接：%s", "link: %s", h.Link)
	}
	line("标识：%[1]s（租户 %[2]s，第 %[3]d 次决定）", "identifier: %[1]s (tenant %[2]s, decision %[3]d)", h.Identifier, h.Tenant, h.Revision)
	line("决定时间：%s", "decided: %s", h.At.Format("2006-01-02 15:04:05 -07:00"))
	line("参考号：%s", "reference: %s", h.Reference)
	line("产品：%[2]s %[1]s，版本 %[3]s", "product: %[1]s (%[2]s), edition %[3]s", h.Product.Code, h.Product.Title.In(lang), h.Product.Edition)
	line("摘要：sha256 %s", "digest: sha256 %s", h.Product.Digest)
	if h.Premium != nil {
		line("保费：", "premium:")
		b.WriteString(stepLines(h.Steps, lang))
	}
	b.WriteString(faultLines(h.Faults, lang))
	if h.Booking != nil {
		line("核心系统登记：%s", "booked in the core system: %s", h.Booking.PolicyNo)
	}
	for _, r := range h.Ruled {
		line("裁定：%[1]s %[2]s → %[3]s：%[4]s", "ruling: %[1]s %[2]s → %[3]s: %[4]s", r.At.In(policy.Zone()).Format(time.DateTime), r.By, r.Status, r.Why)
	}
	if h.Hold != nil {
		line("法律保全：自 %[1]s，%[2]s：%[3]s", "legal hold: since %[1]s, %[2]s: %[3]s", h.Hold.Since.Format(time.DateTime), h.Hold.By, h.Hold.Why)
	}
	b.WriteString(factLines(h.Facts, lang))
	b.WriteString(h.Explanation.text(lang, asOf))
	if h.Masked {
		line("请求（个人信息已脱敏，--reveal 显示原文）：", "request (personal data is masked; --reveal shows it):")
	} else {
		line("请求：", "request:")
	}
	for _, f := range h.Request {
		fmt.Fprintf(&b, "  %s: %s\n", f.Path, f.Value)
	}
	return b.String()
}
