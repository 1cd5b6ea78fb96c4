package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// manyLines are requests 0 to n-1, a line each.
func manyLines(t testing.TB, n int) []byte {
	var all bytes.Buffer
	for i := range n {
		_, body := variant(t, i)
		all.Write(bytes.TrimSpace(body))
		all.WriteByte('\n')
	}
	return all.Bytes()
}

// kill -9 in the middle of a file: the same file again gives the answers that
// were given, issues the rest, and nothing twice.
func TestLinesGoOnAfterAKill(t *testing.T) {
	const lines, until = 600, 150
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	db := filepath.Join(dir, "chudan.db")
	input := manyLines(t, lines)
	cmd := &exec.Cmd{Path: self, Args: []string{"chudan", "issue", "--store", "sqlite:" + db, "-"}, Dir: dir, Stdin: bytes.NewReader(input)}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var before []string
	for answers := bufio.NewScanner(out); len(before) < until && answers.Scan(); {
		before = append(before, answers.Text())
	}
	_ = cmd.Process.Kill()
	_, _ = io.Copy(io.Discard, out)
	_ = cmd.Wait()
	stored := policiesIn(t, db)
	if len(before) != until || stored < until || stored == lines {
		t.Fatalf("killed after %d answers with %d policies: not in the middle", len(before), stored)
	}

	code, text, stderr := chudan(t, string(input), "issue", "--store", "sqlite:"+db, "-")
	after := strings.Split(strings.TrimSpace(text), "\n")
	if code != exitOK || len(after) != lines {
		t.Fatalf("exit code %d, %d answers: %s", code, len(after), stderr)
	}
	for i, answer := range before {
		if after[i] != answer {
			t.Errorf("line %d: %s, before the kill %s", i+1, after[i], answer)
		}
	}
	if n := policiesIn(t, db); n != lines {
		t.Errorf("%d policies of %d lines", n, lines)
	}
	t.Logf("killed after %d answers, %d policies; then %d", len(before), stored, lines)
}

// The answers of many at once are those of one after the other: in the order of
// the lines, and where lines share an identifier or a payment the first wins.
func TestLinesManyAtOnce(t *testing.T) {
	const lines = 300
	var input strings.Builder
	for i := range lines {
		_, body := variant(t, i/3) // three lines with one payment each time
		text := strings.TrimSpace(string(body))
		switch i % 3 {
		case 1: // another identifier
			text = strings.Replace(text, fmt.Sprintf(`"identifier":"K%06d"`, i/3), fmt.Sprintf(`"identifier":"L%06d"`, i/3), 1)
		case 2: // another payload
			text = strings.Replace(text, `"amountOfCny"`, `"amount_of_cny"`, 1)
			text = strings.Replace(text, `"insurePeriod":40`, `"insurePeriod":"40","amountOfCny":"1018.00"`, 1)
		}
		input.WriteString(text + "\n")
	}
	outcomes := func(jobs string) (all []string) {
		dir := t.TempDir()
		list := filepath.Join(dir, "left.jsonl")
		code, out, stderr := chudan(t, input.String(), "issue", "--store", "sqlite:"+filepath.Join(dir, "c.db"), "--jobs", jobs, "--refused", list, "-")
		if code != exitRefused {
			t.Fatal(code, stderr)
		}
		for line := range strings.Lines(out) {
			var answer struct{ ErrorCode string }
			if err := json.Unmarshal([]byte(line), &answer); err != nil {
				t.Fatal(err)
			}
			all = append(all, answer.ErrorCode)
		}
		text, err := os.ReadFile(list)
		if err != nil {
			t.Fatal(err)
		}
		return append(all, string(text))
	}
	one, many := outcomes("1"), outcomes("64")
	if len(one) != lines+1 || strings.Count(strings.Join(one[:lines], " "), "SUCCESS") == lines {
		t.Fatalf("%d answers: %s", len(one), one)
	}
	for i := range one {
		if many[i] != one[i] {
			t.Errorf("line %d: %s, alone %s", i+1, many[i], one[i])
		}
	}
}

