package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// progress tells how far it is: first after a second, then every second. On a
// terminal that is one line, drawn again and again.
func (d *desk) progress(now time.Time) {
	if d.reported.IsZero() {
		d.reported = d.began
	}
	if now.Sub(d.reported) >= time.Second {
		d.reported = now
		if d.bar != nil {
			d.bar.draw(d.counts(now).In(d.language()))
			return
		}
		d.count(now)
	}
}

// told tells whether the run was long enough to tell of its progress.
func (d *desk) told() bool { return d.reported.After(d.began) }

// summary is the last count of a run that told of its progress.
func (d *desk) summary() {
	d.bar.clear()
	if d.told() {
		d.count(time.Now())
	}
}

func (d *desk) count(now time.Time) {
	d.note("%s", "%s", d.counts(now).In(d.language()))
}

func (d *desk) counts(now time.Time) policy.Text {
	n := d.issued + d.refused + d.troubled
	return say("已处理 %[1]s：出单 %[2]s，拒绝或转人工 %[3]s，故障 %[4]s（%[5]v）",
		"%[1]s done: %[2]s issued, %[3]s refused or referred, %[4]s in trouble (%[5]v)",
		thousands(n), thousands(d.issued), thousands(d.refused), thousands(d.troubled), now.Sub(d.began).Round(time.Second))
}

// bar is a line on a terminal that is drawn over. A nil bar is none.
type bar struct {
	out   io.Writer
	size  int64 // of the input in bytes; 0 where nobody knows
	read  atomic.Int64
	drawn bool
}

// newBar gives a bar where out is a terminal, and the reader to take in's place.
func newBar(out io.Writer, in io.Reader) (*bar, io.Reader) {
	screen, ok := out.(*os.File)
	if !ok {
		return nil, in
	}
	if info, err := screen.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil, in
	}
	b := &bar{out: out}
	if file, ok := in.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			b.size = info.Size()
		}
	}
	in = b.counting(in)
	return b, in
}

// counting counts what is read.
func (b *bar) counting(in io.Reader) io.Reader { return countingReader{in, &b.read} }

type countingReader struct {
	io.Reader
	read *atomic.Int64
}

func (r countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.read.Add(int64(n))
	return n, err
}

// barCells is how long a bar is: it fits 80 columns together with the counts.
const barCells = 10

func (b *bar) draw(text string) {
	line := ""
	if b.size > 0 {
		// What was read is ahead of what is answered by a buffer, so that it is never all.
		part := min(float64(b.read.Load())/float64(b.size), 0.99)
		full := int(part * barCells)
		line = fmt.Sprintf("[%s%s] %2.0f%% ", strings.Repeat("#", full), strings.Repeat(".", barCells-full), part*100)
	}
	_, _ = io.WriteString(b.out, eraseLine+line+text)
	b.drawn = true
}

// clear takes the bar away, before something else is written.
func (b *bar) clear() {
	if b != nil && b.drawn {
		_, _ = io.WriteString(b.out, eraseLine)
		b.drawn = false
	}
}

// eraseLine goes to the begin of the line and erases it. Source: ECMA-48, EL.
const eraseLine = "\r\x1b[K"
