package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
	"github.com/chudan-io/chudan/products"
)

// affectedOptions are the flags of affected.
type affectedOptions struct {
	options
	edition, against string
	asOf, from, to   moment
}

func newAffected(c *console) *cobra.Command {
	o := new(affectedOptions)
	format := newChoice("text", "csv", "json")
	cmd := &cobra.Command{
		Use:   "affected --edition PRODUCT@EDITION",
		Short: "list what was issued under an edition, and what another one would have charged",
		Long: `affected goes through the policies that were issued under an edition and prices each of them under another one: the premium that
was charged, the one that would have been, the difference, and whether the other edition would have refused or referred it. Nothing is changed.

The other edition is --against (PRODUCT@EDITION, or the path of a file that is not on sale yet) or, without it, the one that the calendar
says corrects the edition or, without such a one, the one on sale at --as-of. The sums that a request declares are taken to be those that the
other edition computes; all else is as it was sent. Without --tenant the policies of all tenants are gone through.`,
		Example: `  chudan affected --products my-products --edition PERFORMANCE_SURETY_BONDS@2021.2 --against PERFORMANCE_SURETY_BONDS@2021.3
  chudan affected --edition PERFORMANCE_SURETY_BONDS@2021.2 --against 2021.3.yaml --format csv > affected.csv`,
		Args: wants(0, noArguments),
		RunE: act(func(cmd *cobra.Command, _ []string) error {
			return c.affected(cmd.Context(), o, format.value)
		}),
	}
	f := cmd.Flags()
	o.add(f, "products", "store", "key-file", "tenant")
	f.Lookup("tenant").DefValue, o.tenant = "", ""
	f.Lookup("tenant").Usage = "`NAME` of whose policies (default: those of all tenants)"
	f.StringVar(&o.edition, "edition", "", "`PRODUCT@EDITION` under which they were issued")
	f.StringVar(&o.against, "against", "", "`EDITION` that they are priced under: PRODUCT@EDITION, or the path of an edition's file")
	addAsOf(f, &o.asOf, "price them under the edition on sale then (+08:00)")
	f.Var(&o.from, "from", "only those issued from then on (+08:00)")
	f.Var(&o.to, "to", "only those issued before then (+08:00)")
	f.Var(format, "format", "how they are printed")
	return cmd
}

func (c *console) affected(ctx context.Context, o *affectedOptions, format string) error {
	product, edition, named := strings.Cut(o.edition, "@")
	if !named {
		return usage("请用 --edition 产品代码@版本 指定出单所用的版本", "name the edition under which they were issued: --edition PRODUCT@EDITION")
	}
	name, err := o.storeName()
	if err != nil {
		return err
	}
	if err := name.filled(); err != nil {
		return err
	}
	o.publicURL = localURL // no link is made here
	h, err := c.openHouse(ctx, &o.options)
	if err != nil {
		return err
	}
	defer h.store.Close()
	other, err := h.other(o, product, edition)
	if err != nil {
		return err
	}
	s := &survey{console: c, house: h, under: other, format: format, totals: make(map[money.Currency]*affectedTotal)}
	return s.run(ctx, policy.Selection{
		Tenant: policy.Tenant(o.tenant), Product: product, Edition: edition, Status: policy.StatusIssued,
		From: o.from.Time, To: o.to.Time,
	})
}

// other is the edition that policies are priced under.
func (h *house) other(o *affectedOptions, product, edition string) (*products.Edition, error) {
	switch {
	case strings.HasSuffix(o.against, ".yaml"):
		return readEdition(o.against)
	case o.against != "":
		return findEdition(h.catalog.Catalog(), o.against, o.asOf)
	}
	catalog := h.catalog.Catalog()
	if catalog.Edition(product, edition) == nil && o.asOf.IsZero() {
		return nil, usage("产品目录中没有 %[1]s；请用 --against 指定用于比较的版本", "there is no %[1]s among the products; name the edition to price under with --against", o.edition)
	}
	if schedule, ok := catalog.Schedule(product); ok {
		for _, sale := range schedule.Sales {
			if sale.Edition == edition && sale.Sold != edition {
				return catalog.Edition(product, sale.Sold), nil
			}
		}
	}
	if !o.asOf.IsZero() {
		return findEdition(h.catalog.Catalog(), product, o.asOf)
	}
	return nil, usage("日历中没有更正 %[1]s 的版本；请用 --against 指定用于比较的版本，或用 --as-of 指定日期",
		"no edition of the calendar corrects %[1]s; name the one to price under with --against, or a date with --as-of", o.edition)
}
