package policy

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"
)

var errMisfit = errors.New("policy: the entry does not fit its draft: another key, no status, or a policy number without a policy or the reverse")

var errNoExposer = errors.New("policy: the draft depends on what is in force, which the store did not tell: it is no Exposer")

// Make calls Exposure.Hold, if there is one, and Complete for a store, and holds
// the entry against the draft. An error, and a panic too, is the draft's own. seq
// is 0 unless Numbered; inForce are the sums of Exposure.All, in its order, and
// none where there is no Exposure.
func (d *Draft) Make(seq uint64, inForce ...int64) (e Entry, err error) {
	defer func() {
		if v := recover(); v != nil {
			// The type and the place, not the value: it may quote personal data.
			err = fmt.Errorf("policy: making the entry panicked with a %T at %s", v, panicSite())
		}
	}()
	if len(inForce) != len(d.Exposure.All()) {
		return Entry{}, errNoExposer
	}
	if d.Exposure != nil && d.Exposure.Hold != nil {
		if err := d.Exposure.Hold(inForce); err != nil {
			return Entry{}, err
		}
	}
	e, err = d.Complete(seq)
	if err != nil {
		return Entry{}, err
	}
	r := &e.Record
	switch {
	case r.Key != d.Key,
		!r.Status.known(),
		(r.Number != "") != (r.Status == StatusIssued):
		return Entry{}, errMisfit
	}
	r.At = time.UnixMicro(r.At.UnixMicro()).UTC()
	return e, nil
}

// panicSite is where the panic began; called while it is recovered from.
func panicSite() string {
	pc := make([]uintptr, 32)
	frames := runtime.CallersFrames(pc[:runtime.Callers(3, pc)])
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, "runtime.") || !more {
			return fmt.Sprintf("%s:%d", f.File, f.Line)
		}
	}
}
