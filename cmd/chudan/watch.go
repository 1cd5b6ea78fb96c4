package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settled is how long nothing may have changed before anybody is woken: whoever
// writes has finished then, or pauses.
const settled = 200 * time.Millisecond

const (
	maxWatched      = 5000 // directories
	maxWatchedDepth = 4    // below the directory of products
)

// watch wakes whoever follows a directory of products. It only wakes: a wake-up
// may be in vain, and one that does not come (on a network's file system) is
// made up for by looking now and then.
type watch struct {
	dir   string
	log   *slog.Logger
	wake  chan struct{} // something may have changed, and it is quiet
	again chan struct{} // the directories may be others
}

func newWatch(dir string, log *slog.Logger) *watch {
	return &watch{dir: dir, log: log, wake: make(chan struct{}, 1), again: make(chan struct{}, 1)}
}

// renew lets the directories be looked for anew.
func (w *watch) renew() { signalOn(w.again) }

// signalOn makes a channel ready, unless it is.
func signalOn(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// run watches until the context ends. Directories are watched, never files: a
// watch of a file ends when another is renamed over it.
func (w *watch) run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := w.once(ctx); err != nil {
			w.log.Warn("the products cannot be watched; they are looked at now and then", "dir", w.dir, "every", reloadEvery, "error", err)
			return
		}
	}
}

// once watches the directories that there are up to the first change, and wakes
// as soon as they are quiet: what changed before they were watched was not
// seen. Afterwards they may be others.
func (w *watch) once(ctx context.Context) error {
	n, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer n.Close()
	for _, dir := range directories(w.dir, maxWatchedDepth, nil) {
		if err := n.Add(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if w.settle(ctx, n) {
		return nil
	}
	signalOn(w.wake)
	select {
	case <-ctx.Done():
	case <-w.again:
	case <-n.Events:
		w.settle(ctx, n)
	case err := <-n.Errors:
		w.log.Debug("changes may have been missed", "dir", w.dir, "error", err)
		w.settle(ctx, n)
	}
	return nil
}

// settle waits until it is quiet and tells whether it was not.
func (w *watch) settle(ctx context.Context, n *fsnotify.Watcher) (changed bool) {
	quiet := time.NewTimer(settled)
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return true
		case <-quiet.C:
			return changed
		case <-n.Events:
		case err := <-n.Errors:
			w.log.Debug("changes may have been missed", "dir", w.dir, "error", err)
		}
		changed = true
		quiet.Reset(settled)
	}
}

// directories adds a directory and those below it, through links, as far as
// products reach: names with a point before them do not count.
func directories(dir string, depth int, found []string) []string {
	if len(found) >= maxWatched {
		return found
	}
	found = append(found, dir)
	entries, err := os.ReadDir(dir)
	if err != nil || depth == 0 {
		return found
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		path := filepath.Join(dir, e.Name())
		isDir := e.IsDir()
		if e.Type()&fs.ModeSymlink != 0 {
			info, err := os.Stat(path)
			isDir = err == nil && info.IsDir()
		}
		if isDir {
			found = directories(path, depth-1, found)
		}
	}
	return found
}
