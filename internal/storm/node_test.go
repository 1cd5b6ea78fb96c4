package storm_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/memory"
	"github.com/chudan-io/chudan/adapters/mysql"
	"github.com/chudan-io/chudan/adapters/postgres"
	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/adapters/sqlite"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// The test binary is its own node: run with this in the environment it issues
// what it is told on standard input until that ends, or it is killed.
const nodeStore = "CHUDAN_STORM_STORE"

func TestMain(m *testing.M) {
	if dsn := os.Getenv(nodeStore); dsn != "" {
		if err := node(dsn); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// order is a request that a node is to issue.
type order struct {
	ID         int    `json:"id"`
	Identifier string `json:"identifier"`
	Stream     string `json:"stream"`  // the payment behind it
	Subject    string `json:"subject"` // what tells one payload from another
}

// report is what became of an order.
type report struct {
	ID      int      `json:"id"`
	Number  string   `json:"number,omitempty"`
	Fields  []string `json:"fields,omitempty"`  // of a conflict
	Refused string   `json:"refused,omitempty"` // the code
	Trouble string   `json:"trouble,omitempty"` // the kind: the order is given again
}

// store is what a node and its examiner need of one.
type store interface {
	policy.Store
	policy.Archive
	policy.Lister
	Close() error
}

// open opens a store by its name. A store apart is every node's own: the
// control of all that rests on a common one.
func open(ctx context.Context, dsn string) (store, error) {
	driver, rest, _ := strings.Cut(dsn, ":")
	switch driver {
	case "apart":
		return memory.New(), nil
	case "postgres":
		return postgres.Open(ctx, postgres.Config{DSN: dsn})
	case "mysql":
		return mysql.Open(ctx, mysql.Config{DSN: dsn})
	case "sqlite":
		return sqlite.Open(ctx, sqlite.Config{Path: rest, Wait: time.Minute})
	}
	return nil, fmt.Errorf("no such store: %s", driver)
}

// keyLine is a key that everybody may know.
const keyLine = "k1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

func newIssuer(s store) (*policy.Issuer, error) {
	catalog, err := products.Load(products.Library())
	if err != nil {
		return nil, err
	}
	keys, err := policy.ParseKeys([]byte(keyLine))
	if err != nil {
		return nil, err
	}
	numbers, err := policy.ParseNumbering(policy.DefaultNumberTemplate, map[string]string{"default": "PBDI"})
	if err != nil {
		return nil, err
	}
	return policy.New(policy.Config{
		Catalog: catalog, Store: s, Keys: keys, Numbering: numbers, PublicURL: "https://policies.example.com", Clock: time.Now,
	})
}

const tenant policy.Tenant = "storm"

// node issues orders, as many at once as it is given, and reports each with
// one write, so that a report is whole or not there.
func node(dsn string) error {
	ctx := context.Background()
	s, err := open(ctx, dsn)
	if err != nil {
		return err
	}
	issuer, err := newIssuer(s)
	if err != nil {
		return err
	}
	sample, err := readSample()
	if err != nil {
		return err
	}
	var out sync.Mutex
	var all sync.WaitGroup
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var o order
		if err := json.Unmarshal(in.Bytes(), &o); err != nil {
			return err
		}
		all.Go(func() {
			line, _ := json.Marshal(carryOut(ctx, issuer, sample, o))
			out.Lock()
			defer out.Unlock()
			_, _ = os.Stdout.Write(append(line, '\n'))
		})
	}
	all.Wait()
	return errors.Join(in.Err(), s.Close())
}

// deadline is what a call may take, as over HTTP.
const deadline = 5 * time.Second

func carryOut(ctx context.Context, issuer *policy.Issuer, sample policy.Request, o order) report {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	receipt, err := issuer.Issue(ctx, tenant, o.request(sample))
	var refusal *policy.Refusal
	var conflict *policy.ConflictError
	switch {
	case err == nil:
		return report{ID: o.ID, Number: receipt.PolicyNo}
	case errors.As(err, &conflict):
		return report{ID: o.ID, Fields: conflict.Fields}
	case errors.As(err, &refusal):
		worst, _ := refusal.Faults.Worst()
		return report{ID: o.ID, Refused: worst.ErrorCode()}
	}
	return report{ID: o.ID, Trouble: string(policy.TroubleKind(err)) + ": " + err.Error()}
}

// request is the published request under the order's own names.
func (o order) request(sample policy.Request) *policy.Request {
	r := sample
	r.Identifier, r.InsureID, r.Attrs.PremiumFundStreamNo = o.Identifier, "I"+o.Identifier, o.Stream
	r.OrderSubjectMatterInfo.SubjectMatterName = o.Subject
	return &r
}

func readSample() (policy.Request, error) {
	body, err := os.ReadFile("../../examples/requests/performance-surety-bond.json")
	if err != nil {
		return policy.Request{}, err
	}
	r, faults := qimen.Decode(body, qimen.DecodeOptions{})
	if faults != nil {
		return policy.Request{}, fmt.Errorf("the sample: %s", faults.Message(policy.English, ""))
	}
	return *r, nil
}
