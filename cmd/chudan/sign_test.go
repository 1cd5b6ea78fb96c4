package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// The signatures that the official class accepts come off the command line as
// they are.
func TestSignPrintsOfficialSignatures(t *testing.T) {
	text, err := os.ReadFile("../../adapters/qimen/testdata/signatures.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		Name, Secret, Query, Body, Sign string
		ContentType                     string `json:"content_type"`
		Headers                         map[string]string
	}
	if err := json.Unmarshal(text, &all); err != nil || len(all) == 0 {
		t.Fatalf("%d vectors, %v", len(all), err)
	}
	for _, v := range all {
		t.Run(v.Name, func(t *testing.T) {
			if strings.Contains(v.ContentType, "GBK") {
				if v.Body, err = simplifiedchinese.GBK.NewEncoder().String(v.Body); err != nil {
					t.Fatal(err)
				}
			}
			body := filepath.Join(t.TempDir(), "body")
			if err := os.WriteFile(body, []byte(v.Body), 0o600); err != nil {
				t.Fatal(err)
			}
			args := []string{"sign", "--secret", v.Secret, "--query", v.Query, "--content-type", v.ContentType, body}
			for name, value := range v.Headers {
				args = append(args, "--header", name+": "+value)
			}
			code, out, stderr := chudan(t, "", args...)
			if code != exitOK || out != v.Sign+"\n" || stderr != "" {
				t.Errorf("exit code %d, %s%s; want %s", code, out, stderr, v.Sign)
			}
		})
	}
}
