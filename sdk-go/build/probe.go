package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const longestInit = 20 * time.Second

var initialised = regexp.MustCompile(`(?m)^(\S+)\.init(?:\.\d+|\.func\d+|\.ializers)*\([^\n]*\n\t(\S+):(\d+)`)

// probe starts the program just to see whether all packages can be initialised. What panics is noted for every package that
// needs it; false: build again, without those.
func (p *project) probe(packages []goPackage) bool {
	ctx, cancel := context.WithTimeout(context.Background(), longestInit)
	defer cancel()
	command := exec.CommandContext(ctx, filepath.Join(p.build, "sidecar"))
	command.Dir, command.Env = p.root, append(os.Environ(), "MOTIA_SIDECAR_PROBE=1", "GOTRACEBACK=all")
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGQUIT) } // it says then where it hangs
	command.WaitDelay = time.Second
	var output bytes.Buffer
	command.Stderr = &output
	err := command.Run()
	if err == nil {
		return true
	}
	text := strings.TrimSpace(output.String())
	found := problem{phase: "IMPORT", text: text, message: firstLine(text)}
	if ctx.Err() != nil {
		found.message = "the package is still being initialised after " + longestInit.String()
	} else if !strings.Contains(text, "goroutine 1 [") {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			fail("the program ends with %s while its packages are initialised:\n%s", exit, text)
		}
		fail("the program cannot be started: %v", err)
	}
	before := len(p.broken)
	for _, match := range initialised.FindAllStringSubmatch(text, -1) {
		found.line, _ = strconv.Atoi(match[3])
		if file, err := filepath.Rel(p.root, match[2]); err == nil && filepath.IsLocal(file) {
			found.file = filepath.ToSlash(file)
		}
		p.breaks(packages, match[1], found)
		if len(p.broken) > before {
			return false
		}
	}
	fail("the program fails while its packages are initialised:\n%s", text)
	return false
}
