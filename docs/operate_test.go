package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestOperate runs what the guide for operators says of one node: its console
// blocks, in an empty directory with a request in it. What it says of database
// servers takes servers, and was run by hand.
func TestOperate(t *testing.T) {
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", filepath.Join(bin, "chudan"), "../cmd/chudan").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, p := range pages(t)["operate"] {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			w := &walker{dir: t.TempDir(), env: append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "CHUDAN_LANG="+lang(p))}
			w.write(t, "request.json", string(sample(t)))
			for i := range p.blocks {
				if b := p.blocks[i]; b.is("console") {
					p.prints(t, i, w.converse(t, p.text(b)))
				}
			}
		})
	}
}
