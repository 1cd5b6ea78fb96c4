package qimen_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
)

// TestReplies pins the bytes of every kind of answer, in both languages.
func TestReplies(t *testing.T) {
	refusal := func(faults ...policy.Fault) error { return &policy.Refusal{Faults: faults, Reference: "K7Q2M4X9AB"} }
	several := refusal(policy.Missing("premium"), policy.Invalid("amount", "应大于 0", "must be above 0"),
		policy.Fault{Kind: policy.KindRejected, Severity: policy.Reject, Code: "SUM_TOO_HIGH", Message: policy.Text{ZH: "保额过高", EN: "the sum is too high"}},
		policy.Fault{Kind: policy.KindRejected, Severity: policy.Note, Code: "SEEN", Message: policy.Text{ZH: "不外传", EN: "not told"}})
	var got strings.Builder
	add := func(name string, r policy.Receipt, err error) {
		for _, lang := range []policy.Lang{policy.Chinese, policy.English} {
			fmt.Fprintf(&got, "%s, %s\n%s\n", name, lang, qimen.Reply(r, err, lang, "REFERENCE0"))
		}
	}
	add("issued", policy.Receipt{
		PolicyNo:      "PBDI20211201Q000Fxxxx",
		PolicyFileURL: "https://www.xxx.com.cn/xx/policydownload/downloadurl.do?platfromcodes=CPI001462&policyNo=A807<627>&insuredID=\"xx\"",
	}, nil)
	add("several faults", policy.Receipt{}, several)
	add("a rule's refusal", policy.Receipt{}, refusal(policy.Fault{Kind: policy.KindRejected, Severity: policy.Reject, Code: "SUM_TOO_HIGH", Message: policy.Text{ZH: "保额过高", EN: "the sum is too high"}}))
	add("a referral", policy.Receipt{}, refusal(policy.Fault{Kind: policy.KindReferred, Severity: policy.Refer, Code: "LARGE_SUM", Message: policy.Text{ZH: "大额", EN: "a large sum"}}))
	add("a conflict", policy.Receipt{}, &policy.ConflictError{Fields: []string{"amount", "premium"}, Reference: "K7Q2M4X9AB"})
	for _, kind := range []policy.Kind{policy.KindInProgress, policy.KindInternal, policy.KindTimeout} {
		add(string(kind), policy.Receipt{}, refusal(policy.TroubleFaults(kind)...))
	}
	add("no store", policy.Receipt{}, policy.ErrUnavailable)
	add("a lost commit", policy.Receipt{}, policy.ErrResultUnknown)
	add("trouble", policy.Receipt{}, errors.New("never told: 张三"))
	add("no UTF-8", policy.Receipt{PolicyNo: "\xff", PolicyFileURL: "a\u2028\x00"}, nil)

	golden := filepath.Join("testdata", "replies.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Error(diff)
	}
}

// TestReplyReadsBack: what is written is what a caller reads.
func TestReplyReadsBack(t *testing.T) {
	got, err := qimen.ParseAnswer(qimen.Reply(receipt, nil, policy.Chinese, ""))
	want := qimen.Answer{Success: true, Code: "SUCCESS", Message: "OK", PolicyNo: receipt.PolicyNo, PolicyFileURL: receipt.PolicyFileURL}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for _, text := range []string{"", "<html>", `{"success":true}`, `[]`} {
		if a, err := qimen.ParseAnswer([]byte(text)); err == nil {
			t.Errorf("%q reads as %+v", text, a)
		}
	}
}
