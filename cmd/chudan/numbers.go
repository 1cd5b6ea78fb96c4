package main

import (
	"context"
	"encoding/json"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/policy"
)

// storeRenumbered is the type of the audit event that moves numbers on.
const storeRenumbered = "store.renumbered"

// renumbered is what the audit chain says of numbers that were passed over.
type renumbered struct {
	Type   string    `json:"type"`
	Before uint64    `json:"before"` // the last number drawn until then
	After  uint64    `json:"after"`  // the next one is larger
	Time   time.Time `json:"time"`
}

func newNumbers(c *console) *cobra.Command {
	o := new(options)
	var after uint64
	cmd := &cobra.Command{
		Use:   "numbers",
		Short: "tell the last number that was drawn for a policy, or pass some over",
		Long: `numbers tells the last sequence number that was drawn for a policy number. With --after, numbers up to that one are passed over: the next policy
gets a larger one. That is for a store that was restored to an earlier point: the policies after it are gone from the store, but not from the world,
and their numbers must not be given away again. The audit chain notes it. Numbers never go back.`,
		Example: `  chudan numbers
  chudan numbers --after 1200000`,
		Args: wants(0, noArguments),
		RunE: act(func(cmd *cobra.Command, _ []string) error {
			return c.numbers(cmd.Context(), o, after)
		}),
	}
	o.add(cmd.Flags(), "store")
	cmd.Flags().Uint64Var(&after, "after", 0, "pass over the numbers up to `N`")
	return cmd
}

func (c *console) numbers(ctx context.Context, o *options, after uint64) error {
	if after > math.MaxInt64 {
		return usage("--after %d 太大", "--after %d is too large", after)
	}
	s, err := openKept(ctx, o)
	if err != nil {
		return err
	}
	defer s.Close()
	m, ok := s.(policy.Mover)
	if !ok {
		return usage("%s 不保存任何内容", "%s keeps nothing", o.store)
	}
	last, err := m.LastNumber(ctx)
	if err != nil {
		return err
	}
	if after != 0 && after <= last {
		return usage("--after %[1]d：已用到 %[2]d，序号不会倒退", "--after %[1]d: %[2]d was drawn already, and numbers never go back", after, last)
	}
	if after != 0 {
		text, err := json.Marshal(renumbered{storeRenumbered, last, after, time.Now().UTC().Truncate(time.Microsecond)})
		if err != nil {
			return err
		}
		if err := m.Note(ctx, text, after); err != nil {
			return err
		}
		last = after
	}
	return c.print(say("最后的序号：%d，下一个更大\n", "last number: %d; the next is larger\n", last).In(c.language()))
}
