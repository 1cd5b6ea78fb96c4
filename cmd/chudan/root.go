package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/chudan-io/chudan/policy"
)

const about = `chudan (出单) turns insurance applications into policies, at most one for each identifier.

It answers Alibaba's Qimen call policy.issuing over HTTP (serve) and on the command line (issue), with products that are
written in YAML. Nothing needs to be configured for a first look:

  chudan issue examples/requests/performance-surety-bond.json
  chudan serve

Each flag can also be set in the environment: --app-secrets as CHUDAN_APP_SECRETS. A flag that is given wins.

Exit codes: 0 ok · 1 internal trouble · 2 wrong usage · 3 problems in products, the institution's file or that of core systems · 4 tests failed · 5 tests below a threshold ·
6 refused or referred, or something that was diagnosed or probed is wrong · 7 the audit chain does not hold.`

// newRoot makes the command line.
func newRoot(c *console) *cobra.Command {
	root := &cobra.Command{
		Use:                        "chudan",
		Short:                      "issue insurance policies",
		Long:                       about,
		SilenceErrors:              true,
		SilenceUsage:               true,
		Args:                       knownVerb,
		SuggestionsMinimumDistance: 2,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return c.fromEnvironment(cmd.Flags())
		},
	}
	root.PersistentFlags().Var(c.lang, "lang", "language of messages")
	root.SetIn(c.in)
	root.SetOut(c.out)
	root.SetErr(c.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("参数有误：%[1]v。用法见 %[2]s --help", "%[1]v; see %[2]s --help", err, cmd.CommandPath())
	})
	root.AddCommand(
		newIssue(c), newServe(c), newExplain(c), newShow(c), newList(c), newReferrals(c), newExposure(c), newPurge(c), newHold(c), newReport(c), newArchive(c), newAffected(c), newVerifyAudit(c), newCopy(c), newNumbers(c),
		newLint(c), newTest(c), newDiff(c), newTable(c), newDocs(c), newSchema(c),
		newSign(c), newSend(c), newProbe(c), newKeys(c), newLetter(c), newVersion(c),
	)
	return root
}

// knownVerb refuses a verb that is none.
func knownVerb(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		return usage("没有命令 %[1]s，是否指 %[2]s？", "there is no command %[1]s; did you mean %[2]s?", args[0], strings.Join(near, ", "))
	}
	return usage("没有命令 %s。用法见 chudan --help", "there is no command %s; see chudan --help", args[0])
}

var noArguments = policy.Text{ZH: "零个参数", EN: "no arguments"}

// wants asks for n arguments, which the sentence names.
func wants(n int, what policy.Text) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return usage("%[1]s 需要%[2]s。用法见 %[1]s --help", "%[1]s wants %[3]s; see %[1]s --help", cmd.CommandPath(), what.ZH, what.EN)
	}
}

// fromEnvironment sets the flags that were not given from CHUDAN_….
func (c *console) fromEnvironment(flags *pflag.FlagSet) error {
	var wrong error
	flags.VisitAll(func(f *pflag.Flag) {
		name := "CHUDAN_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, set := c.env(name)
		if !set || value == "" || f.Changed || f.Name == "help" || wrong != nil {
			return
		}
		values := []string{value}
		if f.Value.Type() == "stringArray" {
			values = strings.Fields(value)
		}
		for _, v := range values {
			if err := flags.Set(f.Name, v); err != nil {
				wrong = usage("环境变量 %[1]s 有误：%[2]v", "the environment variable %[1]s: %[2]v", name, err)
			}
		}
	})
	return wrong
}

// choice is the value of a flag that takes one of a few words; the first is
// the default.
type choice struct {
	value string
	words []string
}

func newChoice(words ...string) *choice { return &choice{words[0], words} }

func (c *choice) String() string { return c.value }
func (c *choice) Type() string   { return strings.Join(c.words, "|") }

func (c *choice) Set(value string) error {
	for _, w := range c.words {
		if w == value {
			c.value = w
			return nil
		}
	}
	return fmt.Errorf("want %s", strings.Join(c.words, " or "))
}
