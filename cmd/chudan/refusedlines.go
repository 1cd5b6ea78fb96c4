package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// refusedLine is a line of the input without a policy. Messages stay out of it:
// they stand in the answer.
type refusedLine struct {
	Line       int      `json:"line"`
	Identifier string   `json:"identifier"`
	Outcome    string   `json:"outcome"` // refused, referred, conflict or trouble
	Codes      []string `json:"codes"`   // as in answers, all of them
}

// refusedLines lists the lines without a policy: all of them in a file, if there
// is one, and the first for people.
type refusedLines struct {
	path  string
	file  *os.File
	sheet *spreadsheet // nil for lines of JSON
	first []string
	count int
}

// refusedFormat tells the form of a list by its name.
func refusedFormat(path string) (format string, err error) {
	switch format = strings.TrimPrefix(filepath.Ext(path), "."); format {
	case "csv", "jsonl":
		return format, nil
	}
	return "", usage("--refused %s：文件名应以 .csv 或 .jsonl 结尾", "--refused %s: want a name that ends in .csv or .jsonl", path)
}

// openRefused begins a list; "" is one without a file.
func openRefused(path string) (l *refusedLines, err error) {
	l = &refusedLines{path: path}
	if path == "" {
		return l, nil
	}
	format, err := refusedFormat(path)
	if err != nil {
		return nil, err
	}
	if l.file, err = os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600); err != nil {
		return nil, usage("无法写入 --refused %[1]s：%[2]v", "--refused %[1]s cannot be written: %[2]v", path, reason(err))
	}
	if format == "csv" {
		l.sheet = newSpreadsheet(l.file, false)
		err = l.sheet.heading("line", "identifier", "outcome", "codes")
	}
	return l, err
}

// add lists a job if it is one without a policy.
func (l *refusedLines) add(j *job) error {
	outcome, faults := j.outcome()
	if outcome == "issued" {
		return nil
	}
	r := refusedLine{Line: j.line, Outcome: outcome, Codes: []string{}}
	if j.request != nil {
		r.Identifier = j.request.Identifier
	}
	for _, f := range faults {
		if f.Severity >= policy.Refer {
			r.Codes = append(r.Codes, f.ErrorCode())
		}
	}
	if l.count++; l.count <= maxShown {
		worst, _ := faults.Worst()
		l.first = append(l.first, fmt.Sprintf("%d (%s)", r.Line, worst.ErrorCode()))
	}
	if err := l.write(&r); err != nil {
		return trouble(err, "无法写入 %s", "%s cannot be written", l.path)
	}
	return nil
}

func (l *refusedLines) write(r *refusedLine) error {
	switch {
	case l.file == nil:
		return nil
	case l.sheet == nil:
		return json.NewEncoder(l.file).Encode(r)
	}
	l.sheet.number(fmt.Sprint(r.Line))
	l.sheet.text(r.Identifier)
	l.sheet.text(r.Outcome)
	l.sheet.text(strings.Join(r.Codes, " "))
	return l.sheet.end()
}

func (l *refusedLines) close() (err error) {
	if l.file == nil {
		return nil
	}
	if l.sheet != nil {
		err = l.sheet.flush()
	}
	if closed := l.file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return trouble(err, "无法写入 %s", "%s cannot be written", l.path)
	}
	return nil
}

// tell names the lines for people, where there were more answers than they see
// at a glance, or where they asked for the list.
func (l *refusedLines) tell(d *desk) {
	if l.file != nil {
		d.note("未出单 %[1]s 行，见 %[2]s", "lines without a policy: %[1]s; see %[2]s", thousands(l.count), l.path)
	}
	if l.count == 0 || l.file == nil && !d.told() && d.issued+d.refused+d.troubled <= maxShown {
		return
	}
	shown := strings.Join(l.first, ", ")
	if more := l.count - len(l.first); more > 0 {
		shown += fmt.Sprintf(", … +%d", more)
	}
	d.note("未出单的行：%s", "lines without a policy: %s", shown)
	if l.file == nil && l.count > len(l.first) {
		d.note("用 --refused 文件.csv 列出全部", "--refused FILE.csv lists all of them")
	}
}
