package mysql_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/mysql"
	"github.com/chudan-io/chudan/internal/mytest"
)

// TestTLS: each word that tls may be, against a server with and one without it.
func TestTLS(t *testing.T) {
	plain := newServer(t)
	cert, key, other := certificate(t)
	secured := newOwnServer(t, "--ssl-cert="+cert, "--ssl-key="+key)
	for name, c := range map[string]struct {
		server  *mytest.Server
		query   string
		cipher  bool
		refused string
	}{
		"nothing said, not offered": {plain, "", false, ""},
		"nothing said, offered":     {secured, "", true, ""},
		"preferred":                 {secured, "?tls=preferred", true, ""},
		"off":                       {secured, "?tls=false", false, ""},
		"unverified":                {secured, "?tls=skip-verify", true, ""},
		"verified":                  {secured, "?tls=true&ca=" + cert, true, ""},
		"unknown":                   {secured, "?tls=true", false, "certificate is not trusted"},
		"another one":               {secured, "?tls=true&ca=" + other, false, "certificate is not trusted"},
		"wanted, not offered":       {plain, "?tls=true", false, "takes no encrypted connections"},
	} {
		t.Run(name, func(t *testing.T) {
			config := mysql.Config{DSN: c.server.URL(c.server.Database(t)) + c.query}
			if c.refused != "" {
				refused(t, config, c.refused)
				return
			}
			s := open(t, config)
			issueOne(t, s, "k")
			cipher, err := s.Cipher(t.Context())
			if err != nil || (cipher != "") != c.cipher {
				t.Errorf("the cipher is %q (%v)", cipher, err)
			}
		})
	}
}

// certificate makes a certificate for 127.0.0.1 that vouches for itself, its
// key, and another one of the same name.
func certificate(t *testing.T) (cert, key, other string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "chudan-tls-") // the server runs as somebody else, who cannot enter t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	self := func() (certificate, private []byte) {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "chudan"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
			NotBefore: time.Unix(0, 0), NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), IsCA: true, BasicConstraintsValid: true,
		}
		certificate, err = x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k)
		if err != nil {
			t.Fatal(err)
		}
		if private, err = x509.MarshalPKCS8PrivateKey(k); err != nil {
			t.Fatal(err)
		}
		return certificate, private
	}
	c, k := self()
	o, _ := self()
	return write("cert.pem", "CERTIFICATE", c), write("key.pem", "PRIVATE KEY", k), write("other.pem", "CERTIFICATE", o)
}
