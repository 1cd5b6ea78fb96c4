package main

import (
	stdjson "encoding/json"
	"fmt"
	"os"

	"github.com/go-json-experiment/json"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

const samplePath = "../examples/requests/performance-surety-bond.json"

// sampleBytes is the request that the API page publishes.
func sampleBytes() ([]byte, error) {
	data, err := os.ReadFile(samplePath)
	if err != nil {
		return nil, fmt.Errorf("run it in the folder bench: %w", err)
	}
	return data, nil
}

func sampleRequest() (*policy.Request, error) {
	data, err := sampleBytes()
	if err != nil {
		return nil, err
	}
	r, faults := qimen.Decode(data, qimen.DecodeOptions{})
	if len(faults) > 0 {
		return nil, fmt.Errorf("the sample does not decode: %v", faults)
	}
	return r, nil
}

// decisions are the parts of the way from bytes to a verdict, beside the two
// usual decoders.
func decisions() []contestant {
	return []contestant{
		{"from bytes to the verdict", decideFromBytes},
		{"  of it: decode, token by token, strict", decodeOnly},
		{"  of it: decode and shape, all faults", decodeAndShape},
		{"  of it: Decide (shape, sums, rules)", decideOnly},
		{"json v2 into a struct, decoding alone", decodeV2},
		{"encoding/json into a struct", decodeStd},
	}
}

func decideFromBytes() (run, error) {
	data, err := sampleBytes()
	if err != nil {
		return nil, err
	}
	catalog, err := products.Load(products.Library())
	if err != nil {
		return nil, err
	}
	return func(n int) error {
		for range n {
			r, faults := qimen.Decode(data, qimen.DecodeOptions{})
			if faults != nil {
				return errRefused
			}
			if d, err := policy.Decide(catalog, r); err != nil || d.Verdict() > policy.Note {
				return errRefused
			}
		}
		return nil
	}, nil
}

func decideOnly() (run, error) {
	r, err := sampleRequest()
	if err != nil {
		return nil, err
	}
	catalog, err := products.Load(products.Library())
	return func(n int) error {
		for range n {
			if d, err := policy.Decide(catalog, r); err != nil || d.Verdict() > policy.Note {
				return errRefused
			}
		}
		return nil
	}, err
}

func decodeOnly() (run, error) {
	data, err := sampleBytes()
	return func(n int) error {
		for range n {
			if _, faults := qimen.Decode(data, qimen.DecodeOptions{}); faults != nil {
				return errRefused
			}
		}
		return nil
	}, err
}

func decodeAndShape() (run, error) {
	data, err := sampleBytes()
	return func(n int) error {
		for range n {
			r, faults := qimen.Decode(data, qimen.DecodeOptions{})
			if faults != nil {
				return errRefused
			}
			if _, faults := policy.NewApplication(r); len(faults) > 0 {
				return errRefused
			}
		}
		return nil
	}, err
}

func decodeV2() (run, error) {
	data, err := sampleBytes()
	return func(n int) error {
		for range n {
			var r straightRequest
			if err := json.Unmarshal(data, &r); err != nil {
				return err
			}
		}
		return nil
	}, err
}

func decodeStd() (run, error) {
	data, err := sampleBytes()
	return func(n int) error {
		for range n {
			var r straightRequest
			if err := stdjson.Unmarshal(data, &r); err != nil {
				return err
			}
		}
		return nil
	}, err
}
