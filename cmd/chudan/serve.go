package main

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/adapters/document"
	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
)

// serveOptions are the flags of serve alone.
type serveOptions struct {
	options
	listen, adminListen, addrFile string
	apps                          appSource
	window, drain                 time.Duration
	queue, events                 string
	logFormat                     *choice
}

func newServe(c *console) *cobra.Command {
	o := &serveOptions{logFormat: newChoice("text", "json")}
	o.journal = new(journalOptions)
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "answer the platform over HTTP",
		Long: `serve answers POST /qimen, shows policies under /policies/, and on a listener for operators /healthz, /readyz and /metrics.

On loopback nothing needs to be configured: without a secret the app ` + devApp + ` has the development secret. Anywhere else
--app-secrets and --public-url are required. A file of secrets is read anew when it changes, and on SIGHUP, those of core
systems and of systems that answer facts too; a line of --app-secrets is

  KEY=SECRET [not-before=TIME] [not-after=TIME] [tenant=NAME] [lang=zh|en] [charset=gbk] [lenient]

The directory of --products is watched. When products in it change, all of them have to load and to pass the tests beside them, the
coverage that those require included; then they take the place of those before, and requests in flight finish on their edition.
Otherwise those before stay in use, the log says why, and the metric chudan_products_last_reload_successful is 0. The start
demands the same, so that a restart never sells what a reload refused. SIGHUP has the directory read at once. Put several files
in place together, by renaming a directory or a link: whoever copies them one by one, with pauses, offers each state in between.

With --queue requests come from a broker too: the same JSON, answered to reply, and to dead what could not be worked on,
sealed (chudan letter opens it). Whoever may write to that topic or subject issues policies of the one tenant. With --events
what was decided is published as CloudEvents, each at least once. Passwords belong into the environment (CHUDAN_QUEUE, CHUDAN_EVENTS):

  kafka://[USER:PASSWORD@]HOST:PORT[,HOST:PORT…]/TOPIC?reply=TOPIC&dead=TOPIC[&group=chudan][&tenant=NAME][&sasl=scram-sha-256][&tls=true]
  nats://[USER:PASSWORD@|TOKEN@]HOST:PORT[,HOST:PORT…]/SUBJECT?reply=SUBJECT&dead=SUBJECT[&group=chudan][&tenant=NAME][&creds=FILE][&tls=true]

SIGTERM and SIGINT end it without losing a request: /readyz answers 503 and requests are still taken until none has come for
a second or half of --drain has passed; what is in flight gets the rest, and events are published. A second signal ends it at once.`,
		Example: `  chudan serve
  chudan serve --listen :8080 --app-secrets /etc/chudan/secrets --key-file /etc/chudan/keys \
               --public-url https://policies.example.com --institution institution.yaml --products products/
  chudan serve --queue 'kafka://host:9092/requests?reply=answers&dead=dead-letters' --events kafka://host:9092/policy-events`,
		Args: wants(0, noArguments),
		RunE: act(func(cmd *cobra.Command, _ []string) error {
			return c.serve(cmd.Context(), o)
		}),
	}
	f := cmd.Flags()
	o.add(f, "products", "institution", "store", "key-file", "tenant", "public-url")
	o.rehearsing(f)
	o.holding(f)
	o.journal.add(f)
	o.addFactSystems(f)
	o.addCores(f)
	f.Lookup("tenant").Usage = "`NAME` of whose policies those of the development app are"
	f.StringVar(&o.listen, "listen", "127.0.0.1:8080", "`HOST:PORT` where the platform and readers of policies reach us")
	f.StringVar(&o.adminListen, "admin-listen", "127.0.0.1:8081", "`HOST:PORT` where operators do; off for nowhere")
	f.StringVar(&o.addrFile, "addr-file", "", "`FILE` to write the URLs of both listeners to, a line each, once they listen")
	f.StringArrayVar(&o.apps.pairs, "app-secret", nil, "`KEY=SECRET` of an app, repeatable; others on the machine can see it, so prefer --app-secrets")
	f.StringVar(&o.apps.file, "app-secrets", "", "`FILE` with apps and their secrets, one on a line")
	f.DurationVar(&o.window, "timestamp-window", 10*time.Minute, "`DURATION` by which a request's timestamp may be off, either way")
	f.DurationVar(&o.drain, "drain", 10*time.Second, "`DURATION` that ending may take")
	f.StringVar(&o.queue, "queue", "", "`URL` of the topic or subject that requests come from too, see above")
	f.StringVar(&o.events, "events", "", "`URL` of the topic or subject that events go to, see above: kafka://HOST:PORT/TOPIC or nats://HOST:PORT/SUBJECT")
	f.Var(o.logFormat, "log-format", "format of the log on standard error")
	return cmd
}

func (o *serveOptions) validate() (requests, events *brokerName, err error) {
	if o.window <= 0 || o.drain <= 0 {
		return nil, nil, usage("--timestamp-window 与 --drain 应为正的时长，如 10m、10s", "--timestamp-window and --drain want a positive duration, such as 10m or 10s")
	}
	if err := o.checkRehearsal(); err != nil {
		return nil, nil, err
	}
	if o.queue != "" {
		if requests, err = parseQueue(o.queue, o.tenant); err != nil {
			return nil, nil, err
		}
	}
	if o.events != "" {
		events, err = parseEvents(o.events)
	}
	return requests, events, err
}

