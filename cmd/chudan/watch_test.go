package main

import (
	"context"
	"log/slog"
	"testing"
	"time"
)

// Each change wakes by itself: nobody looks here.
func TestWatch(t *testing.T) {
	at := place{t, t.TempDir()}
	plainly(at)
	at.mounted("..1", "A")
	at.link("..data/"+liveDir, "mounted")
	log := new(lockedBuffer)
	w := newWatch(at.dir, slog.New(slog.NewTextHandler(log, nil)))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); w.run(ctx) }()
	defer func() { stop(); <-ended }()
	for _, c := range []struct {
		name   string
		change func()
	}{
		{"the beginning", func() {}},
		{"a file", func() { at.write(liveDir+"/1.yaml", liveEdition("B")) }},
		{"a file renamed over", func() { at.write(liveDir+"/.x", ""); at.rename(liveDir+"/.x", liveDir+"/1.yaml") }},
		{"the file again", func() { at.write(liveDir+"/1.yaml", liveEdition("C")) }},
		{"a link", func() { at.mounted("..2", "B") }},
		{"a directory", func() { at.write("others/testdata/sample.json", "{}") }},
		{"in the new directory", func() { at.write("others/testdata/sample.json", "{ }") }},
		{"in what the link leads to now", func() { at.write("..2/"+liveDir+"/1.yaml", liveEdition("C")) }},
		{"a directory is gone", func() { at.remove("others") }},
		{"a directory renamed over", func() { at.product(".new", "B"); at.rename(liveDir, ".old"); at.rename(".new", liveDir) }},
		{"in that directory", func() { at.write(liveDir+"/1.yaml", liveEdition("C")) }},
		{"on demand", w.renew},
	} {
		c.change()
		select {
		case <-w.wake:
		case <-time.After(patience):
			t.Fatalf("%s: nobody woke\n%s", c.name, log)
		}
	}
	if log.String() != "" {
		t.Error(log)
	}
}
