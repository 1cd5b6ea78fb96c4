package main

import (
	"bytes"
	"context"
	"strings"
	"sync"
)

// wantIssued judges the answer to a request that should be issued.
func (p *prober) wantIssued(a endpointAnswer, err error) judgement {
	switch {
	case err != nil:
		return p.unanswered(err)
	case a.wrong != nil && a.wrong.verdict == fail:
		return *a.wrong
	case !a.success:
		return fails("未出单，应答 %s；应出单，如产品或规则不同，请用 --request 给出可出单的请求",
			"it was not issued but answered with %s; where products or rules differ, give a request that is issued with --request", a.named())
	case a.wrong != nil:
		return *a.wrong
	}
	return passes("已出单", "issued")
}

func (p *prober) issueUTF8(ctx context.Context) judgement {
	body := p.body("A")
	a, err := p.ask(ctx, p.client, body, nil)
	j := p.wantIssued(a, err)
	if err == nil && a.policyNo != "" {
		p.issued = &issuedProbe{"A", body, a}
	}
	return j
}

// notTried judges a probe that repeats what was not issued.
var notTried = isOdd("没有可重复的保单，未运行", "there is no policy to repeat; not run")

// sameAnswer judges the answer to the very request that was issued.
func (p *prober) sameAnswer(a endpointAnswer, err error) judgement {
	first := &p.issued.answer
	switch {
	case err != nil:
		return p.unanswered(err)
	case a.success && a.policyNo != first.policyNo:
		return fails("同一请求再次出单，保单号不同；应返回原保单", "the same request was issued again, with another policyNo; want the same policy")
	case !a.success:
		return fails("重发同一请求应答 %s；应返回原保单", "the same request again answers %s; want the same policy", a.named())
	case !bytes.Equal(a.raw, first.raw):
		return isOdd("保单号相同，但应答与第一次不逐字节相同", "the same policyNo, but not the same answer byte for byte")
	}
	return passes("与第一次应答相同", "the same answer as the first time")
}

func (p *prober) duplicate(ctx context.Context) judgement {
	if p.issued == nil {
		return notTried
	}
	return p.sameAnswer(p.ask(ctx, p.client, p.issued.body, nil))
}

// alteredDuplicate: whoever takes an altered request for the old one answers a
// question that was not asked; and the old answer must stay.
func (p *prober) alteredDuplicate(ctx context.Context) judgement {
	if p.issued == nil {
		return notTried
	}
	a, err := p.ask(ctx, p.client, p.altered(p.issued.suffix), nil)
	switch {
	case err != nil:
		return p.unanswered(err)
	case a.success && a.policyNo == p.issued.answer.policyNo:
		return fails("内容已改的请求得到了原保单；应拒绝，否则平台以为改动已生效", "an altered request was answered with the old policy; refuse it, or the platform believes that the change counts")
	case a.success:
		return fails("同一 identifier 下内容已改的请求又出了一张保单；应拒绝", "an altered request under the same identifier was issued as another policy; want a refusal")
	case a.wrong != nil:
		return *a.wrong
	}
	if again := p.sameAnswer(p.ask(ctx, p.client, p.issued.body, nil)); again.verdict == fail {
		return fails("改动的请求被拒绝，但此后原请求：%[1]s", "the altered request was refused, but after it the old one: %[2]s", again.reason.ZH, again.reason.EN)
	}
	return passes("拒绝，应答 %s；原保单未变", "refused with %s, and the old answer is as it was", a.named())
}

// issueGBK sends a request in GBK, then in UTF-8: that the second one is a
// duplicate shows that the characters of the first were understood.
func (p *prober) issueGBK(ctx context.Context) judgement {
	gbk := p.client
	gbk.Charset = "gbk"
	body := p.body("G")
	a, err := p.ask(ctx, gbk, body, nil)
	switch {
	case err != nil && a.raw == nil && strings.Contains(err.Error(), "encoding"):
		return isOdd("--request 中有 GBK 没有的字符，未运行", "--request holds characters that GBK lacks; not run")
	case err == nil && !a.success && a.wrong == nil:
		return isOdd("GBK 的请求应答 %s；平台会用 GBK 探测，除非已约定 UTF-8", "a request in GBK answers %s; the platform tries GBK, unless UTF-8 is agreed", a.named())
	}
	if j := p.wantIssued(a, err); j.verdict != pass {
		return j
	}
	again, err := p.ask(ctx, p.client, body, nil)
	switch {
	case err != nil:
		return p.unanswered(err)
	case again.success && again.policyNo == a.policyNo:
		return passes("已出单，文字与 UTF-8 相同", "issued, and its texts are those of UTF-8")
	case again.success:
		return fails("同一请求用 UTF-8 重发又出了一张保单；应返回原保单", "the same request again, in UTF-8, was issued as another policy; want the same one")
	}
	return fails("同一请求用 UTF-8 重发应答 %s：GBK 的文字可能没有读对", "the same request again, in UTF-8, answers %s: the texts in GBK may have been misread", again.named())
}

const atOnce = 8

func (p *prober) eightAtOnce(ctx context.Context) judgement {
	if p.issued == nil {
		return notTried
	}
	body := p.body("C")
	var answers [atOnce]endpointAnswer
	var errs [atOnce]error
	var all sync.WaitGroup
	for i := range atOnce {
		all.Go(func() { answers[i], errs[i] = p.ask(ctx, p.client, body, nil) })
	}
	all.Wait()
	numbers, refusals := make(map[string]bool), 0
	for i, a := range answers {
		switch {
		case errs[i] != nil:
			return p.unanswered(errs[i])
		case a.success:
			numbers[a.policyNo] = true
		case !strings.HasPrefix(a.code, "isp."):
			return fails("其中一个应答 %s；应返回同一保单，或可重试的 isp. 代码", "one of them answers %s; want the same policy, or an isp. code, with which the platform tries again", a.named())
		default:
			refusals++
		}
	}
	switch {
	case len(numbers) > 1:
		return fails("%[1]d 个同时到达的相同请求出了 %[2]d 张保单；应为 1 张", "%[1]d equal requests at once were issued as %[2]d policies; want 1", atOnce, len(numbers))
	case len(numbers) == 0:
		return fails("%d 个同时到达的相同请求都没有出单", "of %d equal requests at once none was issued", atOnce)
	case refusals > 0:
		return isOdd("一张保单，但 %[1]d 个中有 %[2]d 个应答 isp. 代码，平台须重试", "one policy, but %[2]d of %[1]d answer an isp. code, and the platform has to try again", atOnce, refusals)
	}
	return passes("%d 个应答都是同一张保单", "all %d answers name the same policy", atOnce)
}
