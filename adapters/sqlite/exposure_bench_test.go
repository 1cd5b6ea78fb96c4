package sqlite_test

import (
	"fmt"
	"testing"

	"github.com/chudan-io/chudan/policy"
)

// BenchmarkExposure measures what it takes from callers that their policies
// count for one subject, the same for all, beside policies that count for none:
//
//	go test -run '^$' -bench 'Exposure$' -benchtime 20000x ./adapters/sqlite
func BenchmarkExposure(b *testing.B) {
	for _, callers := range []int{1, 64} {
		stores := [2]*stored{newStored(b, "counting", 0), newStored(b, "counting", 0)}
		stores[1].subjects = []policy.Subject{subject(1)}
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) { b.ReportMetric(inTurns(b, stores, callers), "of:without") })
	}
}

// many is how many policies a subject may have.
const many = 100_000

// BenchmarkExposureGrowth measures what it takes from them that very many
// policies of the subject are in force already, beside one of ten; both files
// hold as many rows:
//
//	go test -run '^$' -bench ExposureGrowth -benchtime 20000x ./adapters/sqlite
func BenchmarkExposureGrowth(b *testing.B) {
	for _, callers := range []int{1, 64} {
		stores := [2]*stored{newStored(b, "counting", many), newStored(b, "counting", many)}
		for i, size := range []int{10, many} {
			stores[i].subjects = []policy.Subject{subject(1)}
			count(b, stores[i], size, `+ 1 + i`)
		}
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) { b.ReportMetric(inTurns(b, stores, callers), "of:ten") })
	}
}

// BenchmarkInForce is what it costs to ask, and what it does where very many
// have expired since the last draft of the subject:
//
//	go test -run '^$' -bench InForce -benchtime 1s ./adapters/sqlite
func BenchmarkInForce(b *testing.B) {
	for _, c := range []struct {
		name  string
		size  int
		until string
	}{{"ten", 10, `+ 1 + i`}, {"many", many, `+ 1 + i`}, {"many-expired", many, `- i`}} {
		s := newStored(b, "counting", 0)
		count(b, s, c.size, c.until)
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.InForce(b.Context(), noon, []policy.Subject{subject(1)}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// count has so many of many policies count for the one subject, and the others
// for subjects of their own, until noon and some microseconds more or less.
func count(b *testing.B, s *stored, size int, until string) {
	err := s.Exec(b.Context(), fmt.Sprintf(`WITH RECURSIVE series(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM series WHERE i < %d)
		INSERT INTO exposure SELECT iif(i <= %d, x'%x', randomblob(16)), %d %s, i, 10000 FROM series`, many, size, subject(1), noon.UnixMicro(), until))
	if err != nil {
		b.Fatal(err)
	}
}