func (c *console) serve(ctx context.Context, o *serveOptions) error {
	requests, events, err := o.validate()
	if err != nil {
		return err
	}
	s := &server{console: c, log: c.logger(o.logFormat.value), drain: o.drain, metrics: newMetrics()}
	if err := s.listen(ctx, o.listen, o.adminListen); err != nil {
		return err
	}
	defer s.close()
	apps, developing, err := s.openApps(o, requests)
	if err != nil {
		return err
	}
	if o.publicURL, err = s.linksUnder(o); err != nil {
		return err
	}
	shelf, err := s.openShelf(ctx, o.products)
	if err != nil {
		return err
	}
	o.journalTrouble = func(err error) {
		s.metrics.unkept.Inc()
		s.log.Warn("a request was not kept in the journal", "error", err)
	}
	o.factWatch = factWatch{s.metrics.asked, func(system string, times int, err error) {
		s.log.Warn("facts are not to be had: on_error of the product applies", "system", system, "times", times, "error", err)
	}}
	h, err := c.openHouseWith(ctx, &o.options, shelf.live)
	if err != nil {
		return err
	}
	defer h.store.Close()
	if err := shelf.require(ctx, h.checkFacts, h.checkEditions); err != nil {
		return err
	}
	belt, err := s.openBelt(ctx, h, requests, events)
	if err != nil {
		return err
	}
	handler, err := s.handler(h, belt.waking(h.issuer), apps, o.window)
	if err != nil {
		belt.close()
		return err
	}
	var watchers sync.WaitGroup
	defer watchers.Wait() // before the store is closed
	watching, stop := context.WithCancel(ctx)
	defer stop()
	watchers.Go(func() { reloadSecrets(watching, append(o.apps.files(apps), h.secretFiles()...), s.log) })
	watchers.Go(func() { shelf.watch(watching) })
	watchers.Go(func() { o.journal.forget(watching, o.journal.of(h.store), s.log) })
	watchers.Go(func() { complete(watching, h, s.metrics, s.log) })
	s.announce(o, h.name, developing)
	if err := writeAddresses(o.addrFile, s.url, s.adminURL); err != nil {
		belt.close()
		return err
	}
	working, end := context.WithCancel(ctx)
	belt.start(working)
	err = s.run(ctx, handler, s.adminHandler(h.store))
	end()
	belt.finish(s.leaveBy(time.Now()))
	return err
}

// openApps reads who may call, over HTTP and from a queue, if there is one;
// developing tells that nobody was configured.
func (s *server) openApps(o *serveOptions, requests *brokerName) (apps *qimen.Apps, developing bool, err error) {
	o.apps.tenant, o.apps.lang = o.tenant, s.language()
	read, developing, err := o.apps.read(s.local)
	if err != nil {
		return nil, false, err
	}
	for _, a := range read {
		o.known = append(o.known, cmp.Or(a.Tenant, policy.Tenant(a.Key)))
	}
	if requests != nil {
		o.known = append(o.known, policy.Tenant(requests.tenant))
	}
	slices.Sort(o.known)
	o.known = slices.Compact(o.known)
	o.callers = o.known
	apps, err = qimen.NewApps(read...)
	return apps, developing, err
}

// handler is what the outside world reaches.
func (s *server) handler(h *house, issuer qimen.Issuer, apps *qimen.Apps, window time.Duration) (http.Handler, error) {
	door, err := qimen.NewHandler(qimen.Config{
		Issuer: issuer, Unread: h.issuer.EnterUnread, Apps: apps, Window: window, Observer: s.metrics, Log: s.log,
	})
	if err != nil {
		return nil, err
	}
	i := &h.institution
	pages, err := document.New(document.Config{
		Policies: h.issuer, Logger: s.log,
		Insurer: document.Insurer{Name: i.Name, Address: i.Address.In(policy.Chinese), Phone: i.Phone, Website: i.Website},
		Filing: func(product, edition string) string {
			if e := h.catalog.Catalog().Edition(product, edition); e != nil {
				return e.Filing()
			}
			return ""
		},
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/qimen", s.metrics.inFlight(door))
	mux.Handle("/policies/", pages)
	return s.draining(mux), nil
}

// logger logs to standard error. In a log for machines, what people are told in
// sentences is logged too.
func (c *console) logger(format string) *slog.Logger {
	if format == "json" {
		c.machineLog = slog.New(slog.NewJSONHandler(c.err, nil))
		return c.machineLog
	}
	return slog.New(slog.NewTextHandler(c.err, nil))
}

// announce tells where we listen, and how a first request is sent.
func (s *server) announce(o *serveOptions, store storeName, developing bool) {
	admin := s.adminURL
	if admin == "" {
		admin = "off"
	}
	s.log.Info("listening", "qimen", s.url+"/qimen", "policies", strings.TrimSuffix(o.publicURL, "/")+"/policies/", "admin", admin, "store", store.String(), "version", build())
	if !s.local && o.institution == "" {
		s.log.Warn("policies name an example insurer; give --institution FILE")
	}
	if o.facts != "" && !namesSystems(o.facts) {
		s.log.Warn("facts come from a file: they are the same for every request", "file", o.facts)
	}
	if developing {
		s.log.Warn("no secret is configured; a development secret is used, on this machine only", "app", devApp, "secret", devSecret)
		s.note("试发一笔：chudan send %s/qimen examples/requests/performance-surety-bond.json", "try: chudan send %s/qimen examples/requests/performance-surety-bond.json", s.url)
	}
}
