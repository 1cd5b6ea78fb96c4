package mysql_test

import (
	"fmt"
	"testing"

	"github.com/chudan-io/chudan/adapters/mysql"
	"github.com/chudan-io/chudan/policy"
)

// draft is a policy under the identifier, with a business key of its own.
func draft(identifier string) policy.Draft {
	k := policy.Key{Tenant: "app-1", Identifier: identifier}
	return policy.Draft{
		Key: k, Numbered: true, Unique: []policy.BusinessKey{{Path: "attrs.premiumFundStreamNo", Value: identifier}},
		Complete: func(seq uint64) (policy.Entry, error) {
			r := policy.Record{Key: k, Status: policy.StatusIssued, Number: fmt.Sprintf("N%d", seq), Sealed: make([]byte, 2000)}
			return policy.Entry{Record: r, Event: fmt.Append(nil, "issued ", identifier), Audit: fmt.Append(nil, "issued ", identifier, seq)}, nil
		},
	}
}

func issueOne(t *testing.T, s *mysql.Store, identifier string) policy.Record {
	t.Helper()
	r, won, err := s.Issue(t.Context(), draft(identifier))
	if err != nil || !won {
		t.Fatalf("won %v, %v", won, err)
	}
	return r
}

// issueHistory issues a policy whose key was refused and referred before.
func issueHistory(t *testing.T, s *mysql.Store) {
	t.Helper()
	for revision, status := range []policy.Status{policy.StatusRefused, policy.StatusReferred} {
		d := draft("k")
		d.Replaces = int64(revision)
		d.Complete = func(uint64) (policy.Entry, error) {
			return policy.Entry{Record: policy.Record{Key: d.Key, Status: status, Sealed: fmt.Append(nil, revision+1)}}, nil
		}
		if _, won, err := s.Issue(t.Context(), d); err != nil || !won {
			t.Fatalf("won %v, %v", won, err)
		}
	}
	d := draft("k")
	d.Replaces = 2
	if _, won, err := s.Issue(t.Context(), d); err != nil || !won {
		t.Fatalf("won %v, %v", won, err)
	}
}
