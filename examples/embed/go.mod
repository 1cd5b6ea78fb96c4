module github.com/chudan-io/chudan/examples/embed

go 1.26.0

require github.com/chudan-io/chudan v0.0.0

replace github.com/chudan-io/chudan => ../..
