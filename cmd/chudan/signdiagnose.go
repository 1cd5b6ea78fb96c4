package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
)

// diagnoseOptions are the flags of sign --diagnose.
type diagnoseOptions struct {
	on       bool
	secrets  []string // whose app is not told: of the one that is called
	apps     appSource
	received instant
	format   *choice
}

func (o *diagnoseOptions) add(f *pflag.FlagSet) {
	o.format = newChoice("text", "json")
	f.BoolVar(&o.on, "diagnose", false, "take FILE as a captured request, and tell why its signature is wrong")
	f.StringArrayVar(&o.apps.pairs, "app-secret", nil, "with --diagnose: `KEY=SECRET` of an app that may have signed, repeatable")
	f.StringVar(&o.apps.file, "app-secrets", "", "with --diagnose: `FILE` with such apps, one on a line")
	f.Var(&o.received, "received", "with --diagnose: when the request came (+08:00), or now; without it the clock is not looked at")
	f.Var(o.format, "format", "with --diagnose: format of what is found")
}

// suspects are the apps whose secrets are tried. That of a first look is always
// one: it is easily forgotten in a configuration.
func (o *diagnoseOptions) suspects() ([]qimen.App, error) {
	var apps []qimen.App
	if len(o.apps.pairs) > 0 || o.apps.file != "" {
		var err error
		if apps, _, err = o.apps.read(false); err != nil {
			return nil, err
		}
	}
	for _, s := range o.secrets {
		if s != "" {
			apps = append(apps, qimen.App{Secrets: []qimen.Secret{{Value: s}}})
		}
	}
	if len(apps) == 0 {
		return nil, usage("缺少 secret：请用 --secret 给出被调用方应用的，或用 --app-secret KEY=SECRET 逐个给出可能用到的",
			"secrets are missing: give that of the app that is called with --secret, or those that may have been used with --app-secret KEY=SECRET")
	}
	for _, a := range apps {
		for _, s := range a.Secrets {
			if s.Value == devSecret {
				return apps, nil
			}
		}
	}
	return append(apps, qimen.App{Key: devApp, Secrets: []qimen.Secret{{Value: devSecret}}}), nil
}

func (c *console) diagnose(o *diagnoseOptions, path string) error {
	apps, err := o.suspects()
	if err != nil {
		return err
	}
	text, err := c.readFile(path, qimen.MaxCapture+1)
	if err != nil {
		return err
	}
	capture, err := qimen.ParseCapture(text)
	var wrong *qimen.CaptureError
	if errors.As(err, &wrong) {
		return usage("%[1]s：%[2]s", "%[1]s: %[3]s", path, wrong.ZH, wrong.EN)
	} else if err != nil {
		return err
	}
	d := capture.Diagnose(apps, o.received.Time)
	if err := c.printDiagnosis(d, o.format.value); err != nil {
		return err
	}
	if o.received.IsZero() {
		c.note("未检查时钟；如需检查，请用 --received 给出收到请求的时间", "the clock was not looked at; to have it, give the time when the request came with --received")
	}
	if !d.Right() {
		return errRefused
	}
	return nil
}

func (c *console) printDiagnosis(d qimen.Diagnosis, format string) error {
	if format == "json" {
		text, err := json.MarshalIndent(d, "", "  ")
		if err != nil {
			return err
		}
		return c.print(string(text) + "\n")
	}
	if d.Right() {
		return c.print(say("签名正确", "the signature is right").In(c.language()) + "\n")
	}
	var b strings.Builder
	for _, f := range d.Findings {
		fmt.Fprintf(&b, "%s: %s\n", f.Code, f.Message.In(c.language()))
	}
	return c.print(b.String())
}

// instant is the value of a flag that takes a time to the second, at +08:00,
// or now.
type instant struct{ time.Time }

func (i *instant) String() string {
	if i.IsZero() {
		return ""
	}
	return i.In(policy.Zone()).Format(time.DateTime)
}

func (i *instant) Type() string { return "TIME" }

func (i *instant) Set(text string) error {
	if text == "now" {
		i.Time = time.Now()
		return nil
	}
	for _, layout := range [...]string{time.DateTime, time.RFC3339} {
		if t, err := time.ParseInLocation(layout, text, policy.Zone()); err == nil {
			i.Time = t
			return nil
		}
	}
	return errors.New("want a time such as 2027-01-01 18:00:00 (+08:00), or now")
}
