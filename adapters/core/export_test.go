package core

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
)

// Trusting is the transport of a Hook to an address that trusts other
// certificates.
func Trusting(u *url.URL, roots *x509.CertPool) http.RoundTripper {
	return transport(u, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12})
}
