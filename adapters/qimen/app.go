package qimen

import (
	"crypto/md5" //nolint:gosec // the gateway signs with nothing else
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// App is one application of ours on the platform: the target that the gateway
// calls, and what is agreed with its caller.
type App struct {
	Key     string        // target_app_key: 1 to 20 digits
	Tenant  policy.Tenant // whose policies these are; Key where it is empty
	Secrets []Secret      // all that may be in use: while one is rotated there are two
	Lang    policy.Lang   // of messages; Chinese where it is empty

	// Lenient takes numbers and booleans for texts (see [DecodeOptions]).
	Lenient bool

	// Charset is the one charset of bodies: utf-8, gbk or gb18030. Where it is
	// empty the Content-Type tells, which is not signed: whoever can alter
	// requests on their way can then make other characters of the same bytes.
	Charset string
}

// Secret is a secret of an app and when it is valid: from NotBefore, inclusive,
// until NotAfter, exclusive. A zero time sets no bound. However a secret is
// printed or logged, its value does not show.
type Secret struct {
	Value               string
	NotBefore, NotAfter time.Time
}

// Format prints no secret under any verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("***")) }

// MarshalText writes no secret into logs and JSON.
func (s Secret) MarshalText() ([]byte, error) { return []byte("***"), nil }

func (s *Secret) validAt(t time.Time) bool {
	return !t.Before(s.NotBefore) && (s.NotAfter.IsZero() || t.Before(s.NotAfter))
}

// Apps are the apps that a [Handler] answers for. They may be exchanged while
// it serves.
type Apps struct{ current atomic.Pointer[appSet] }

// NewApps makes a set of apps. The errors are those of [Apps.Set].
func NewApps(apps ...App) (*Apps, error) {
	a := new(Apps)
	if err := a.Set(apps...); err != nil {
		return nil, err
	}
	return a, nil
}

// Set exchanges the apps; requests that are being verified keep the old ones.
// It fails, and changes nothing, where there is no app, a key or a charset is
// malformed, a language is unknown, a key stands twice, or an app has no
// secret. No two secrets may be
// equal: a request that does not name its target belongs to the app whose
// secret it was signed with.
func (a *Apps) Set(apps ...App) error {
	set := &appSet{dummy: credential{value: []byte(rand.Text())}, byKey: make(map[string][]credential, len(apps))}
	if len(apps) == 0 {
		return errors.New("qimen: there is no app")
	}
	seen := make(map[string]bool)
	for _, app := range apps {
		if err := app.validate(); err != nil {
			return err
		}
		if set.byKey[app.Key] != nil {
			return fmt.Errorf("qimen: the app %s stands twice", app.Key)
		}
		if app.Tenant == "" {
			app.Tenant = policy.Tenant(app.Key)
		}
		var own []credential
		for _, s := range app.Secrets {
			if seen[s.Value] {
				return fmt.Errorf("qimen: a secret of the app %s stands twice", app.Key)
			}
			seen[s.Value] = true
			own = append(own, credential{app: &app, secret: s, value: []byte(s.Value)})
		}
		set.byKey[app.Key] = own
		set.all = append(set.all, own...)
		set.most = max(set.most, len(own))
	}
	a.current.Store(set)
	return nil
}

func (a *App) validate() error {
	if digits(a.Key) != len(a.Key) {
		return fmt.Errorf("qimen: the app key %q: want 1 to 20 digits, as the platform gives it", a.Key)
	}
	if len(a.Secrets) == 0 {
		return fmt.Errorf("qimen: the app %s has no secret", a.Key)
	}
	for _, s := range a.Secrets {
		if s.Value == "" {
			return fmt.Errorf("qimen: a secret of the app %s is empty", a.Key)
		}
	}
	if a.Lang != "" && a.Lang != policy.Chinese && a.Lang != policy.English {
		return fmt.Errorf("qimen: the language %q of the app %s: want zh or en", a.Lang, a.Key)
	}
	if _, ok := charsets[a.Charset]; !ok {
		return fmt.Errorf("qimen: the charset %q of the app %s: want utf-8, gbk or gb18030", a.Charset, a.Key)
	}
	return nil
}

// takes tells whether a body may come in this charset.
func (a *App) takes(charset string) bool {
	enc, ok := charsets[charset]
	return ok && (a.Charset == "" || charsets[a.Charset] == enc)
}

// credential is one secret and whose it is.
type credential struct {
	app    *App
	secret Secret
	value  []byte
}

type appSet struct {
	byKey map[string][]credential
	all   []credential
	most  int // secrets of one app
	dummy credential
}

// match finds the secret that a request was signed with, valid now or not: one
// of the target's where it is named, else one of all; nil where none fits. It
// tries as many secrets for a key that is unknown, or has fewer, and compares
// all of each signature, so that the time it takes tells nothing of them.
func (s *appSet) match(sign [md5.Size]byte, target string, text, body []byte) *credential {
	candidates := s.all
	if target != "" {
		candidates = s.byKey[target]
	}
	var found *credential
	for i := range max(len(candidates), s.most) {
		c := &s.dummy
		if i < len(candidates) {
			c = &candidates[i]
		}
		sum := digest(c.value, text, body)
		if subtle.ConstantTimeCompare(sum[:], sign[:]) == 1 && c.app != nil {
			found = c
		}
	}
	return found
}
