package main

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	longestInit    = 10 * time.Second
	initialisedAll = "motia: initialised" // what motia.Main says to a probe
)

var (
	// What Go traces of a package whose initialisation is over.
	hasInitialised = regexp.MustCompile(`(?m)^init (\S+) @.*\n`)
	// A frame of the function that initialises a package, and where it was.
	initialising = regexp.MustCompile(`(?m)^(\S+)\.init(?:\.\d+|\.func\d+|\.ializers)*\([^\n]*\n\t(.+?):(\d+)`)
)

// probed is what came of starting the program just to see whether all packages can be initialised.
type probed struct {
	isWell, hangs bool
	done          map[string]bool // packages that were initialised
	text          string          // what it said last
	code          int
}

func (p *project) start() probed {
	ctx, cancel := context.WithTimeout(context.Background(), longestInit)
	defer cancel()
	command := exec.CommandContext(ctx, filepath.Join(p.build, "sidecar"))
	command.Dir = p.root
	command.Env = append(os.Environ(), "MOTIA_SIDECAR_PROBE=1", "GOTRACEBACK=all", "GODEBUG=inittrace=1")
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGQUIT) } // it says then where it hangs
	command.WaitDelay = time.Second
	var said, output bytes.Buffer
	command.Stdout, command.Stderr = &said, &output
	if err := command.Run(); err != nil && command.ProcessState == nil {
		fail("the program cannot be started: %v", err)
	}
	found := probed{isWell: strings.Contains(said.String(), initialisedAll), hangs: ctx.Err() != nil, done: map[string]bool{},
		code: command.ProcessState.ExitCode(), text: strings.TrimSpace(hasInitialised.ReplaceAllString(output.String(), ""))}
	for _, match := range hasInitialised.FindAllStringSubmatch(output.String(), -1) {
		found.done[match[1]] = true
	}
	return found
}

// probe notes what panics or hangs for every package that needs it; false: build again, without those.
func (p *project) probe(packages []goPackage) bool {
	found := p.start()
	if found.isWell {
		return true
	}
	why := problem{phase: "IMPORT", text: found.text, message: firstLine(found.text)}
	if found.hangs {
		why.message = "the package is still being initialised after " + longestInit.String()
	} else if !strings.Contains(found.text, "goroutine 1 [") {
		p.findExit(packages, found)
		return false
	}
	before := len(p.broken)
	for _, match := range initialising.FindAllStringSubmatch(found.text, -1) {
		name, err := url.PathUnescape(match[1]) // Go writes the dots of a last element as %2e
		if err != nil {
			name = match[1]
		}
		why.line, _ = strconv.Atoi(match[3])
		if file, err := filepath.Rel(p.root, match[2]); err == nil && filepath.IsLocal(file) {
			why.file = filepath.ToSlash(file)
		}
		if p.breaks(packages, name, why); len(p.broken) > before {
			return false
		}
	}
	fail("the program fails while its packages are initialised:\n%s", found.text)
	return false
}

// findExit looks which package ended the program, and left no trace: the first that does so alone.
func (p *project) findExit(packages []goPackage, found probed) {
	for _, one := range packages {
		if found.done[one.ImportPath] {
			continue
		}
		p.generate([]goPackage{one})
		if alone := []goPackage{one}; p.compile(alone) && p.start().isWell {
			continue
		}
		message := fmt.Sprintf("the package ended the process while it was initialised (exit code %d)", found.code)
		p.broken[one.Dir] = problem{phase: "IMPORT", message: message, text: found.text}
		return
	}
	fail("the program ends with code %d while its packages are initialised:\n%s", found.code, found.text)
}
