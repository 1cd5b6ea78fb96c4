package main

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/policy"
)

func newShow(c *console) *cobra.Command {
	o := new(options)
	var reveal bool
	var asOf moment
	format := newChoice("text", "json")
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "tell what was decided on an identifier, a policy number, a business key or a reference number",
		Long: `show looks up what was decided, by the identifier of the request, the number of the policy, a value that may fund one
policy only (insureId, attrs.premiumFundStreamNo, as the products say), or the reference number at the end of an answer
that was no success. Identifiers, business keys and reference numbers are those of --tenant:
the app key over HTTP unless another tenant was configured, local on the command line.

The rules are gone through once more, part by part, under the edition as it was archived with the decision; with --as-of the
whole request is, under the edition on sale then. What was decided stays.

Personal data is masked, and the link to the policy left out, unless --reveal is given.`,
		Example: `  chudan show 010101004178221080402170019
  chudan show --tenant 12345678 --reveal PBDI2021080400000001L`,
		Args: wants(1, policy.Text{ZH: "一个标识、保单号、业务号或参考号", EN: "one identifier, policy number, business key or reference"}),
		RunE: act(func(cmd *cobra.Command, args []string) error {
			return c.show(cmd.Context(), o, args[0], reveal, asOf, format.value)
		}),
	}
	f := cmd.Flags()
	o.add(f, "products", "store", "key-file", "tenant")
	f.BoolVar(&reveal, "reveal", false, "show personal data and the link to the policy")
	addAsOf(f, &asOf, "tell what the edition on sale then would have made of it (+08:00)")
	f.Var(format, "format", "how the record is printed")
	return cmd
}

func (c *console) show(ctx context.Context, o *options, id string, reveal bool, asOf moment, format string) error {
	name, err := o.storeName()
	if err != nil {
		return err
	}
	if err := name.filled(); err != nil {
		return err
	}
	o.publicURL = localURL // no link is made here; those in the records stay as they are
	h, err := c.openHouse(ctx, o)
	if err != nil {
		return err
	}
	defer h.store.Close()
	found, err := h.find(ctx, policy.Tenant(o.tenant), id)
	if err != nil {
		return err
	}
	shown := 0
	if len(found) == 0 {
		if found, shown, err = c.showVisits(ctx, h, policy.Tenant(o.tenant), id, reveal, format); err != nil {
			return err
		}
	}
	if len(found) == 0 && shown == 0 {
		return usage("租户 %[2]s 下没有标识、业务号或参考号 %[1]s，也没有此保单号。其他租户请用 --tenant 指定",
			"the tenant %[2]s has no identifier, business key or reference %[1]s, and no policy has this number; name another tenant with --tenant", id, o.tenant)
	}
	for _, rec := range found {
		if rec.Erased() {
			left := newErased(&rec)
			if format == "json" {
				err = c.printJSON(left)
			} else {
				err = c.print(left.text(c.language()))
			}
			if err != nil {
				return err
			}
			continue
		}
		held, err := h.issuer.Open(rec)
		if err != nil {
			return err
		}
		v := newHolding(&held, reveal)
		if v.Explanation, err = h.retell(ctx, &held, asOf); err != nil {
			return err
		}
		v.Facts = v.keptFacts(&held, reveal)
		if v.Hold, err = h.heldNow(ctx, rec.Key); err != nil {
			return err
		}
		if format == "json" {
			err = c.printJSON(v)
		} else {
			err = c.print(v.text(c.language(), asOf))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// find looks a record up under all that its name may be.
func (h *house) find(ctx context.Context, tenant policy.Tenant, id string) ([]policy.Record, error) {
	looks := []func() (policy.Record, error){
		func() (policy.Record, error) { return h.store.Find(ctx, policy.Key{Tenant: tenant, Identifier: id}) },
		func() (policy.Record, error) { return h.store.Policy(ctx, id) },
	}
	for _, path := range h.businessKeys() {
		looks = append(looks, func() (policy.Record, error) {
			return h.store.FindUnique(ctx, tenant, policy.BusinessKey{Path: path, Value: id})
		})
	}
	var found []policy.Record
	for _, look := range looks {
		rec, err := look()
		if errors.Is(err, policy.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(found, func(r policy.Record) bool { return r.Key == rec.Key }) {
			found = append(found, rec)
		}
	}
	return found, nil
}

// businessKeys are the fields that some edition lets fund one policy only.
func (h *house) businessKeys() []string {
	var paths []string
	for _, e := range h.catalog.Catalog().Editions() {
		paths = append(paths, e.Terms().Unique...)
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}
