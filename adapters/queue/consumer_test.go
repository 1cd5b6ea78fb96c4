package queue_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chudan-io/chudan/adapters/queue"
	"github.com/chudan-io/chudan/policy"
)

func TestOutcomes(t *testing.T) {
	for name, c := range map[string]struct {
		body     string
		answer   string
		dead     policy.Kind // of the dead letter
		attempts int
		outcomes map[queue.Outcome]int
	}{
		"issued":    {body: "issue 1", answer: "P-1", outcomes: map[queue.Outcome]int{queue.Issued: 1}},
		"refused":   {body: "refuse 1", answer: "isv.underwriting-rejected", outcomes: map[queue.Outcome]int{queue.Refused: 1}},
		"conflict":  {body: "conflict 1", answer: "isv.idempotent-parameter-mismatch", outcomes: map[queue.Outcome]int{queue.Refused: 1}},
		"malformed": {body: "nonsense", answer: "isv.invalid-parameter", outcomes: map[queue.Outcome]int{queue.Refused: 1}},
		"trouble that passes": {body: "trouble-twice 1", answer: "P-1",
			outcomes: map[queue.Outcome]int{queue.Retried: 2, queue.Issued: 1}},
		"trouble that stays": {body: "trouble 1", answer: "isp.service-unavailable", dead: policy.KindUnavailable, attempts: 5,
			outcomes: map[queue.Outcome]int{queue.Retried: 4, queue.Dead: 1}},
		"no answer in time": {body: "hang 1", answer: "isp.service-timeout", dead: policy.KindTimeout, attempts: 5,
			outcomes: map[queue.Outcome]int{queue.Retried: 4, queue.Dead: 1}},
		"panics": {body: "panic 1", answer: "isp.internal-error", dead: policy.KindInternal, attempts: 1,
			outcomes: map[queue.Outcome]int{queue.Panicked: 1}},
		"panics early": {body: "panic-early 1", answer: "isp.internal-error", dead: policy.KindInternal, attempts: 1,
			outcomes: map[queue.Outcome]int{queue.Panicked: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk()
				d.send(t, c.body)
				d.work(t, d.config(), 10*time.Hour)
				if got := d.answers("answers"); !slices.Equal(got, []string{c.answer}) {
					t.Errorf("answers %q, want %q", got, c.answer)
				}
				if diff := cmp.Diff(c.outcomes, d.outcomes); diff != "" {
					t.Errorf("outcomes (-want +got):\n%s", diff)
				}
				var dead []policy.Kind
				for _, l := range letters(t, d) {
					dead = append(dead, l.Reason)
					if l.Attempts != c.attempts || l.Panicked != strings.HasPrefix(c.body, "panic") {
						t.Errorf("the dead letter says %+v", l)
					}
				}
				if c.dead == "" && dead != nil || c.dead != "" && !slices.Equal(dead, []policy.Kind{c.dead}) {
					t.Errorf("dead letters %q, want %q", dead, c.dead)
				}
				if left := d.left(t); left != nil {
					t.Errorf("not acknowledged: %q", left)
				}
			})
		})
	}
}

func letters(t testing.TB, d *desk) (all []queue.Letter) {
	t.Helper()
	for _, body := range d.answers("dead") {
		var l queue.Letter
		if err := json.Unmarshal([]byte(body), &l); err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
	return all
}

// TestNothingIsLost: what cannot be told or buried is not acknowledged, and is
// told and buried later, the policy being issued once.
func TestNothingIsLost(t *testing.T) {
	for topic, want := range map[string]struct {
		body, stored string
	}{"answers": {"issue 1", "P-1"}, "dead": {"panic 1", `"panicked":true`}} {
		for how, fail := range map[string]func() error{
			"fails":  func() error { return errors.New("not now") },
			"panics": func() error { panic("not now") },
		} {
			t.Run(topic+" "+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := newDesk()
					down := true
					d.Fail(func(to string, _ []queue.Message) error {
						if down && to == topic {
							return fail()
						}
						return nil
					})
					d.send(t, want.body)
					d.work(t, d.config(), 20*time.Hour)
					if got := d.answers(topic); len(got) > 0 || d.outcomes[queue.Retried] < 10 || len(d.outcomes) != 1 {
						t.Fatalf("while it %s: %q, %v", how, got, d.outcomes)
					}
					down = false
					d.work(t, d.config(), time.Hour)
					if got := d.answers(topic); len(got) != 1 || !strings.Contains(got[0], want.stored) {
						t.Errorf("%q were stored, want one %s", got, want.stored)
					}
					if left := d.left(t); left != nil {
						t.Errorf("not acknowledged: %q", left)
					}
				})
			})
		}
	}
}

// TestBatch: the messages of a batch are in the store together, so that it
// commits them together; one that panics takes nobody along, and two with one
// identifier are answered both.
func TestBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const together = 100
		d := newDesk()
		var in sync.WaitGroup
		in.Add(together)
		d.issue = func(context.Context, string, string) error {
			in.Done()
			in.Wait() // for ever, unless all of them come
			return nil
		}
		var want []string
		for i := range together {
			d.send(t, fmt.Sprintf("together %d", i/2))
			want = append(want, fmt.Sprintf("P-%d", i/2))
		}
		d.send(t, "panic 1000", "issue 1001")
		want = append(want, "isp.internal-error", "P-1001")
		d.work(t, d.config(), time.Minute)
		got := d.answers("answers")
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("answers %q, want %q", got, want)
		}
	})
}

