package sqlite

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Config says which file, and how much of what.
type Config struct {
	// Path of the database file. A missing file is created with mode 0600; its
	// directory must exist. It must not lie on a network file system.
	Path string

	Wait    time.Duration // for a lock that another process holds, before giving up; 0 is 5 s
	Batch   int           // drafts in one transaction at most; 0 is 256
	Readers int           // connections that read at the same time at most; 0 is 4

	// Lease is how long one call of Relay may take to publish its events; 0 is
	// a minute. What a process that was killed was at work on waits as long.
	Lease time.Duration
	Clock func() time.Time // tells when a lease has ended; nil is time.Now
}

func (c *Config) validate() error {
	var faults []error
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf("sqlite: "+format, args...))
		}
	}
	fault(c.Path == "", "Config.Path is empty; name the database file")
	fault(c.Path == ":memory:", "Config.Path %q is no file; for a store that forgets everything take adapters/memory", c.Path)
	fault(strings.ContainsRune(c.Path, 0), "Config.Path contains a zero byte")
	fault(c.Wait < 0, "Config.Wait %v is negative", c.Wait)
	fault(c.Batch < 0, "Config.Batch %d is negative", c.Batch)
	fault(c.Lease < 0, "Config.Lease %v is negative", c.Lease)
	fault(c.Readers < 0, "Config.Readers %d is negative", c.Readers)
	if c.Wait == 0 {
		c.Wait = 5 * time.Second
	}
	if c.Batch == 0 {
		c.Batch = 256
	}
	if c.Readers == 0 {
		c.Readers = 4
	}
	if c.Lease == 0 {
		c.Lease = time.Minute
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return errors.Join(faults...)
}
