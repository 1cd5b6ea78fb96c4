package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// ripe fills a directory's store with policies of 2011, whose retention is over.
func ripe(t *testing.T, policies int) (dir, store string) {
	t.Helper()
	dir = t.TempDir()
	if code, _, stderr := chudan(t, "", "keys", filepath.Join(dir, "chudan.key")); code != exitOK {
		t.Fatal(stderr)
	}
	lines := strings.NewReplacer(`"2021-`, `"2011-`, "1628870399000", "1313251199000").Replace(string(manyLines(t, policies)))
	var requests [][]byte
	for line := range strings.Lines(lines) {
		requests = append(requests, []byte(line))
	}
	if err := decideIn(dir, time.Date(2011, 8, 4, 15, 23, 28, 0, policy.Zone()), requests); err != nil {
		t.Fatal(err)
	}
	return dir, "sqlite:" + filepath.Join(dir, "chudan.db")
}

func holdOne(t *testing.T, store, id string) {
	t.Helper()
	if code, _, stderr := chudan(t, "", "hold", "add", id, "--store", store, "--by", "legal", "--why", "case"); code != exitOK {
		t.Fatal(stderr)
	}
}

// Who erases, or takes a hold away, past the program is found out.
func TestVerifyErasures(t *testing.T) {
	dir, store := ripe(t, 20)
	holdOne(t, store, "K000007")
	if code, out, stderr := chudan(t, "", "purge", "--store", store, "--by", "job"); code != exitOK || !strings.Contains(out, "已清除 19，保全 1") {
		t.Fatal(code, out, stderr)
	}
	image, err := os.ReadFile(filepath.Join(dir, "chudan.db"))
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct{ what, tamper, want string }{
		{"nothing", ``, "[]"},
		{"erased by hand", `DELETE FROM hold; UPDATE record SET sealed = x'', fingerprint = x'', erased = 1 WHERE identifier = 'K000007'`, "[unerased hold-gone]"},
		{"emptied and not dated", `DROP TRIGGER record_issued_stays; UPDATE record SET sealed = x'' WHERE identifier = 'K000007'`, "[other]"},
		{"dated and not emptied", `DROP TRIGGER record_issued_stays; DROP TRIGGER record_held; UPDATE record SET sealed = x'01', erased = 1 WHERE identifier = 'K000007'`, "[other unerased]"},
		{"another date", `DROP TRIGGER record_issued_stays; UPDATE record SET erased = erased + 1 WHERE identifier = 'K000003'`, "[not-erased]"},
		{"brought back", `DROP TRIGGER record_issued_stays; UPDATE record SET erased = NULL, sealed = x'01' WHERE identifier = 'K000003'`, "[other not-erased]"},
		{"another number", `DROP TRIGGER record_issued_stays; UPDATE record SET number = 'P' WHERE identifier = 'K000003'`, "[other]"},
		{"a hold released by hand", `DELETE FROM hold`, "[hold-gone]"},
		{"a hold placed by hand", `INSERT INTO hold SELECT id, 'a', 'b', 1 FROM record WHERE identifier = 'K000003'`, "[hold-made]"},
	} {
		t.Run(c.what, func(t *testing.T) {
			path := filepath.Join(dir, fmt.Sprint(i, ".db"))
			if err := os.WriteFile(path, image, 0o600); err != nil {
				t.Fatal(err)
			}
			db := rawSQLite(t, path)
			if _, err := db.Exec(c.tamper); err != nil {
				t.Fatal(err)
			}
			var v verification
			code, out, stderr := chudan(t, "", "verify-audit", "--records", "--format", "json", "--store", "sqlite:"+path)
			if err := json.Unmarshal([]byte(out), &v); err != nil {
				t.Fatal(err, stderr)
			}
			var found []string
			for _, f := range v.First {
				found = append(found, f.Problem)
			}
			if fmt.Sprint(found) != c.want || (code == exitOK) != (c.want == "[]") {
				t.Errorf("exit code %d, %v, want %s", code, found, c.want)
			}
			if code, out, _ := chudan(t, "", "verify-audit", "--store", "sqlite:"+path); code != exitOK {
				t.Errorf("the chain alone: %s", out)
			}
		})
	}
}

