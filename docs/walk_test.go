package docs_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
)

// TestWalk walks with the reader: it writes the files that the page tells it to
// write, makes the changes that it shows, runs its commands in an empty
// directory, and holds what they print against what the page shows.
func TestWalk(t *testing.T) {
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", filepath.Join(bin, "chudan"), "../cmd/chudan").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, p := range pages(t)["walk"] {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			w := &walker{dir: t.TempDir(), env: append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "CHUDAN_LANG="+lang(p))}
			for i := range p.blocks {
				switch b := p.blocks[i]; {
				case b.is("console"):
					p.prints(t, i, w.converse(t, p.text(b)))
				case b.is("diff"):
					w.change(t, b.info[1], p.lines[b.from:b.to])
				case len(b.info) == 2 && strings.Contains(b.info[1], "/"):
					w.write(t, b.info[1], p.text(b))
				}
			}
		})
	}
}

func lang(p page) string {
	if p.lang == policy.English {
		return "en"
	}
	return "zh"
}

// walker is where the reader has come to.
type walker struct {
	dir  string
	env  []string
	code int // of the command that ended last
}

func (w *walker) write(t *testing.T, name, text string) {
	t.Helper()
	full := filepath.Join(w.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(full), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// change takes the lines with a minus out of a file and puts those with a plus
// in; the others tell where. They must be found there once.
func (w *walker) change(t *testing.T, name string, lines []string) {
	t.Helper()
	var before, after strings.Builder
	for _, line := range lines {
		mark, rest := line[:1], line[1:]+"\n"
		if mark != "+" {
			before.WriteString(rest)
		}
		if mark != "-" {
			after.WriteString(rest)
		}
	}
	text, err := os.ReadFile(filepath.Join(w.dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), before.String()); n != 1 {
		t.Fatalf("%s has these lines %d times:\n%s", name, n, before.String())
	}
	w.write(t, name, strings.Replace(string(text), before.String(), after.String(), 1))
}

// converse runs the commands of a block and gives the block with what they
// print; what it shows of one stays where that is what came.
func (w *walker) converse(t *testing.T, text string) string {
	t.Helper()
	var all strings.Builder
	for _, said := range strings.Split("\n"+text, "\n$ ")[1:] {
		command, shown, _ := strings.Cut(said+"\n", "\n")
		got := w.run(t, command)
		if shown = strings.TrimRight(shown, "\n"); shown != "" {
			shown += "\n"
		}
		if matches(shown, got) {
			got = shown
		}
		all.WriteString("$ " + command + "\n" + got)
	}
	return all.String()
}

// run runs one command as the reader's shell does.
func (w *walker) run(t *testing.T, command string) string {
	t.Helper()
	cmd := exec.Command("sh", "-c", "(exit "+strconv.Itoa(w.code)+"); "+command)
	cmd.Dir, cmd.Env = w.dir, w.env
	out, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	w.code = cmd.ProcessState.ExitCode()
	return string(underWay.ReplaceAll(out, nil))
}

// underWay are the lines in which a command that takes more than a second tells
// how far it is: on a busy machine that is any.
var underWay = regexp.MustCompile(`(?m)^chudan: .*\([0-9hm]*[0-9]+s\)(\n|$)`)
