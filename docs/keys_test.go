package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEveryKey shows that the page of the language tells of each key that the
// readers of files know.
func TestEveryKey(t *testing.T) {
	files, err := filepath.Glob("../products/*.go")
	if err != nil {
		t.Fatal(err)
	}
	reads := regexp.MustCompile(`key\{"(\w+)", (?:true|false), `)
	var known []string
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range reads.FindAllStringSubmatch(string(text), -1) {
			known = append(known, m[1])
		}
	}
	if len(known) < 80 {
		t.Fatalf("%d keys: the readers are written otherwise than this test thinks", len(known))
	}
	for _, p := range pages(t)["language"] {
		told := make(map[string]bool)
		for _, tab := range p.tables {
			if tab.kind[0] != "keys" {
				continue
			}
			for _, r := range tab.rows {
				for _, path := range spans(r.cells[0]) {
					for _, key := range strings.Split(path, ".") {
						told[key] = true
					}
				}
			}
		}
		for _, key := range known {
			if !told[key] {
				t.Errorf("%s does not tell of %s", p.name, key)
			}
		}
	}
}
