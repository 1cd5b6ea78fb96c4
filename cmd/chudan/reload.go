package main

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/chudan-io/chudan/adapters/qimen"
)

// reloadEvery is how often the file of secrets is looked at. It is read anew
// where its content has changed, on every file system and however it is
// replaced, mounted secrets of Kubernetes too.
const reloadEvery = 5 * time.Second

// secretFile is a file of secrets that is read anew when it changes.
type secretFile struct {
	path string
	take func() (told []any, err error) // puts them to use, or changes nothing; told is logged
}

// files are the file of the apps' secrets, if there is one.
func (s *appSource) files(apps *qimen.Apps) []secretFile {
	if s.file == "" {
		return nil
	}
	return []secretFile{{s.file, func() ([]any, error) {
		read, _, err := s.read(false)
		if err == nil {
			err = apps.Set(read...)
		}
		return []any{"apps", len(read)}, err
	}}}
}

// secretFiles are the files of the secrets that are shared with systems of the
// institution.
func (h *house) secretFiles() (all []secretFile) {
	for _, s := range h.systems {
		all = append(all, s.file())
	}
	return all
}

// reloadSecrets takes over what is in each file when it changes, and on SIGHUP,
// until the context ends. A file with a mistake changes nothing.
func reloadSecrets(ctx context.Context, files []secretFile, log *slog.Logger) {
	if len(files) == 0 {
		return
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGHUP)
	defer signal.Stop(asked)
	look := time.NewTicker(reloadEvery)
	defer look.Stop()
	seen := make([][sha256.Size]byte, len(files))
	for i, f := range files {
		seen[i] = digestOf(f.path)
	}
	for {
		all := false
		select {
		case <-ctx.Done():
			return
		case <-asked:
			all = true
		case <-look.C:
		}
		for i, f := range files {
			now := digestOf(f.path)
			if now == seen[i] && !all {
				continue
			}
			seen[i] = now
			told, err := f.take()
			if err != nil {
				log.Error("the secrets were not reloaded; those from before stay in use", "file", f.path, "error", err)
				continue
			}
			log.Info("the secrets were reloaded", append([]any{"file", f.path}, told...)...)
		}
	}
}

func digestOf(path string) [sha256.Size]byte {
	text, err := os.ReadFile(path)
	if err != nil {
		return [sha256.Size]byte{}
	}
	return sha256.Sum256(text)
}
