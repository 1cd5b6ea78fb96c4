// Core is a core system as small as one can be: it verifies what chudan asks,
// books each proposal once, and signs its answers. docs/core.md is the contract.
//
//	go run ./examples/core
//	chudan serve --cores examples/core/cores.yaml
//	chudan send http://127.0.0.1:8080/qimen examples/requests/performance-surety-bond.json
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/chudan-io/chudan/adapters/core"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:9090", "HOST:PORT on this machine")
	secret := flag.String("secret-file", "examples/core/secret", "file with the secret that chudan has too")
	flag.Parse()
	if err := run(*listen, *secret); err != nil {
		log.Fatal(err)
	}
}

func run(listen, secretFile string) error {
	text, err := os.ReadFile(secretFile)
	if err != nil {
		return fmt.Errorf("reading the secret: %w", err)
	}
	host, _, err := net.SplitHostPort(listen)
	if addr := net.ParseIP(host); err != nil || addr == nil || !addr.IsLoopback() {
		return errors.New("-listen: want an address of this machine, such as 127.0.0.1:9090: proposals hold personal data, and this speaks plain HTTP")
	}
	s := &http.Server{
		Addr: listen, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second,
		Handler: newHouse(core.Secrets{[]byte(strings.TrimSpace(string(text)))}, time.Now),
	}
	log.Printf("booking at http://%s/bookings", listen)
	return s.ListenAndServe()
}
