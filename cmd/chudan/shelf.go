package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// examineTimeout is how long the tests of products may take, all together.
const examineTimeout = 30 * time.Second

// check holds a catalog that loads and passes its tests against something else
// before it is sold from. A *failure and Problems refuse it, until its files
// change; any other error is trouble, after which the check is made again.
type check func(context.Context, *products.Catalog) error

// shelf is the products that a server sells from: those of a directory, as they
// were when they last loaded, passed their tests and were accepted.
type shelf struct {
	dir    string
	live   *products.Live
	accept []check
	shown  *shelfMetrics
	log    *slog.Logger
	lang   policy.Lang

	digest  string   // of what is sold from
	seen    *finding // what was concluded from last
	glimpse *finding // what was there at the last look, and not yet at the one before
	waiting bool     // seen was neither accepted nor refused
	refused bool     // seen was not taken
	trouble string   // that was told last
}

// finding is what an examination found.
type finding struct {
	*products.Candidate
	err error
}

// openShelf fills a shelf. A directory must pass what it has to pass later on:
// a restart that was less strict would put on sale what a reload refused.
func (s *server) openShelf(ctx context.Context, dir string) (*shelf, error) {
	h := &shelf{dir: dir, log: s.log, lang: s.language()}
	if dir == "" {
		catalog, err := loadCatalog(dir)
		h.live = products.NewLive(catalog)
		return h, err
	}
	if err := checkDirectory(dir); err != nil {
		return nil, err
	}
	h.seen = h.examine(ctx)
	var problems products.Problems
	switch {
	case errors.As(h.seen.err, &problems):
		return nil, under(problems, dir)
	case h.seen.err != nil:
		return nil, h.failed(h.seen.err)
	}
	h.live, h.digest = products.NewLive(h.seen.Catalog), h.seen.Digest
	h.shown = newShelfMetrics(s.metrics.registry)
	h.shown.swapped(h.digest)
	h.log.Info("the products were loaded", "dir", dir, "digest", h.digest, "editions", len(h.seen.Catalog.Editions()))
	h.tellUntested()
	return h, nil
}

// examine reads, loads and tests what is in the directory now.
func (h *shelf) examine(ctx context.Context) *finding {
	ctx, cancel := context.WithTimeout(ctx, examineTimeout)
	defer cancel()
	c, err := products.Examine(ctx, os.DirFS(h.dir))
	if errors.Is(err, context.DeadlineExceeded) {
		err = &failure{code: exitTests, cause: err, text: say("测试未能在 %s 内完成", "the tests take longer than %s", examineTimeout)}
	}
	return &finding{c, err}
}

// require adds checks, and makes them of what is on the shelf already.
func (h *shelf) require(ctx context.Context, checks ...check) error {
	h.accept = append(h.accept, checks...)
	return h.verdict(ctx, h.live.Catalog())
}

// verdict makes the checks of a catalog that loads and passes its tests.
func (h *shelf) verdict(ctx context.Context, c *products.Catalog) error {
	for _, accepts := range h.accept {
		if err := accepts(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// watch follows the directory until the context ends; products in the binary
// stay as they are.
func (h *shelf) watch(ctx context.Context) {
	if h.dir == "" {
		return
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGHUP)
	defer signal.Stop(asked)
	look := time.NewTicker(reloadEvery)
	defer look.Stop()
	w := newWatch(h.dir, h.log)
	var running sync.WaitGroup
	running.Go(func() { w.run(ctx) })
	h.follow(ctx, w.wake, look.C, asked, w.renew)
	running.Wait()
}

// follow exchanges what is sold when the directory changes, until the context
// ends. wake comes when something has changed and is quiet, look now and then,
// asked when somebody wants to know; renew is called when there was a change.
func (h *shelf) follow(ctx context.Context, wake <-chan struct{}, look <-chan time.Time, asked <-chan os.Signal, renew func()) {
	for {
		var changed bool
		select {
		case <-ctx.Done():
			return
		case <-asked:
			changed = h.demanded(ctx)
		case <-wake:
			changed = h.woken(ctx)
		case <-look:
			changed = h.looked(ctx)
		}
		if changed {
			renew()
		}
	}
}

// demanded reads the directory anew and tells what comes of it in any case.
func (h *shelf) demanded(ctx context.Context) (changed bool) {
	h.refused, h.trouble = true, ""
	h.conclude(ctx, h.examine(ctx))
	return true
}

// woken reads the directory anew if it is another.
func (h *shelf) woken(ctx context.Context) (changed bool) {
	if h.seen.Current() {
		return false
	}
	h.conclude(ctx, h.examine(ctx))
	return true
}

// looked is woken where nobody can tell whether more is to come: it takes what
// was there at the look before.
func (h *shelf) looked(ctx context.Context) (changed bool) {
	switch {
	case h.seen.Current():
		h.glimpse = nil
		if h.waiting {
			h.admit(ctx, h.verdict(ctx, h.seen.Catalog))
		}
		return false
	case h.glimpse != nil && h.glimpse.Current():
		h.conclude(ctx, h.glimpse)
	default:
		h.glimpse = h.examine(ctx)
	}
	return true
}

// conclude draws the conclusion from what was found. What changed meanwhile is
// left alone: it will be read again.
func (h *shelf) conclude(ctx context.Context, f *finding) {
	h.seen, h.glimpse, h.waiting = f, nil, false
	switch {
	case ctx.Err() != nil, !f.Current():
		return
	case f.err != nil:
		h.admit(ctx, f.err)
	case f.Digest != h.digest:
		h.admit(ctx, h.verdict(ctx, f.Catalog))
	case h.refused:
		h.refused, h.trouble = false, ""
		h.log.Info("the products are those in use", "dir", h.dir, "digest", h.digest)
		h.shown.same()
	}
}

// admit puts the candidate in the place of what is sold, or says why not.
func (h *shelf) admit(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	outcome := outcomeOf(err)
	h.waiting = outcome == outcomeUnreadable && h.seen.Catalog != nil
	if err != nil {
		h.refused = true
		if h.waiting && h.trouble == err.Error() {
			return // told already
		}
		h.trouble = err.Error()
		h.tellRefusal(err)
		h.shown.kept(outcome)
		return
	}
	before := h.live.Catalog()
	h.live.Set(h.seen.Catalog)
	h.digest, h.refused, h.trouble = h.seen.Digest, false, ""
	changes := h.seen.Catalog.Changes(before)
	h.log.Info("the products were reloaded", "dir", h.dir, "digest", h.digest,
		"editions", len(h.seen.Catalog.Editions()), "changes", changeLine(changes, h.lang))
	h.tellUntested()
	h.shown.swapped(h.digest)
}
