package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/policy"
)

func newHold(c *console) *cobra.Command {
	o := new(options)
	format := newChoice("text", "json")
	cmd := &cobra.Command{
		Use:   "hold",
		Short: "list, place and release legal holds: what is held is not purged",
		Long: `hold lists the legal holds, a line each: since when one stands (+08:00), the tenant, the identifier, who placed it and why. While it stands,
nothing that is kept for the identifier is erased, whatever its age, by chudan purge or anybody's hand (on MySQL and MariaDB: by chudan). An
identifier has one hold at a time: name all the matters in its reason, and release it when the last of them is over.

Who and why stand in the audit chain, in the clear: write nothing there that tells of the insured.`,
		Example: `  chudan hold
  chudan hold add 010101004178221080402170019 --tenant 12345678 --by legal-3 --why 'case (2031) 74'
  chudan hold release 010101004178221080402170019 --tenant 12345678 --by legal-3 --why 'case closed'`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && args[0] != "list" || len(args) > 1 {
				return usage("chudan hold 没有命令 %s，可用 list、add、release", "chudan hold has no command %s; there are list, add and release", strings.Join(args, " "))
			}
			return nil
		},
		RunE: act(func(cmd *cobra.Command, _ []string) error {
			return c.holds(cmd.Context(), o, format.value)
		}),
	}
	f := cmd.Flags()
	o.add(f, "store", "tenant")
	allTenants(f, o)
	f.Var(format, "format", "how they are printed")
	cmd.AddCommand(
		newHoldVerb(c, "add", "place a legal hold on an identifier", (*policy.Issuer).Hold,
			policy.Text{ZH: "已保全，不会被清除", EN: "under legal hold; nothing of it is erased"}),
		newHoldVerb(c, "release", "release the legal hold on an identifier", (*policy.Issuer).Release,
			policy.Text{ZH: "已解除保全", EN: "released"}),
	)
	return cmd
}

// held is a legal hold as it is told.
type held struct {
	Tenant     policy.Tenant `json:"tenant"`
	Identifier string        `json:"identifier"`
	Since      time.Time     `json:"since"`
	By         string        `json:"by"`
	Why        string        `json:"why"`
}

func newHeld(h *policy.Hold) *held {
	return &held{h.Key.Tenant, h.Key.Identifier, h.At.In(policy.Zone()), h.By, h.Why}
}

func (c *console) holds(ctx context.Context, o *options, format string) error {
	s, err := openKept(ctx, o)
	if err != nil {
		return err
	}
	defer s.Close()
	told := 0
	for one, err := range s.Holds(ctx) {
		if err != nil {
			return err
		}
		if o.tenant != "" && one.Key.Tenant != policy.Tenant(o.tenant) {
			continue
		}
		told++
		h := newHeld(&one)
		line := strings.Join([]string{h.Since.Format(time.DateTime), string(h.Tenant), h.Identifier, h.By, h.Why}, "  ")
		if format == "json" {
			text, err := json.Marshal(h)
			if err != nil {
				return err
			}
			line = string(text)
		}
		if err := c.print(line + "\n"); err != nil {
			return err
		}
	}
	if told == 0 {
		c.note("没有法律保全", "there is no legal hold")
	}
	return nil
}

type holdVerb = func(*policy.Issuer, context.Context, policy.Key, policy.Ruling) error

func newHoldVerb(c *console, verb, short string, do holdVerb, done policy.Text) *cobra.Command {
	o := new(options)
	var r policy.Ruling
	cmd := &cobra.Command{
		Use:   verb + " IDENTIFIER",
		Short: short,
		Args:  wants(1, policy.Text{ZH: "一个标识", EN: "one identifier"}),
		RunE: act(func(cmd *cobra.Command, args []string) error {
			return c.changeHold(cmd.Context(), o, policy.Key{Tenant: policy.Tenant(o.tenant), Identifier: args[0]}, r, do, done)
		}),
	}
	f := cmd.Flags()
	o.add(f, "products", "store", "key-file", "tenant")
	f.StringVar(&r.By, "by", "", "`WHO` decides: 1 to 64 characters, kept in the audit chain")
	f.StringVar(&r.Why, "why", "", "`TEXT` of the reason: 1 to 256 characters, kept in the audit chain; without personal data")
	return cmd
}

func (c *console) changeHold(ctx context.Context, o *options, k policy.Key, r policy.Ruling, do holdVerb, done policy.Text) error {
	if r.By == "" || r.Why == "" {
		return usage("请说明何人、何故：--by 与 --why 都须填写", "tell who decides and why: --by and --why are both needed")
	}
	h, err := c.openFilled(ctx, o)
	if err != nil {
		return err
	}
	defer h.store.Close()
	if err := do(h.issuer, ctx, k, r); err != nil {
		return h.holdTrouble(ctx, err, k)
	}
	c.note("%[1]s：%[2]s", "%[1]s: %[3]s", k.Identifier, done.ZH, done.EN)
	return nil
}

func (h *house) holdTrouble(ctx context.Context, err error, k policy.Key) error {
	var other *policy.HeldError
	switch {
	case errors.As(err, &other):
		stands := newHeld(&other.Hold)
		return usage("%[1]s 已自 %[2]s 起保全（%[3]s：%[4]s）；如有新的事由，请先解除再重新保全，并写明全部事由",
			"%[1]s is under legal hold since %[2]s already (%[3]s: %[4]s); for another matter release it and place one that names both",
			k.Identifier, stands.Since.Format(time.DateTime), stands.By, stands.Why)
	case errors.Is(err, policy.ErrErased):
		return usage("%s 已清除，没有可保全的内容", "%s was erased; nothing is left to be held", k.Identifier)
	case errors.Is(err, policy.ErrNotFound):
		if _, missing := h.store.Find(ctx, k); missing == nil {
			return usage("%s 没有保全", "%s is under no legal hold", k.Identifier)
		}
	}
	return rulingTrouble(err, k)
}

// heldNow is the legal hold on a key; nil where there is none. There are few of
// them.
func (h *house) heldNow(ctx context.Context, k policy.Key) (*held, error) {
	for one, err := range h.store.Holds(ctx) {
		if err != nil {
			return nil, err
		}
		if one.Key == k {
			return newHeld(&one), nil
		}
	}
	return nil, nil
}
