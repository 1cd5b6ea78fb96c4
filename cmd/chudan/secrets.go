package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
)

// The app of a first look. It is taken on loopback only, where no other is
// configured, and nobody takes it for a real one.
const (
	devApp    = "00000000"
	devSecret = "dev-secret-not-for-production" //nolint:gosec // that it is known to all is the point
)

// parseApps adds the secrets of apps, one on a line:
//
//	# app key = secret, then what else is known of it
//	12345678=0123456789abcdef
//	12345678=fedcba9876543210  not-before=2026-01-01T00:00:00+08:00
//	87654321=00112233445566778 tenant=tmall lang=en charset=gbk lenient
//
// An app may have several secrets, so that one can be rotated without a
// moment in which the platform is refused: not-before and not-after belong to
// the secret of their line, all else to the app. Errors name the line, never a
// secret.
func parseApps(apps []qimen.App, text string) ([]qimen.App, error) {
	for n, line := range strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		key, value, found := strings.Cut(words[0], "=")
		if !found || key == "" || value == "" {
			return nil, fmt.Errorf("line %d: want KEY=SECRET", n+1)
		}
		at := slices.IndexFunc(apps, func(a qimen.App) bool { return a.Key == key })
		if at < 0 {
			apps, at = append(apps, qimen.App{Key: key}), len(apps)
		}
		secret := qimen.Secret{Value: value}
		for _, word := range words[1:] {
			if err := configure(&apps[at], &secret, word); err != nil {
				return nil, fmt.Errorf("line %d: %w", n+1, err)
			}
		}
		apps[at].Secrets = append(apps[at].Secrets, secret)
	}
	return apps, nil
}

// configure takes one word behind a secret.
func configure(app *qimen.App, secret *qimen.Secret, word string) error {
	name, value, _ := strings.Cut(word, "=")
	var err error
	switch name {
	case "not-before":
		secret.NotBefore, err = time.Parse(time.RFC3339, value)
	case "not-after":
		secret.NotAfter, err = time.Parse(time.RFC3339, value)
	case "tenant":
		app.Tenant = policy.Tenant(value)
	case "lang":
		app.Lang = policy.Lang(value)
	case "charset":
		app.Charset = value
	case "lenient":
		app.Lenient = true
	default:
		// Not the word itself: it may be a secret with a space in it.
		return fmt.Errorf("want not-before=, not-after=, tenant=, lang=, charset= or lenient after KEY=SECRET")
	}
	if err != nil {
		return fmt.Errorf("%s: want a time such as 2026-01-01T00:00:00+08:00", name)
	}
	return nil
}

// appSource is where the apps come from.
type appSource struct {
	pairs  []string // KEY=SECRET
	file   string
	tenant string // of the development app
	lang   policy.Lang
}

// read reads the apps anew. Without any there is the development app, if that
// may be.
func (s *appSource) read(mayDevelop bool) (apps []qimen.App, developing bool, err error) {
	if apps, err = parseApps(nil, strings.Join(s.pairs, "\n")); err != nil {
		return nil, false, usage("--app-secret 有误：%v", "--app-secret: %v", err)
	}
	if apps, err = s.readFile(apps); err != nil {
		return nil, false, err
	}
	if len(apps) > 0 {
		if _, err := qimen.NewApps(apps...); err != nil {
			return nil, false, usage("应用密钥有误：%v", "the apps' secrets: %v", err)
		}
		return apps, false, nil
	}
	if !mayDevelop {
		return nil, false, usage("对外提供服务需要应用密钥：请用 --app-secrets 文件（每行 KEY=SECRET）或环境变量 CHUDAN_APP_SECRET 提供",
			"beyond this machine an app's secret is needed: give --app-secrets FILE (KEY=SECRET on each line), or CHUDAN_APP_SECRET in the environment")
	}
	return []qimen.App{{Key: devApp, Tenant: policy.Tenant(s.tenant), Lang: s.lang, Secrets: []qimen.Secret{{Value: devSecret}}}}, true, nil
}

// readFile adds the apps of the file. One without any is a mistake: whoever
// names a file does not want the development app.
func (s *appSource) readFile(apps []qimen.App) ([]qimen.App, error) {
	if s.file == "" {
		return apps, nil
	}
	content, err := readSecret(s.file)
	if err != nil {
		return nil, err
	}
	if apps, err = parseApps(apps, string(content)); err != nil {
		return nil, usage("%[1]s 有误：%[2]v", "%[1]s: %[2]v", s.file, err)
	}
	if len(apps) == 0 {
		return nil, usage("%s 中没有应用密钥，每行应为 KEY=SECRET", "%s holds no secret; want KEY=SECRET on each line", s.file)
	}
	return apps, nil
}