// A list of refused lines opens in a spreadsheet as it is.
func TestRefusedLines(t *testing.T) {
	var input strings.Builder
	for i := range 30 {
		_, body := variant(t, i)
		text := strings.TrimSpace(string(body))
		if i%10 == 3 {
			text = strings.Replace(text, `"premium":"6.36"`, `"premium":"6.37"`, 1)
		}
		input.WriteString(text + "\n\n")
	}
	input.WriteString("{\n")
	list := filepath.Join(t.TempDir(), "left.csv")
	code, _, stderr := chudan(t, input.String(), "issue", "--lang", "en", "--store", "memory:", "--refused", list, "-")
	if code != exitRefused || !strings.Contains(stderr, "lines without a policy: 4; see "+list) ||
		!strings.Contains(stderr, "lines without a policy: 7 (isv.parameters-mismatch:premium), 27 (") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	body, marked := bytes.CutPrefix(text, []byte(byteOrderMark))
	rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
	if err != nil || !marked || len(rows) != 5 || fmt.Sprint(rows[1]) != `[7 ="K000003" ="refused" ="isv.parameters-mismatch:premium"]` ||
		fmt.Sprint(rows[4]) != `[61  ="refused" ="isv.invalid-parameter:body"]` {
		t.Errorf("%q %v", rows, err)
	}
}

// A run holds as many lines as it has slots, whatever it is sent.
func TestLinesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const jobs = 4
		d := &desk{console: newConsole(nil, io.Discard, io.Discard, nil)}
		b := &batch{desk: d, slots: make(chan struct{}, jobs), started: make(chan *job, jobs), turns: turns{last: map[string]*job{}}, left: new(refusedLines)}
		lines, read := make(chan inputLine), 0
		feed := func() {
			for {
				synctest.Wait()
				select {
				case lines <- inputLine{number: read + 1, text: []byte("{")}:
					read++
				default:
					return
				}
			}
		}
		ctx, stop := context.WithCancel(t.Context())
		go b.read(ctx, lines)
		feed()
		if read != jobs+1 { // the last one waits for a slot
			t.Errorf("%d lines are read with %d slots", read, jobs)
		}
		<-b.started
		<-b.slots
		if feed(); read != jobs+2 {
			t.Errorf("%d lines are read after one was answered", read)
		}
		stop()
	})
}

// On a terminal there is one line, drawn over, and taken away before others.
func TestBar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var err bytes.Buffer
		d := &desk{console: newConsole(nil, io.Discard, &err, nil), began: time.Now(), bar: &bar{out: &err, size: 200}}
		in := d.bar.counting(strings.NewReader(strings.Repeat("x", 200)))
		for range 2 {
			time.Sleep(time.Second)
			_, _ = io.ReadFull(in, make([]byte, 100))
			d.issued++
			d.progress(time.Now())
		}
		d.summary()
		want := "\r\x1b[K[#####.....] 50% 已处理 1：出单 1，拒绝或转人工 0，故障 0（1s）" +
			"\r\x1b[K[#########.] 99% 已处理 2：出单 2，拒绝或转人工 0，故障 0（2s）" +
			"\r\x1b[Kchudan: 已处理 2：出单 2，拒绝或转人工 0，故障 0（2s）\n"
		if err.String() != want {
			t.Errorf("%q\nwant\n%q", err.String(), want)
		}
	})
}

// A job waits for those before it, never for itself, and nobody is remembered
// who has left.
func TestTurns(t *testing.T) {
	turns := turns{last: map[string]*job{}}
	first, second, third := &job{keys: []string{"identifier=A", "insureId=A"}}, &job{keys: []string{"identifier=B", "insureId=A", "insureId=A"}}, &job{keys: []string{"identifier=A", "identifier=C"}}
	for i, c := range []struct{ j, want *job }{{first, nil}, {second, first}, {third, first}} {
		before := turns.take(c.j)
		if c.want == nil && len(before) > 0 || c.want != nil && (len(before) != 1 || before[0] != c.want) {
			t.Errorf("job %d waits for %v", i+1, before)
		}
	}
	turns.leave(first) // of whose keys others are the last now
	if len(turns.last) != 4 {
		t.Errorf("%d keys are under way", len(turns.last))
	}
	turns.leave(third)
	if turns.leave(second); len(turns.last) > 0 {
		t.Errorf("%d keys of nobody are remembered", len(turns.last))
	}
}
