package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// The exit codes.
const (
	exitOK       = 0
	exitInternal = 1 // trouble of ours, or of what we stand on
	exitUsage    = 2 // the command has to be given in another way
	exitLoad     = 3 // products, the institution's file or that of its systems have problems, or do not go together
	exitTests    = 4 // a test of products is no success
	exitBelow    = 5 // tests see less than they require
	exitRefused  = 6 // a request was refused or referred, or something that was diagnosed or probed is wrong
	exitBroken   = 7 // the audit chain does not hold
)

// failure is an error that ends the program: its exit code, and a sentence for
// people that says what to do. Where the sentence is empty, everything has been
// said already.
type failure struct {
	code  int
	text  policy.Text
	cause error
}

func (f *failure) Error() string { return f.text.EN }
func (f *failure) Unwrap() error { return f.cause }

// say writes the same values into both languages.
func say(zh, en string, values ...any) policy.Text {
	return policy.Text{ZH: fmt.Sprintf(zh, values...), EN: fmt.Sprintf(en, values...)}
}

func usage(zh, en string, values ...any) error {
	return &failure{code: exitUsage, text: say(zh, en, values...)}
}

// trouble is an error of what we stand on; the sentence ends with it.
func trouble(err error, zh, en string, values ...any) error {
	text := say(zh, en, values...)
	return &failure{
		code: exitInternal, cause: err,
		text: policy.Text{ZH: text.ZH + "（" + err.Error() + "）", EN: text.EN + " (" + err.Error() + ")"},
	}
}

// errRefused ends a command whose answer has been printed: no.
var errRefused = &failure{code: exitRefused}

// act makes a verb's function one that cobra takes: whatever it answers is a
// failure, so that what is none comes from cobra, and is a wrong usage.
func act(do func(cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		err := do(cmd, args)
		var ended *failure
		var problems products.Problems
		switch {
		case err == nil, errors.As(err, &ended):
			return err
		case errors.As(err, &problems):
			return &failure{code: exitLoad, cause: problems}
		case errors.Is(err, context.Canceled):
			return &failure{code: exitInternal, text: say("已中断", "interrupted")}
		}
		return &failure{code: exitInternal, text: policy.Text{EN: err.Error()}}
	}
}
