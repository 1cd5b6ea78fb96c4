// Command chudan issues insurance policies: it answers the call policy.issuing
// over HTTP, on the command line, and to whoever wants to know what it decided
// and why. See chudan --help.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(run(os.Args[1:], newConsole(os.Stdin, os.Stdout, os.Stderr, os.LookupEnv)))
}

// run is one run of the program; it answers the exit code.
//
// The first SIGINT or SIGTERM cancels the context: what is under way is
// finished. After it they are as without us, so that a second one ends the
// process at once. No store loses what was acknowledged by that.
func run(args []string, c *console) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)

	root := newRoot(c)
	root.SetArgs(args)
	return c.tell(root.ExecuteContext(ctx))
}
