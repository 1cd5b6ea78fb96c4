package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/policy"
)

// copyOptions are the flags of copy.
type copyOptions struct {
	options
	into string
}

func newCopy(c *console) *cobra.Command {
	o := new(copyOptions)
	cmd := &cobra.Command{
		Use:   "copy",
		Short: "copy a store into another one, and hold the two against each other",
		Long: `copy takes everything that a store keeps into an empty one: records of every revision, business keys, editions, events that are not published yet,
the journal of requests and the audit events, byte for byte and in their order, and the last number. No keys are needed, and the links, the answers to
repeated requests and the policies stay what they are: serve the copy with the key file of the store that was copied. Stop whoever issues first.

The store is only read. A copy that was interrupted goes on where it was; a store that holds anything else is refused. At the end the two are read
once more and compared, and what was compared is printed; exit code 6 where something differs, 7 where the audit chain of the store that is copied
does not hold. The copy has an audit chain of its own, whose last row says which head it was copied up to.

What is in force per seller, buyer or product (facts with in_force_per) is not copied: it takes the keys. Count it in with chudan exposure recount before
the copy issues anything.

A PostgreSQL store has many audit chains and can be copied into only; move it with its own means.`,
		Example: `  chudan copy --store sqlite:chudan.db --into sqlite:copy.db
  CHUDAN_INTO=postgres://chudan:…@db.example.com/chudan chudan copy --store sqlite:chudan.db`,
		Args: wants(0, noArguments),
		RunE: act(func(cmd *cobra.Command, _ []string) error {
			return c.copy(cmd.Context(), o)
		}),
	}
	o.add(cmd.Flags(), "store")
	cmd.Flags().StringVar(&o.into, "into", "", "the `STORE` to copy into, as --store names them; in the environment, as CHUDAN_INTO, others do not see its password")
	return cmd
}

func (c *console) copy(ctx context.Context, o *copyOptions) error {
	from, into, err := o.names()
	if err != nil {
		return err
	}
	m := newMove(c)
	if m.from, err = openSide(ctx, from); err != nil {
		return err
	}
	defer m.from.store.Close()
	if m.into, err = openSide(ctx, into); err != nil {
		return aboutInto(err)
	}
	defer m.into.store.Close()
	m.bar, _ = newBar(c.err, strings.NewReader(""))
	err = m.run(ctx)
	m.bar.clear()
	if err == nil {
		c.note("若产品以 in_force_per 声明事实：启用前请运行 chudan exposure recount --store %[1]s", "where products declare facts with in_force_per: run chudan exposure recount --store %[1]s before it issues", into)
	}
	var ended *failure
	if err != nil && !errors.As(err, &ended) && m.rows > m.there {
		c.note("以同样的参数再次运行即可继续", "run it again in the same way to go on")
	}
	return err
}

// names are the two stores. Whatever is wrong with --into is told of --into.
func (o *copyOptions) names() (from, into storeName, err error) {
	accept := o.accept
	if o.accept = nil; o.into == "" {
		return from, into, usage("请用 --into 指定要复制到的数据库，如 --into postgres://用户@主机/数据库",
			"name the store to copy into with --into, such as --into postgres://user@host/database")
	}
	if from, err = o.storeName(); err != nil {
		return from, into, err
	}
	if into, err = (&options{store: o.into}).storeName(); err != nil {
		return from, into, aboutInto(err)
	}
	if o.accept = accept; from.dsn == "" && into.dsn == "" {
		if _, err = o.storeName(); err != nil { // --accept is for servers
			return from, into, err
		}
	}
	from.accept, into.accept = accept, accept
	for _, n := range []storeName{from, into} {
		if n.driver == "memory" {
			return from, into, usage("memory: 不保存任何内容，无从复制", "memory: keeps nothing; there is nothing to copy from or into")
		}
	}
	switch {
	case from.driver == "postgres":
		return from, into, usage("PostgreSQL 有多条审计链，只能复制到其中，不能从中复制：请用 pg_dump 或流复制迁移",
			"a PostgreSQL store has many audit chains and can be copied into only; move it with pg_dump or replication")
	case from.same(into):
		return from, into, usage("--store 与 --into 是同一个数据库：%s", "--store and --into are the same: %s", from)
	}
	if err := from.filled(); err != nil {
		return from, into, err
	}
	return from, into, aboutInto(into.checkPlace())
}

// same tells whether two names are of one store.
func (n storeName) same(other storeName) bool {
	if n.driver != other.driver || n.driver != "sqlite" {
		return n.String() == other.String()
	}
	a, wrong := filepath.Abs(n.path)
	b, bad := filepath.Abs(other.path)
	one, gone := os.Stat(n.path)
	two, missing := os.Stat(other.path)
	return wrong == nil && bad == nil && a == b || gone == nil && missing == nil && os.SameFile(one, two)
}

// aboutInto puts --into where a sentence tells of --store.
func aboutInto(err error) error {
	var ended *failure
	if !errors.As(err, &ended) {
		return err
	}
	told := *ended
	told.text.ZH = strings.ReplaceAll(told.text.ZH, "--store", "--into")
	told.text.EN = strings.ReplaceAll(told.text.EN, "--store", "--into")
	return &told
}

// side is one of the two stores.
type side struct {
	name  storeName
	store store
	policy.Mover
}

func openSide(ctx context.Context, n storeName) (side, error) {
	s, err := n.open(ctx)
	if err != nil {
		return side{}, storeTrouble(n, err)
	}
	return side{n, s, s.(policy.Mover)}, nil // all but memory, which was refused
}
