package memory

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy"
)

var (
	errNumberUsed = errors.New("memory: the policy number that was made belongs to another policy; see the number template")
	errMisfit     = errors.New("memory: the entry does not fit its draft: another key, no status, or a policy number without a policy or the reverse")
)

// complete makes a draft's entry and holds it against the draft. A panic is
// the draft's own error.
func complete(d policy.Draft, seq uint64) (e policy.Entry, err error) {
	defer func() {
		if v := recover(); v != nil {
			// The type and the place, not the value: it may quote personal data.
			err = fmt.Errorf("memory: making the entry panicked with a %T at %s", v, panicSite())
		}
	}()
	e, err = d.Complete(seq)
	if err != nil {
		return policy.Entry{}, err
	}
	r := &e.Record
	switch {
	case r.Key != d.Key,
		r.Status != policy.StatusIssued && r.Status != policy.StatusRefused && r.Status != policy.StatusReferred,
		(r.Number != "") != (r.Status == policy.StatusIssued):
		return policy.Entry{}, errMisfit
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
