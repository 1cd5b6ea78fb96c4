package products

import (
	"bytes"
	"errors"
	"io/fs"
	"regexp"
	"strconv"
)

// LoadSource reads an edition from what Edition.Source gave: from an archive,
// long after its files have gone. It answers Problems where this program no
// longer takes what an earlier one took.
func LoadSource(source []byte) (*Edition, error) {
	text, sheets, err := UnpackSource(source)
	if err != nil {
		return nil, err
	}
	f := newFile("edition.yaml", text)
	f.beside = func(name string) *file {
		if data, ok := sheets[name]; ok {
			return newFile(name, data)
		}
		return &file{name: name, problems: Problems{unreadable(name, fs.ErrNotExist)}}
	}
	e, err := readAlone(f)
	if err == nil && !bytes.Equal(e.Source(), source) {
		return nil, errSource
	}
	return e, err
}

var (
	errSource = errors.New("products: this is not the source of an edition")
	sheetMark = regexp.MustCompile(`\n--- ([^\n/]+\.csv) ([0-9]{1,7})\n`)
)

// UnpackSource takes apart what Edition.Source gave: the edition's file, and the
// sheets beside it by their names.
func UnpackSource(source []byte) (edition []byte, sheets map[string][]byte, err error) {
	// A line that begins with --- ends a YAML document, so that the first mark is
	// no part of the edition's file; from there on each length leads to the next.
	mark := sheetMark.FindSubmatchIndex(source)
	if mark == nil {
		return source, nil, nil
	}
	edition, sheets = source[:mark[0]:mark[0]], make(map[string][]byte)
	for rest := source[mark[0]:]; len(rest) > 0; {
		m := sheetMark.FindSubmatchIndex(rest)
		if len(m) == 0 || m[0] != 0 {
			return nil, nil, errSource
		}
		name := string(rest[m[2]:m[3]])
		size, _ := strconv.Atoi(string(rest[m[4]:m[5]]))
		if rest = rest[m[1]:]; size > len(rest) {
			return nil, nil, errSource
		}
		sheets[name], rest = rest[:size:size], rest[size:]
	}
	return edition, sheets, nil
}
