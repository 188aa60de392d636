// Command build makes one program of the Go steps of a project: build SDK PROJECT BUILD OUTPUT, with the step files, a line
// each, on standard input. Go's own cache makes it quick when little has changed.
//
// A package that cannot be built costs its own steps only: the program is built without it, and says in its manifest what is
// wrong with each of its files.
package main

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// project is what is built, and where.
type project struct {
	sdk, root, build, output string
	files                    []string           // below the root, with forward slashes
	overlay                  string             // for Go, where the project has no go.mod
	broken                   map[string]problem // by folder
}

func main() {
	if len(os.Args) != 5 {
		fail("usage: build SDK PROJECT BUILD OUTPUT < FILES")
	}
	p := &project{sdk: os.Args[1], root: os.Args[2], build: os.Args[3], output: os.Args[4], broken: map[string]problem{}}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if path := strings.TrimSpace(lines.Text()); path != "" {
			p.files = append(p.files, path)
		}
	}
	p.make()
}

// make builds the program, without the packages that cannot be.
func (p *project) make() {
	defer p.lock().Close()
	p.workspace()
	packages := p.usable(p.packages())
	p.generate(packages)
	for !p.compile(packages) || !p.probe(packages) {
		packages = slices.DeleteFunc(packages, func(one goPackage) bool { return p.broken[one.Dir].message != "" })
		p.generate(packages)
	}
	copyFile(filepath.Join(p.build, "sidecar"), filepath.Join(p.output, "sidecar"))
}

// lock waits until no other build uses the build folder, as one of check beside dev does.
func (p *project) lock() *os.File {
	file, err := os.OpenFile(filepath.Join(p.build, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err == nil {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
	}
	if err != nil {
		fail("the build folder cannot be locked: %v", err)
	}
	return file
}

// digest identifies the files and what is in them, as the core does.
func (p *project) digest() string {
	sum := sha256.New()
	for _, path := range p.files {
		content, _ := os.ReadFile(filepath.Join(p.root, path)) // a file that is gone is broken anyway
		fmt.Fprintf(sum, "%d:%d:%s", len(path), len(content), path)
		sum.Write(content)
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

func copyFile(from, to string) {
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, content, 0o755)
	}
	if err != nil {
		fail("%v", err)
	}
}

func fail(format string, values ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
	os.Exit(1)
}
