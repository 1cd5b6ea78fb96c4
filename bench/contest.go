package main

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// run does a piece of work n times.
type run func(n int) error

// contestant is one way to do the work; the first of a contest is ours.
type contestant struct {
	name string
	make func() (run, error)
}

var errRefused = errors.New("a contestant refused the published request: it does other work than the rest")

const (
	rounds = 7
	slice  = 200 * time.Millisecond
)

// race times the contestants in turn, A B C A B C …, so that a machine whose
// speed drifts favours nobody, and gives each one's nanoseconds for each round.
func race(field []contestant) ([][]float64, error) {
	runs := make([]run, len(field))
	counts := make([]int, len(field))
	for i, c := range field {
		r, err := c.make()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		if counts[i], err = calibrate(r); err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		runs[i] = r
	}
	times := make([][]float64, len(field))
	for range rounds {
		for i, r := range runs {
			start := time.Now()
			if err := r(counts[i]); err != nil {
				return nil, fmt.Errorf("%s: %w", field[i].name, err)
			}
			times[i] = append(times[i], float64(time.Since(start).Nanoseconds())/float64(counts[i]))
		}
	}
	return times, nil
}

// calibrate finds how often a work fits into a slice of time.
func calibrate(r run) (int, error) {
	for n := 1; ; n *= 4 {
		start := time.Now()
		if err := r(n); err != nil {
			return 0, err
		}
		if d := time.Since(start); d > slice/8 {
			return max(1, int(float64(n)*float64(slice)/float64(d))), nil
		}
	}
}

// median of the figures.
func median(figures []float64) float64 {
	sorted := slices.Sorted(slices.Values(figures))
	return sorted[len(sorted)/2]
}

// ratio is the median of a/b, round by round.
func ratio(a, b []float64) float64 {
	each := make([]float64, len(a))
	for i := range a {
		each[i] = a[i] / b[i]
	}
	return median(each)
}
