package main

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

func newExposure(c *console) *cobra.Command {
	o := new(options)
	format := newChoice("text", "json")
	cmd := &cobra.Command{
		Use:   "exposure IDENTIFIER",
		Short: "tell what is in force for the seller, the buyer or the product of an application",
		Long: `exposure takes an application that is kept, such as one that waits for an underwriter, and tells for each fact that its product declares
with in_force_per what is in force now: the sum of amountOfCny, in CNY, of the policies where these fields say the same. What was in force when it was
decided is told by chudan show.`,
		Example: `  chudan exposure 010101004178221080402170019 --tenant 12345678
  chudan exposure recount --products my-products`,
		Args: wants(1, policy.Text{ZH: "一个标识", EN: "one identifier"}),
		RunE: act(func(cmd *cobra.Command, args []string) error {
			return c.exposure(cmd.Context(), o, args[0], format.value)
		}),
	}
	f := cmd.Flags()
	o.add(f, "products", "store", "key-file", "tenant")
	f.Var(format, "format", "how it is printed")
	cmd.AddCommand(newRecount(c))
	return cmd
}

func newRecount(c *console) *cobra.Command {
	o := new(options)
	cmd := &cobra.Command{
		Use:   "recount",
		Short: "count policies in that were issued before their product declared what is in force",
		Long: `recount goes through the policies of the products that declare facts with in_force_per, in any of their editions, and counts in what is in
force and does not count yet: what was issued under an edition without such facts, or was copied from another store. Run it once an edition that
declares them is on sale. It can be repeated, ended and run beside serve: each policy counts once.`,
		Example: `  chudan exposure recount --products my-products`,
		Args:    wants(0, noArguments),
		RunE: act(func(cmd *cobra.Command, _ []string) error {
			return c.recount(cmd.Context(), o)
		}),
	}
	f := cmd.Flags()
	o.add(f, "products", "store", "key-file", "tenant")
	allTenants(f, o)
	return cmd
}

// inForceFacts are the facts that are summed, by the product whose editions
// declare them, each once.
func inForceFacts(catalog *products.Catalog) map[string][]policy.FactSpec {
	of := make(map[string][]policy.FactSpec)
	for _, e := range catalog.Editions() {
		t := e.Terms()
		for _, f := range t.Facts {
			same := func(g policy.FactSpec) bool {
				return f.Name == g.Name && slices.Equal(f.PerFields, g.PerFields)
			}
			if len(f.PerFields) > 0 && !slices.ContainsFunc(of[t.Product], same) {
				of[t.Product] = append(of[t.Product], f)
			}
		}
	}
	return of
}

// standingFact is a sum that is in force.
type standingFact struct {
	Name string   `json:"name"` // facts.sellerExposureCny
	Per  []string `json:"inForcePer"`
	CNY  string   `json:"cny,omitempty"` // "" where one of the fields is absent
}

func (c *console) exposure(ctx context.Context, o *options, identifier, format string) error {
	h, err := c.openFilled(ctx, o)
	if err != nil {
		return err
	}
	defer h.store.Close()
	k := policy.Key{Tenant: policy.Tenant(o.tenant), Identifier: identifier}
	rec, err := h.store.Find(ctx, k)
	if err != nil {
		return rulingTrouble(err, k)
	}
	held, err := h.issuer.Open(rec)
	if err != nil {
		return err
	}
	facts := inForceFacts(h.catalog.Catalog())[rec.Product]
	if len(facts) == 0 {
		return usage("产品 %s 的版本均未以 in_force_per 声明事实", "no edition of %s declares a fact with in_force_per", rec.Product)
	}
	sums, err := h.issuer.InForce(ctx, k.Tenant, held.Request, facts)
	if err != nil {
		return err
	}
	all := make([]standingFact, len(facts))
	for i, f := range facts {
		all[i] = standingFact{factPrefix + f.Name, f.PerFields, sums[f.Name]}
	}
	if format == "json" {
		return c.printJSON(all)
	}
	var b strings.Builder
	for _, s := range all {
		sum := s.CNY + " CNY"
		if s.CNY == "" {
			sum = say("（字段缺失，无法累计）", "(a field is absent: there is nothing to sum)").In(c.language())
		}
		b.WriteString(s.Name + "  " + sum + "  " + strings.Join(s.Per, ", ") + "\n")
	}
	return c.print(b.String())
}

// recounting is a recount under way.
type recounting struct {
	house         *house
	through, into atomic.Int64

	mu    sync.Mutex
	wrong error // the first
}

// recountCallers is how many policies are counted in at once, so that a store
// makes one transaction of many.
const recountCallers = 64

func (c *console) recount(ctx context.Context, o *options) error {
	h, err := c.openFilled(ctx, o)
	if err != nil {
		return err
	}
	defer h.store.Close()
	declared := inForceFacts(h.catalog.Catalog())
	if len(declared) == 0 {
		return usage("没有产品以 in_force_per 声明事实，请检查 --products", "no product declares a fact with in_force_per; check --products")
	}
	r := &recounting{house: h}
	for _, product := range slices.Sorted(maps.Keys(declared)) {
		which := policy.Selection{Tenant: policy.Tenant(o.tenant), Product: product, Status: policy.StatusIssued}
		if err := r.product(ctx, c, which, declared[product]); err != nil {
			return err
		}
	}
	c.note("已核对 %[1]s 张保单，新计入 %[2]s 张", "%[1]s policies gone through, %[2]s counted in", thousands(int(r.through.Load())), thousands(int(r.into.Load())))
	return nil
}

// product counts the policies of a product in.
func (r *recounting) product(ctx context.Context, c *console, which policy.Selection, facts []policy.FactSpec) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	records := make(chan policy.Record)
	var callers sync.WaitGroup
	for range recountCallers {
		callers.Go(func() {
			for rec := range records {
				if err := r.count(ctx, rec, facts); err != nil {
					r.fail(err)
					stop()
				}
			}
		})
	}
	reported := time.Now()
	for rec, err := range r.house.store.List(ctx, which) {
		if err != nil {
			r.fail(err)
			break
		}
		records <- rec
		if now := time.Now(); now.Sub(reported) >= time.Second {
			reported = now
			c.note("已核对 %[1]s 张", "%[1]s gone through", thousands(int(r.through.Load())))
		}
	}
	close(records)
	callers.Wait()
	return r.wrong
}

func (r *recounting) count(ctx context.Context, rec policy.Record, facts []policy.FactSpec) error {
	added, err := r.house.issuer.Expose(ctx, rec, facts)
	if err != nil {
		return err
	}
	r.through.Add(1)
	if added {
		r.into.Add(1)
	}
	return nil
}

// fail keeps the first error: what comes after it is its consequence.
func (r *recounting) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.wrong == nil {
		r.wrong = err
	}
}
