package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersion(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "tell which build this is",
		Args:  wants(0, noArguments),
		RunE: act(func(*cobra.Command, []string) error {
			return c.print(fmt.Sprintf("chudan %s %s %s/%s\n", build(), runtime.Version(), runtime.GOOS, runtime.GOARCH))
		}),
	}
}

// build is the module's version and, where the binary was built from a
// checkout, the commit and whether anything was changed in it.
func build() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	vcs := make(map[string]string)
	for _, s := range info.Settings {
		vcs[s.Key] = s.Value
	}
	text := info.Main.Version
	if commit := vcs["vcs.revision"]; commit != "" {
		text += fmt.Sprintf(" (%.12s, %s", commit, vcs["vcs.time"])
		if vcs["vcs.modified"] == "true" {
			text += ", modified"
		}
		text += ")"
	}
	return text
}
