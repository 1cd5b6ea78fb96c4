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

// reloadApps exchanges the apps when their file changes, and on SIGHUP, until
// the context ends. A file with a mistake changes nothing.
func reloadApps(ctx context.Context, s *appSource, apps *qimen.Apps, log *slog.Logger) {
	if s.file == "" {
		return
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGHUP)
	defer signal.Stop(asked)
	look := time.NewTicker(reloadEvery)
	defer look.Stop()
	for seen := digestOf(s.file); ; {
		select {
		case <-ctx.Done():
			return
		case <-asked:
		case <-look.C:
			if digestOf(s.file) == seen {
				continue
			}
		}
		seen = digestOf(s.file)
		read, _, err := s.read(false)
		if err == nil {
			err = apps.Set(read...)
		}
		if err != nil {
			log.Error("the secrets were not reloaded; those from before stay in use", "file", s.file, "error", err)
			continue
		}
		log.Info("the secrets were reloaded", "file", s.file, "apps", len(read))
	}
}

func digestOf(path string) [sha256.Size]byte {
	text, err := os.ReadFile(path)
	if err != nil {
		return [sha256.Size]byte{}
	}
	return sha256.Sum256(text)
}
