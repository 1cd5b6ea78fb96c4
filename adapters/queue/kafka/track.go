package kafka

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
)

// place is a partition of a topic.
type place struct {
	topic     string
	partition int32
}

// track is what is known of a partition while it is ours: the messages that
// were handed out, in order, up to the first that is not done with.
type track struct {
	place
	open []offset
	next int64 // behind the last one that was handed out
	last int32 // the leader epoch of it
	gone bool  // the partition is somebody else's by now
}

type offset struct {
	at   int64
	done bool
}

// add notes a message that is handed out. Partitions are read in order.
func (t *track) add(r *kgo.Record) {
	t.open = append(t.open, offset{at: r.Offset})
	t.next, t.last = r.Offset+1, r.LeaderEpoch
}

// done notes that a message is done with, and tells whether more can be
// committed now.
func (t *track) done(at int64) bool {
	i, found := slices.BinarySearchFunc(t.open, at, func(o offset, at int64) int { return int(o.at - at) })
	if !found {
		return false
	}
	t.open[i].done = true
	n := 0
	for n < len(t.open) && t.open[n].done {
		n++
	}
	t.open = t.open[n:]
	return n > 0
}

// commit is the offset from which another consumer has to go on.
func (t *track) commit() kgo.EpochOffset {
	at := t.next
	if len(t.open) > 0 {
		at = t.open[0].at
	}
	return kgo.EpochOffset{Epoch: t.last, Offset: at}
}
