package policy_test

import (
	"bytes"
	"testing"
)

func TestLetter(t *testing.T) {
	old, both, other := keysOf(t, keyOne), keysOf(t, keyTwo, keyOne), keysOf(t, keyTwo)
	body := []byte("姓名 \x00")
	sealed := old.SealLetter(acme, "r1", body)
	if bytes.Contains(sealed, body) || bytes.Equal(sealed, old.SealLetter(acme, "r1", body)) {
		t.Error("the letter is not sealed")
	}
	if got, err := both.OpenLetter(acme, "r1", sealed); err != nil || !bytes.Equal(got, body) {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := other.OpenLetter(acme, "r1", sealed); err == nil {
		t.Error("opened with another key")
	}
	if _, err := old.OpenLetter(acme, "r2", sealed); err == nil {
		t.Error("opened under another reference")
	}
	if _, err := old.OpenLetter("other", "r1", sealed); err == nil {
		t.Error("opened for another tenant")
	}
	if _, err := old.OpenLetter(acme, "r1", nil); err == nil {
		t.Error("opened nothing")
	}
}