// TestEnd: what is in hand when the context ends is seen through.
func TestEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		d.issue = func(ctx context.Context, _, _ string) error {
			time.Sleep(5 * time.Second) // the context ends after one
			return ctx.Err()
		}
		d.send(t, "slow 1", "slow 2")
		began := time.Now()
		d.work(t, d.config(), time.Second)
		if got := d.answers("answers"); !slices.Equal(got, []string{"P-1", "P-2"}) || time.Since(began) != 5*time.Second {
			t.Errorf("after %v: %q", time.Since(began), got)
		}
		if left := d.left(t); left != nil {
			t.Errorf("not acknowledged: %q", left)
		}
	})
}

// TestStoreDown: with the store down for an hour nobody becomes a dead letter,
// and it is not besieged.
func TestStoreDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const messages = 1000
		d := newDesk()
		up, calls := time.Now().Add(time.Hour), 0
		d.issue = func(context.Context, string, string) error {
			d.mu.Lock()
			defer d.mu.Unlock()
			calls++
			if time.Now().Before(up) {
				return errDown
			}
			return nil
		}
		for i := range messages {
			d.send(t, fmt.Sprintf("down %d", i))
		}
		c := d.config()
		c.Attempts = 0
		d.work(t, c, 10*time.Hour)
		answers := d.answers("answers")
		if len(answers) != messages || len(d.answers("dead")) != 0 || calls > 30*messages {
			t.Errorf("%d answers, %d dead letters, %d calls", len(answers), len(d.answers("dead")), calls)
		}
	})
}

// TestPersonalData: neither dead letters nor the log tell what a message or a
// panic says.
func TestPersonalData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		var log bytes.Buffer
		c := d.config()
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
		c.Seal = func(tenant policy.Tenant, reference string, body []byte) []byte {
			return fmt.Appendf(nil, "%s|%s|%d", tenant, reference, len(body))
		}
		d.issue = func(context.Context, string, string) error { panic(map[string]string{"CANARY": "CANARY"}) }
		sent := []queue.Message{
			{Key: "CANARY", Headers: map[string]string{"CANARY": "CANARY"}, Body: []byte("panic 1")},
			{Body: []byte("panic-early CANARY")}, {Body: []byte("CANARY")}, {Body: []byte("trouble CANARY 张三")}, {Body: []byte("map CANARY\n")},
		}
		if err := d.Publisher("requests").Publish(t.Context(), sent); err != nil {
			t.Fatal(err)
		}
		d.work(t, c, 10*time.Hour)
		all := letters(t, d)
		if len(all) != 4 {
			t.Fatalf("%d dead letters", len(all))
		}
		for i, text := range d.answers("dead") {
			if strings.Contains(text, "CANARY") || all[i].Tenant != "tenant" || all[i].Place == "" ||
				!strings.HasPrefix(string(all[i].Sealed), "tenant|"+all[i].Reference+"|") {
				t.Errorf("dead letter %s", text)
			}
		}
		if all[0].Identifier != "1" || strings.Contains(log.String(), "CANARY") || !strings.Contains(log.String(), "type string") {
			t.Errorf("the log: %s", log.String())
		}
	})
}

// TestHeaders: what comes with an answer.
func TestHeaders(t *testing.T) {
	for name, c := range map[string]struct {
		headers map[string]string
		body    string
		want    map[string]string
	}{
		"none":           {nil, "issue 1", map[string]string{"identifier": "1"}},
		"correlation-id": {map[string]string{"correlation-id": "c-1", "reply-to": "elsewhere"}, "refuse 2", map[string]string{"identifier": "2", "correlation-id": "c-1"}},
		"malformed":      {map[string]string{"correlation-id": "c-1"}, "x", map[string]string{"correlation-id": "c-1"}},
		"hostile":        {map[string]string{"correlation-id": "a\r\nb: c"}, "issue a\r\nb: c", map[string]string{}},
		"too long":       {map[string]string{"correlation-id": strings.Repeat("c", 257)}, "issue " + strings.Repeat("1", 65), map[string]string{}},
		"json":           {map[string]string{"content-type": "application/json; charset=UTF-8"}, "issue 1", map[string]string{"identifier": "1"}},
		"other type":     {map[string]string{"content-type": "text/xml"}, "issue 1", map[string]string{}},
		"other charset":  {map[string]string{"content-type": "application/json; charset=gbk"}, "issue 1", map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk()
				if err := d.Publisher("requests").Publish(t.Context(), []queue.Message{{Headers: c.headers, Body: []byte(c.body)}}); err != nil {
					t.Fatal(err)
				}
				d.work(t, d.config(), time.Minute)
				answers := d.Messages("answers")
				if len(answers) != 1 {
					t.Fatalf("%d answers", len(answers))
				}
				got := maps.Clone(answers[0].Headers)
				if got["reference"] == "" || got["content-type"] != "application/json; charset=utf-8" || answers[0].Key != c.want["identifier"] {
					t.Errorf("%q", answers[0])
				}
				delete(got, "reference")
				delete(got, "content-type")
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("headers (-want +got):\n%s", diff)
				}
				if refused := string(answers[0].Body) == "isv.unsupported-content-type"; refused != strings.HasPrefix(name, "other") {
					t.Errorf("answer %s", answers[0].Body)
				}
			})
		})
	}
}

func TestConfig(t *testing.T) {
	for want, change := range map[string]func(*queue.Config){
		"Source":   func(c *queue.Config) { c.Source = nil },
		"Dead":     func(c *queue.Config) { c.Dead = nil },
		"Issuer":   func(c *queue.Config) { c.Issuer = nil },
		"Tenant":   func(c *queue.Config) { c.Tenant = "" },
		"Decode":   func(c *queue.Config) { c.Decode = nil },
		"negative": func(c *queue.Config) { c.Attempts = -1 },
	} {
		c := newDesk().config()
		change(&c)
		if _, err := queue.New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
