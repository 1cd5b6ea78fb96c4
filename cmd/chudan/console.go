package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// console is what a run sees of the world outside. What somebody asked for goes
// to out, all else to err.
type console struct {
	in         io.Reader
	out, err   io.Writer
	env        func(name string) (value string, set bool)
	lang       *choice
	machineLog *slog.Logger // takes the place of err for notes, where err is a log that machines read
}

func newConsole(in io.Reader, out, err io.Writer, env func(string) (string, bool)) *console {
	return &console{in: in, out: out, err: err, env: env, lang: newChoice(string(policy.Chinese), string(policy.English))}
}

// language is the one of messages.
func (c *console) language() policy.Lang { return policy.Lang(c.lang.value) }

// print writes what was asked for.
func (c *console) print(text string) error {
	if _, err := io.WriteString(c.out, text); err != nil {
		return trouble(err, "无法写到标准输出", "standard output cannot be written")
	}
	return nil
}

// note tells people something that nobody asked for.
func (c *console) note(zh, en string, values ...any) {
	text := say(zh, en, values...).In(c.language())
	if c.machineLog != nil {
		c.machineLog.Info(text)
		return
	}
	_, _ = fmt.Fprintf(c.err, "chudan: %s\n", text)
}

// tell says how a run ended and answers its exit code.
func (c *console) tell(err error) int {
	if err == nil {
		return exitOK
	}
	var problems products.Problems
	if errors.As(err, &problems) {
		_, _ = io.WriteString(c.err, problems.Text(c.language()))
	}
	var ended *failure
	if !errors.As(err, &ended) { // cobra's own
		ended = &failure{code: exitUsage, text: say("%v。用法见 chudan --help", "%v; see chudan --help", err)}
	}
	if ended.text != (policy.Text{}) {
		c.note("%s", "%s", ended.text.In(c.language()))
	}
	return ended.code
}
