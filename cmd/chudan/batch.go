package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"sync"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// The bounds of --jobs. A store commits together what waits for it at once:
// the more lines are under way, the fewer waits for its disk.
const (
	usualJobs = 64
	mostJobs  = 1000
)

// checkLines holds the flags that are about lines against what is read.
func (o *issueOptions) checkLines(path string) error {
	switch {
	case path != "-" && o.refused != "":
		return usage("--refused 只用于从标准输入读取的多行请求（issue -）", "--refused is for lines of standard input (issue -)")
	case o.jobs < 0 || o.jobs > mostJobs:
		return usage("--jobs %[1]d：应为 1 至 %[2]d", "--jobs %[1]d: want 1 to %[2]d", o.jobs, mostJobs)
	case o.jobs == 0 && (o.store == "memory:" || o.store == "memory"):
		o.jobs = 1 // it has no disk to wait for, and a rehearsal is the same every time
	case o.jobs == 0:
		o.jobs = usualJobs
	}
	if o.refused != "" {
		_, err := refusedFormat(o.refused)
		return err
	}
	return nil
}

// job is a line that is under way.
type job struct {
	answered
	line int
	keys []string // nobody else may be at work on them
	done chan struct{}
}

// batch issues a request for each line, many at once, and answers them in
// order. It holds no more lines than it has slots, however long the input is.
type batch struct {
	*desk
	unique  []policy.Field // whose values may fund one policy only
	slots   chan struct{}  // one for each line that was read and is not answered yet
	started chan *job      // in the order of the lines
	turns   turns
	end     error // why no more is read; nil at the end of the input
	left    *refusedLines
}

// issueLines reads requests from standard input, a line each.
func (d *desk) issueLines(ctx context.Context, h *house, o *issueOptions) (err error) {
	b := &batch{desk: d, slots: make(chan struct{}, o.jobs), started: make(chan *job, o.jobs), turns: turns{last: make(map[string]*job)}}
	for _, path := range h.businessKeys() {
		if f, ok := policy.FieldNamed(path); ok {
			b.unique = append(b.unique, f)
		}
	}
	if b.left, err = openRefused(o.refused); err != nil {
		return err
	}
	var in io.Reader
	d.bar, in = newBar(d.err, d.in)
	return b.run(ctx, readLines(bufio.NewReaderSize(in, maxRequest)))
}

func (b *batch) run(ctx context.Context, lines <-chan inputLine) (failed error) {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	go b.read(reading, lines)
	for j := range b.started {
		<-j.done
		<-b.slots
		if failed != nil {
			continue // what was begun is finished, with nobody to tell
		}
		if failed = b.give(&j.answered); failed == nil {
			failed = b.left.add(j)
		}
		if failed != nil {
			stop()
			continue
		}
		b.progress(time.Now())
	}
	if err := b.left.close(); failed == nil {
		failed = err
	}
	if failed != nil {
		b.bar.clear()
		return failed
	}
	b.summary()
	b.left.tell(b.desk)
	if ctx.Err() != nil || b.troubled > 0 {
		b.note("以同样的输入再次运行即可继续：已出单的得到同样的应答，不会重复出单", "run it again with the same input to go on: what was issued gets the same answer, nothing is issued twice")
	}
	return b.end
}

// read starts a job for each line until the input ends, or ctx does. Jobs
// finish whatever becomes of ctx.
func (b *batch) read(ctx context.Context, lines <-chan inputLine) {
	defer close(b.started)
	for {
		var line inputLine
		select {
		case <-ctx.Done():
			b.end = ctx.Err()
			return
		case line = <-lines:
		}
		if len(bytes.TrimSpace(line.text)) > 0 {
			select {
			case <-ctx.Done():
				b.end = ctx.Err()
				return
			case b.slots <- struct{}{}:
			}
			b.start(context.WithoutCancel(ctx), line)
		}
		switch {
		case line.err == io.EOF: //nolint:errorlint // a reader's end is never wrapped
			return
		case line.err != nil:
			b.end = unreadable("-", line.err)
			return
		}
	}
}

// start sets a line under way, behind those that it has a key in common with.
func (b *batch) start(ctx context.Context, line inputLine) {
	j := &job{line: line.number, done: make(chan struct{})}
	j.request, j.faults = decode(line.text)
	if j.request != nil {
		j.keys = append(j.keys, "identifier="+j.request.Identifier)
		for _, f := range b.unique {
			if text := f.Text(j.request); text != "" {
				j.keys = append(j.keys, f.Path+"="+text)
			}
		}
	}
	before := b.turns.take(j)
	b.started <- j // there is room: it is as long as there are slots
	go func() {
		defer close(j.done)
		defer b.turns.leave(j)
		for _, other := range before {
			<-other.done
		}
		b.decide(ctx, &j.answered)
	}()
}

// turns knows for each key the last job that was started with it, so that the
// next one waits for it: of two lines the first wins, as if there were no others.
type turns struct {
	mu   sync.Mutex
	last map[string]*job
}

// take notes a job, and gives those that it has to wait for.
func (t *turns) take(j *job) (before []*job) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, key := range j.keys {
		if other := t.last[key]; other != nil && other != j {
			before = append(before, other)
		}
		t.last[key] = j
	}
	return before
}

func (t *turns) leave(j *job) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, key := range j.keys {
		if t.last[key] == j {
			delete(t.last, key)
		}
	}
}