// What was erased, and what is held, is so in a copy, whatever kind it is; also
// in one that went on after it was cut off.
func TestCopyOfErased(t *testing.T) {
	for kind, target := range targets {
		if testing.Short() && kind != "sqlite" {
			continue
		}
		t.Run(kind, func(t *testing.T) {
			_, from := ripe(t, 12)
			holdOne(t, from, "K000007")
			if code, _, stderr := chudan(t, "", "purge", "--store", from, "--by", "job"); code != exitOK {
				t.Fatal(stderr)
			}
			into := target(t)
			for range 2 {
				if code, out, stderr := chudan(t, "", "--lang", "en", "copy", "--store", from, "--into", into); code != exitOK || !strings.Contains(out, "11 erased identifiers, 1 legal holds") {
					t.Fatal(code, out, stderr)
				}
			}
			if code, out, stderr := chudan(t, "", "verify-audit", "--records", "--store", into); code != exitOK {
				t.Error(out, stderr)
			}
			if code, out, _ := chudan(t, "", "hold", "--store", into); code != exitOK || !strings.Contains(out, "K000007") {
				t.Error(out)
			}
		})
	}
}

// kill -9 in the middle of a purge, and once more: what is left goes, and the
// chain tells of each of them once.
func TestPurgeGoesOnAfterAKill(t *testing.T) {
	if testing.Short() {
		t.Skip("the process is another one, which the race detector does not see: make test has it")
	}
	const policies = 400
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, _ := ripe(t, policies)
	image, err := os.ReadFile(filepath.Join(dir, "chudan.db"))
	if err != nil {
		t.Fatal(err)
	}
	erasedIn := func(path string) (n int) {
		if err := rawSQLite(t, path).QueryRow(`SELECT count(*) FROM record WHERE erased IS NOT NULL AND sealed = x'' AND fingerprint = x''`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	// One may be killed before its first erasure, or be done before it is killed: the next one gets on a little further.
	for attempt := range 50 {
		path := filepath.Join(dir, fmt.Sprint(attempt, ".db"))
		if err := os.WriteFile(path, image, 0o600); err != nil {
			t.Fatal(err)
		}
		key := filepath.Join(dir, "chudan.key")
		cmd := &exec.Cmd{Path: self, Args: []string{"chudan", "purge", "--store", "sqlite:" + path, "--key-file", key, "--by", "job"}}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() { _ = cmd.Wait(); close(ended) }()
		enough := int64(100+100*(attempt%20)) << 10
		for waiting := true; waiting; {
			select {
			case <-ended:
				waiting = false
			default:
				info, err := os.Stat(path + "-wal")
				waiting = err != nil || info.Size() < enough
			}
		}
		_ = cmd.Process.Kill()
		<-ended
		done := erasedIn(path)
		code, out, stderr := chudan(t, "", "purge", "--store", "sqlite:"+path, "--key-file", key, "--by", "job")
		if code != exitOK || erasedIn(path) != policies || done < policies && !strings.Contains(out, fmt.Sprintf("已清除 %d，", policies-done)) {
			t.Fatalf("%d were erased; exit code %d: %s%s", done, code, out, stderr)
		}
		if code, out, _ := chudan(t, "", "verify-audit", "--records", "--store", "sqlite:"+path); code != exitOK || !strings.Contains(out, fmt.Sprintf("：%d 行", 2*policies)) {
			t.Fatal(out)
		}
		if done > 0 && done < policies {
			t.Logf("purge %d was killed at %d of %d", attempt+1, done, policies)
			return
		}
	}
	t.Error("no purge was killed in the middle")
}
