package rulebook

import (
	"github.com/chudan-io/chudan/policy"
)

// answers is how a verdict comes about, and what a caller may be answered.
func (w *writer) answers() Section {
	s := Section{ID: "answers", Title: say("结论与答复", "Verdicts and answers")}
	s.Parts = []Section{
		{ID: "verdicts", Title: say("结论", "Verdicts"), Blocks: []Block{{List: w.verdicts()}}},
		{ID: "keys", Title: say("重复请求与业务键", "Repeated requests and business keys"), Blocks: []Block{{List: w.keys()}}},
		{ID: "codes", Title: say("错误码", "Error codes"), Blocks: w.errorCodes()},
	}
	return s
}

func (w *writer) verdicts() []Line {
	trouble := say("转人工核保，代码 {0}", "it is referred, with {0}", code(string(policy.KindReferred)+":…"))
	if w.spec.OnError == policy.Reject {
		trouble = say("拒绝，代码 {0}，且不保留该答复", "it is refused, with {0}, and the answer is not kept", code(string(policy.KindRejected)+":…"))
	}
	return []Line{
		say("没有问题，或只有提示：出单。", "No faults, or nothing but notes: the policy is issued."),
		say("有须人工核保的问题而无拒绝：转人工核保，由核保人员决定。", "A fault that refers and none that refuses: an underwriter decides."),
		say("有任何一处拒绝：拒绝，一次答复全部问题。", "Any fault that refuses: refused, and all faults are told at once."),
		say("规则或保费无法计算（例如除数为 0）：{0}；绝不当作通过。", "A rule or the premium cannot be computed (a division by zero, say): {0}. It never passes.", trouble),
	}
}

func (w *writer) keys() []Line {
	lines := []Line{
		say("同一{0}至多出一张保单：内容相同的重发得到同一答复，内容不同的以 {1} 拒绝并列出不同的字段。", "There is at most one policy for an {0}: the same content again gets the same answer, other content is refused with {1}, which names the fields that differ.",
			field("identifier"), code(policy.KindIdempotencyConflict)),
	}
	if w.terms.PinRefusals {
		lines = append(lines, say("全部拒绝均出自规则的请求，其拒绝予以保留：同一报文重发仍拒，规则改动之后也是。改正内容后可以重新投保。",
			"Where nothing but rules refused, the refusal is kept: the same content sent again is refused again, also after the rules have changed. Corrected content is a new attempt."))
	} else {
		lines = append(lines, say("拒绝不保留：同一报文重发时重新判断。", "Refusals are not kept: the same content sent again is judged anew."))
	}
	if len(w.terms.Unique) == 0 {
		return append(lines, say("没有其他业务键。", "There is no other business key."))
	}
	for _, path := range w.terms.Unique {
		lines = append(lines, say("{0}的一个值只能用于一张保单；再用以 {1} 拒绝。", "A value of the {0} serves one policy only; another request with it is refused with {1}.",
			field(path), code(policy.Fault{Kind: policy.KindDuplicateKey, Paths: []string{path}}.ErrorCode())))
	}
	return lines
}

// errorCodes are those that a request of this product can be answered with.
func (w *writer) errorCodes() []Block {
	t := columns(say("错误码", "Code"), say("何时", "When"), say("重发", "Sent again"), say("答复是否保留", "Is the answer kept?"))
	for _, info := range policy.Kinds() {
		row := func(errorCode string, when Line) {
			t.add(verbatim(errorCode), when, again(info.Retry), w.kept(info))
		}
		switch {
		case info.Kind == policy.KindProductNotFound: // it is found
		case info.Kind == policy.KindDuplicateKey && len(w.terms.Unique) == 0:
		case info.Suffix == policy.SuffixRule:
			w.ruleCodes(info, row)
		case info.Suffix == policy.SuffixField:
			row(string(info.Kind)+":…", plain(info.When))
		default:
			row(string(info.Kind), plain(info.When))
		}
	}
	return []Block{
		paragraph("冒号后的“…”为字段路径。{0} 开头的须由调用方改正，{1} 开头的为我方故障。", "What stands for … behind a colon is the path of a field. What begins with {0} is for the caller to change, what begins with {1} is trouble of ours.", code("isv."), code("isp.")),
		{Table: t},
	}
}

// ruleCodes are the rules that answer with a kind, and what answers with it
// because it cannot be computed.
func (w *writer) ruleCodes(info policy.KindInfo, row func(string, Line)) {
	trouble := policy.KindReferred
	if w.spec.OnError == policy.Reject {
		trouble = policy.KindRejected
	}
	for _, r := range w.spec.Rules {
		if info.Kind == policy.KindReferred && r.ReferIf != "" || info.Kind == policy.KindRejected && (r.Must != "" || r.RejectIf != "") {
			row(onWire(info.Kind, r.Code), plain(info.When))
		} else if _, condition := demand(r); info.Kind == trouble && w.mayFail(r.When, condition) {
			row(onWire(info.Kind, r.Code), say("该规则无法计算", "the rule cannot be computed"))
		}
	}
	if info.Kind == trouble && w.premiumMayFail() {
		row(onWire(info.Kind, "PREMIUM"), say("保费无法计算", "the premium cannot be computed"))
	}
}

func again(r policy.Retry) Line {
	switch r {
	case policy.RetryNow:
		return say("可以，结果可能不同", "yes, and it may succeed")
	case policy.RetryLater:
		return say("待核保人员决定之后", "once an underwriter has decided")
	case policy.RetryReplays:
		return say("得到同一答复", "gets the same answer")
	case policy.RetryNever:
	}
	return say("无益，须先改正", "in vain: change it first")
}

func (w *writer) kept(info policy.KindInfo) Line {
	switch {
	case info.Pin == policy.PinHeld:
		return say("保留至核保人员决定", "until an underwriter decides")
	case info.Kind == policy.KindRejected && w.terms.PinRefusals:
		return say("拒绝全部出自规则时保留", "where nothing but rules refused")
	case info.Pin == policy.PinKept && info.Kind != policy.KindRejected:
		return say("保留", "yes")
	}
	return say("不保留", "no")
}
