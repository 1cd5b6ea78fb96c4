package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// A line over the limit is answered, and those after it too.
func TestLineOverTheLimit(t *testing.T) {
	_, body := variant(t, 1)
	stdin := `{"identifier":"` + strings.Repeat("9", 10*maxRequest) + "\"}\n" + string(body) + "\n"
	code, out, _ := chudan(t, stdin, "issue", "--store", "memory:", "-")
	lines := strings.Split(out, "\n")
	if code != exitRefused || len(lines) != 3 || !strings.Contains(lines[0], "isv.request-too-large") || !strings.Contains(lines[1], "SUCCESS") {
		t.Errorf("exit code %d: %s", code, out)
	}
	file := filepath.Join(t.TempDir(), "large.json")
	if err := os.WriteFile(file, []byte(stdin), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := chudan(t, "", "issue", "--store", "memory:", file); code != exitRefused || !strings.Contains(out, "isv.request-too-large") {
		t.Errorf("exit code %d: %s", code, out)
	}
}

// Whoever writes lines may wait for each answer before the next one.
func TestLinesAreAnsweredAsTheyCome(t *testing.T) {
	in, ask := io.Pipe()
	answers, out := io.Pipe()
	done := make(chan int)
	go func() {
		c := newConsole(in, out, io.Discard, func(string) (string, bool) { return "", false })
		done <- run([]string{"issue", "--store", "memory:", "-"}, c)
	}()
	for n := range 3 {
		_, body := variant(t, n)
		if _, err := ask.Write(append(body, '\n')); err != nil {
			t.Fatal(err)
		}
		answer := make([]byte, 300)
		if k, err := answers.Read(answer); err != nil || !strings.Contains(string(answer[:k]), "SUCCESS") {
			t.Fatalf("%s %v", answer[:k], err)
		}
	}
	_ = ask.Close()
	if code := <-done; code != exitOK {
		t.Errorf("exit code %d", code)
	}
}

// A run of more than a second tells how far it is, and how it ended.
func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var err bytes.Buffer
		d := &desk{console: newConsole(nil, nil, &err, nil), began: time.Now()}
		for range 1500 { // 3 s
			time.Sleep(2 * time.Millisecond)
			d.issued++
			d.progress(time.Now())
		}
		d.refused = 1
		d.summary()
		want := "chudan: 已处理 500：出单 500，拒绝或转人工 0，故障 0（1s）\n" +
			"chudan: 已处理 1,000：出单 1,000，拒绝或转人工 0，故障 0（2s）\n" +
			"chudan: 已处理 1,500：出单 1,500，拒绝或转人工 0，故障 0（3s）\n" +
			"chudan: 已处理 1,501：出单 1,500，拒绝或转人工 1，故障 0（3s）\n"
		if err.String() != want {
			t.Errorf("%s\nwant\n%s", err.String(), want)
		}
	})
}

// A signal ends a run that waits for lines; what was begun is answered.
func TestInterruptedLines(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := &exec.Cmd{Path: self, Args: []string{"chudan", "issue", "--lang", "en", "-"}, Dir: t.TempDir()}
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	stderr := new(lockedBuffer)
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, body := variant(t, 1)
	_, _ = in.Write(append(body, '\n'))
	if _, err := out.Read(make([]byte, 1)); err != nil { // it is at work
		t.Fatal(err)
	}
	_ = cmd.Process.Signal(syscall.SIGINT)
	_, _ = io.ReadAll(out)
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitInternal || !strings.Contains(stderr.String(), "chudan: interrupted") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

// Processes that begin at once on an empty directory make one key file, and
// issue one policy.
func TestFirstRunOfManyAtOnce(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	sample, _ := filepath.Abs(requests + "/performance-surety-bond.json")
	dir := t.TempDir()
	var all sync.WaitGroup
	answers := make([]string, 8)
	for i := range answers {
		all.Go(func() {
			cmd := &exec.Cmd{Path: self, Args: []string{"chudan", "issue", sample}, Dir: dir}
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil {
				t.Errorf("%v: %s%s", err, out, stderr.String())
			}
			answers[i] = string(out)
		})
	}
	all.Wait()
	for _, a := range answers {
		if a != answers[0] {
			t.Errorf("%s\n%s", a, answers[0])
		}
	}
	left, _ := filepath.Glob(dir + "/.chudan*")
	if info, err := os.Stat(dir + "/chudan.key"); err != nil || info.Mode().Perm() != 0o600 || len(left) > 0 {
		t.Errorf("the key file: %v %v, beside it %v", info, err, left)
	}
}

// Personal data reaches neither the log nor an error nor what is shown.
func TestNothingPersonalIsTold(t *testing.T) {
	sample, err := os.ReadFile(requests + "/performance-surety-bond.json")
	if err != nil {
		t.Fatal(err)
	}
	canary := regexp.MustCompile(`(张三|王XX|139231232323|abc@aa\.com|3321231232312342432|91234535345435)`)
	body := canary.ReplaceAll(sample, []byte("CANARY$1"))
	file := filepath.Join(t.TempDir(), "r.json")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
	db := "sqlite:" + filepath.Join(t.TempDir(), "c.db")
	for _, args := range [][]string{
		{"issue", "--store", db, file}, {"explain", file}, {"explain", "--format", "json", file},
		{"show", "--store", db, "010101004178221080402170019"}, {"show", "--store", db, "--format", "json", "010101004178221080402170019"},
		{"list", "--store", db}, {"list", "--store", db, "--format", "json"},
	} {
		code, out, stderr := chudan(t, "", args...)
		if code != exitOK || strings.Contains(out+stderr, "CANARY") {
			t.Errorf("%s: exit code %d: %s", args, code, out+stderr)
		}
	}
	if _, out, _ := chudan(t, "", "show", "--reveal", "--store", db, "010101004178221080402170019"); !strings.Contains(out, "CANARY张三") {
		t.Error(fmt.Sprint("--reveal shows nothing: ", out))
	}
}
