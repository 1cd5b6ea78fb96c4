package main

import (
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// auditFlaw is one thing that is wrong.
type auditFlaw struct {
	Chain    int64  `json:"chain,omitempty"`
	Position int64  `json:"position,omitempty"`
	Problem  string `json:"problem"`         // see flawWords
	Event    string `json:"event,omitempty"` // of the row as it stands there: policy.issued
	Key      string `json:"key,omitempty"`   // tenant/identifier
	PolicyNo string `json:"policyNo,omitempty"`
}

var flawWords = map[string]policy.Text{
	"breaks":     {ZH: "与前一行的哈希不衔接：此行或其前被改动、删除、插入或调换", EN: "does not continue the row before it: one of them was altered, deleted, inserted or swapped"},
	"cut-off":    {ZH: "曾存在，现已缺失：该链末尾被截断", EN: "was there, and is gone: the end of its chain was cut off"},
	"unreadable": {ZH: "事件无法解析", EN: "is no event of a decision"},
	"no-record":  {ZH: "链中有此决定，记录却不存在", EN: "tells of a decision whose record is gone"},
	"other":      {ZH: "记录与链中的事件不符：记录被改动", EN: "is not what its record says: the record was altered"},
	"not-erased": {ZH: "链中称已清除，记录并非当时清除", EN: "tells of a record that was erased, and it was not, or at another time"},
	"unerased":   {ZH: "有记录已清除，链中却无此事", EN: "there are erased records of whose erasure the chain does not tell"},
	"hold-gone":  {ZH: "链中有此法律保全且未解除，现已不存在", EN: "there is a legal hold in the chain that was not released, and it is gone"},
	"hold-made":  {ZH: "有法律保全不在链中", EN: "there is a legal hold of which the chain does not tell"},
	"unaudited":  {ZH: "有记录不在链中", EN: "there are records of which the chain does not tell"},
}

func (f *auditFlaw) text(lang policy.Lang) string {
	where := ""
	switch {
	case f.Chain != 0:
		where = say("第 %[1]d 链第 %[2]d 行", "row %[2]d of chain %[1]d", f.Chain, f.Position).In(lang)
	case f.Position != 0:
		where = say("第 %d 行", "row %d", f.Position).In(lang)
	}
	about := strings.Join(strings.Fields(f.Event+" "+f.Key+" "+f.PolicyNo), " ")
	if about != "" {
		about = " (" + about + ")"
	}
	separator := say("：", " ").In(lang)
	if where == "" {
		separator = ""
	}
	return where + about + separator + flawWords[f.Problem].In(lang)
}
