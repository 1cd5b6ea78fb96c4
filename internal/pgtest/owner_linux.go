package pgtest

import (
	"runtime"
	"syscall"
)

// attributes let the server die, at once, with the tests that began it,
// however they end.
func attributes(owner *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: owner, Pdeathsig: syscall.SIGQUIT}
}

func keepThread() func() {
	runtime.LockOSThread()
	return runtime.UnlockOSThread
}
