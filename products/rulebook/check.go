package rulebook

import (
	"fmt"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// checks is what is checked of every request beside its sums.
func (w *writer) checks() Section {
	of := &w.terms.Checks
	t := columns(say("检查", "Check"), say("要求", "What it asks for"), say("不符时", "Where it is not so"))
	t.add(say("保险期间", "Period"), w.period(), w.outcome(of.Period))
	t.add(say("起保时间", "Beginning"), w.beginning(), w.outcome(of.Backdating))
	t.add(say("订单金额", "Amount of the order"), say("提供了{1}时，{0}不超过它（它以币种的最小单位计）", "where the {1} is given, the {0} is not above it (it is in minor units of the currency)",
		field("amount"), field("orderSubjectMatterInfo.orderAmount")), w.outcome(of.OrderAmount))
	t.add(say("投保人与被保险人", "Parties"), say("投保人、被保险人各自至少提供个人或企业信息之一", "the applicant and the insured each come as a person or a company, or both"), w.outcome(of.Parties))
	t.add(say("身份证号", "Identity cards"), number(of.IdentityCard, "IDENTITY_CARD", say("居民身份证号（GB 11643-1999）", "an identity card number (GB 11643-1999)")), w.outcome(of.IdentityCard.Level))
	t.add(say("统一社会信用代码", "Company codes"), number(of.CompanyCode, "UNITY", say("统一社会信用代码（GB 32100-2015）", "a unified social credit code (GB 32100-2015)")), w.outcome(of.CompanyCode.Level))
	return Section{
		ID: "checks", Title: say("其他检查", "Other checks"),
		Blocks: []Block{
			paragraph("以下检查先于规则进行；有误的字段不再参与其后的检查。", "These come before the rules. A field that one of them refuses takes no part in what follows."),
			{Table: t},
		},
	}
}

func (w *writer) beginning() Line {
	of := &w.terms.Checks
	if of.Behind == 0 {
		return say("{0}不早于{1}（不得倒签），不晚于其后 {2}", "the {0} is not before the {1}, and no more than {2} after it", field("effectTime"), field("insureTime"), span(of.Ahead))
	}
	return say("{0}不早于{1}前 {2}，不晚于其后 {3}", "the {0} is no more than {2} before the {1} and no more than {3} after it",
		field("effectTime"), field("insureTime"), span(of.Behind), span(of.Ahead))
}

func (w *writer) period() Line {
	days := field("insurePeriod")
	if n := w.terms.Checks.PeriodWithin; n > 0 {
		return say("申报的{0}与起止日期间的日历天数（首尾均计）相差不超过 {1} 天", "the {0}, where it is declared, is within {1} days of the calendar days from beginning to end, both counted", days, n)
	}
	return say("申报的{0}等于起止日期间的日历天数（首尾均计）", "the {0}, where it is declared, is the calendar days from beginning to end, both counted", days)
}

// span is a span of time.
func span(d time.Duration) policy.Text {
	const day = 24 * time.Hour
	switch {
	case d > 2*day && d%day == 0:
		return policy.Text{ZH: fmt.Sprintf("%d 天", d/day), EN: fmt.Sprintf("%d days", d/day)}
	case d%time.Hour == 0:
		return policy.Text{ZH: fmt.Sprintf("%d 小时", d/time.Hour), EN: fmt.Sprintf("%d h", d/time.Hour)}
	}
	return policy.Text{ZH: fmt.Sprintf("%d 分钟", d/time.Minute), EN: fmt.Sprintf("%d min", d/time.Minute)}
}

// number is what is asked of the numbers of a kind.
func number(n policy.Number, kind string, what Line) Line {
	if n.Level == policy.Off {
		return say("不检查号码，只限长度", "numbers are not looked at, but for their length")
	}
	how := say("格式", "shape")
	if n.Checksum {
		how = say("格式与校验码", "shape and check digit")
	}
	line := say("证件类型为 {0} 的号码须是{1}，检查{2}", "a number of type {0} is {1}, by its {2}", code(kind), what, how)
	if n.Masked {
		return say("{0}；脱敏的号码放行", "{0}; masked numbers pass", line)
	}
	return say("{0}；脱敏的号码不放行", "{0}; masked numbers do not pass", line)
}
