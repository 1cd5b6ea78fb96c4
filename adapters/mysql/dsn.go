package mysql

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// errDSN quotes nothing of what it could not read: a password may be anywhere in it.
var errDSN = errors.New("want mysql://user:password@host:port/database; characters other than letters and digits in the password are written as %XX")

// parseDSN reads Config.DSN. Its errors name no password.
func parseDSN(text string) (*mysql.Config, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "mysql" || u.Opaque != "" || u.Fragment != "" || strings.Contains(u.Path[min(1, len(u.Path)):], "/") {
		return nil, errDSN
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errDSN
	}
	c := mysql.NewConfig()
	c.User = u.User.Username()
	c.Passwd, _ = u.User.Password()
	c.DBName = strings.TrimPrefix(u.Path, "/")
	if c.DBName == "" {
		return nil, errors.New("the database is missing; want mysql://user:password@host:port/database")
	}
	if c.User == "" {
		return nil, errors.New("the user is missing; want mysql://user:password@host:port/database")
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if !slices.Contains([]string{"tls", "ca", "socket"}, name) {
			return nil, fmt.Errorf("there is no parameter %q; tls, ca and socket are known", name)
		}
	}
	if err := address(c, u, query.Get("socket")); err != nil {
		return nil, err
	}
	return c, secure(c, query.Get("tls"), query.Get("ca"))
}

func address(c *mysql.Config, u *url.URL, socket string) error {
	if socket != "" {
		if u.Host != "" {
			return errors.New("it names a host and a socket; leave one of them out")
		}
		c.Net, c.Addr = "unix", socket
		return nil
	}
	if u.Hostname() == "" {
		return errors.New("the host is missing; want mysql://user:password@host:port/database")
	}
	port := u.Port()
	if port == "" {
		port = "3306"
	}
	c.Net, c.Addr = "tcp", net.JoinHostPort(u.Hostname(), port)
	return nil
}

func secure(c *mysql.Config, mode, ca string) error {
	switch mode {
	case "", "preferred", "true", "skip-verify", "false":
	default:
		return fmt.Errorf("tls is %q; want true, skip-verify, preferred or false", mode)
	}
	if ca != "" && mode != "true" {
		return errors.New("ca is of use with tls=true alone")
	}
	switch {
	case c.Net == "unix", mode == "false":
	case mode == "", mode == "preferred":
		c.TLSConfig, c.AllowFallbackToPlaintext = "preferred", true
	default:
		c.TLSConfig = mode
	}
	if ca == "" {
		return nil
	}
	pem, err := os.ReadFile(ca)
	if err != nil {
		return fmt.Errorf("ca: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return fmt.Errorf("ca: there is no certificate in %s", ca)
	}
	host, _, _ := net.SplitHostPort(c.Addr)
	c.TLSConfig, c.TLS = "", &tls.Config{RootCAs: roots, ServerName: host, MinVersion: tls.VersionTLS12}
	return nil
}

// place is server and database, without the user and the password.
func place(c *mysql.Config) string { return c.Addr + "/" + c.DBName }
