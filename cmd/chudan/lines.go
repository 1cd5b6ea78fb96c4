package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
)

// inputLine is a line of standard input; err is set on the last one.
type inputLine struct {
	number int // counted from 1
	text   []byte
	err    error
}

// readLines reads lines as they come, so that whoever writes them may wait for
// the answers, and so that a signal ends the wait for the next one.
func readLines(in *bufio.Reader) <-chan inputLine {
	lines := make(chan inputLine)
	go func() {
		text, err := readLine(in)
		if err == nil && bytes.HasPrefix(text, []byte("{")) && !json.Valid(text) {
			text, err = joinLines(in, text)
		}
		for n := 1; ; n++ {
			lines <- inputLine{n, text, err}
			if err != nil {
				return
			}
			text, err = readLine(in)
		}
	}()
	return lines
}

// joinLines takes all of the input for one request, in lines as people write
// it, where it is one.
func joinLines(in *bufio.Reader, first []byte) ([]byte, error) {
	rest, err := in.Peek(max(0, in.Size()-len(first)))
	whole := append(append(first[:len(first):len(first)], '\n'), rest...)
	if err == io.EOF && json.Valid(whole) {
		return whole, io.EOF
	}
	return first, nil
}

// readLine reads a line; of one that is over the limit no more than is needed
// to show it.
func readLine(in *bufio.Reader) (line []byte, err error) {
	for more := true; more && err == nil; {
		var part []byte
		part, more, err = in.ReadLine()
		if len(line) <= maxRequest {
			line = append(line, part...)
		}
	}
	return line, err
}
