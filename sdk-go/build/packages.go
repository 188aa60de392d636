package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// problem is why a package cannot be built, or be used.
type problem struct {
	phase, message, file, missing, text string
	line, column                        int
}

// goPackage is what `go list` says of a package with step files.
type goPackage struct {
	ImportPath, Name, Dir string
	Deps                  []string
	Error                 *listError
	DepsErrors            []*listError
}

type listError struct {
	ImportStack []string
	Pos, Err    string
}

var (
	missingPackage = regexp.MustCompile(`(?:provides package |cannot find package "?|^package )([^\s";]+)`)
	position       = regexp.MustCompile(`^(?:\./)?([^:\s]+\.go):(\d+)(?::(\d+))?(?:: )?`)
)

// packages asks Go about the packages of the step files.
func (p *project) packages() []goPackage {
	folders := []string{}
	for _, file := range p.files {
		if folder := "./" + path.Dir(file); !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
	}
	if len(folders) == 0 {
		return nil
	}
	command := p.goCommand("list", append([]string{"-e", "-json=ImportPath,Name,Dir,Deps,Error,DepsErrors"}, folders...)...)
	var wrong bytes.Buffer
	command.Stderr = &wrong
	text, err := command.Output()
	if err != nil {
		fail("the project's packages cannot be listed: %s", strings.TrimSpace(wrong.String()))
	}
	found := []goPackage{}
	for decoder, i := json.NewDecoder(bytes.NewReader(text)), 0; decoder.More(); i++ {
		var one goPackage
		if err := decoder.Decode(&one); err != nil {
			fail("`go list` said what cannot be read: %v", err)
		}
		if one.Dir == "" {
			one.Dir = filepath.Join(p.root, folders[i])
		}
		found = append(found, one)
	}
	slices.SortFunc(found, func(a, b goPackage) int { return strings.Compare(a.ImportPath, b.ImportPath) })
	return found
}

// usable leaves out packages that cannot even be compiled, and notes why.
func (p *project) usable(packages []goPackage) []goPackage {
	return slices.DeleteFunc(packages, func(one goPackage) bool {
		wrong := one.Error
		if wrong == nil && len(one.DepsErrors) > 0 {
			wrong = one.DepsErrors[0]
		}
		switch {
		case wrong != nil:
			text := strings.TrimSpace(wrong.Err)
			found := problem{phase: "RESOLVE", message: firstLine(text), text: text}
			if match := missingPackage.FindStringSubmatch(text); match != nil {
				found.missing = match[1]
			}
			found.at(wrong.Pos)
			p.broken[one.Dir] = found
		case slices.Contains(strings.Split(one.ImportPath, "/"), "internal"):
			p.broken[one.Dir] = problem{phase: "RESOLVE", message: "steps cannot be in a folder called internal: Go lets only its neighbours import it; " +
				"move the step file out, it may import that folder"}
		case one.Name == "main":
			p.broken[one.Dir] = problem{phase: "COMPILE", message: "steps cannot be in package main: give the package another name, such as " +
				`"package steps"; if the folder has a program, move one of them`}
		}
		return p.broken[one.Dir].message != ""
	})
}

func (f *problem) at(text string) {
	if match := position.FindStringSubmatch(text); match != nil {
		f.file = filepath.ToSlash(match[1])
		f.line, _ = strconv.Atoi(match[2])
		f.column, _ = strconv.Atoi(match[3])
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimSuffix(line, "; to add it:")
}

// compile builds the program. What the compiler says of a package is noted for every package that needs it; false: build
// again, without those.
func (p *project) compile(packages []goPackage) bool {
	output, err := p.goCommand("build", "-ldflags=-w", "-o", filepath.Join(p.build, "sidecar"), filepath.Join(p.build, "main")).CombinedOutput()
	if err == nil {
		return true
	}
	before := len(p.broken)
	for _, block := range strings.Split("\n"+string(output), "\n# ")[1:] {
		name, text, _ := strings.Cut(block, "\n")
		text = strings.TrimSpace(text)
		found := problem{phase: "COMPILE", message: firstLine(text), text: text}
		if found.at(text); found.line > 0 {
			found.message = position.ReplaceAllString(found.message, "")
		}
		p.breaks(packages, strings.TrimSpace(name), found)
	}
	if len(p.broken) == before {
		fail("%s", strings.TrimSpace(string(output)))
	}
	return false
}

// breaks notes a problem of a package for that package, or for all that import it.
func (p *project) breaks(packages []goPackage, name string, found problem) {
	for _, one := range packages {
		if one.ImportPath == name || slices.Contains(one.Deps, name) {
			p.broken[one.Dir] = found
		}
	}
}

func (p *project) goCommand(verb string, arguments ...string) *exec.Cmd {
	flags := []string{verb, "-buildvcs=false", "-trimpath=false"} // whatever GOFLAGS says; and no -mod: a workspace has its own
	inherited := slices.DeleteFunc(strings.Fields(os.Getenv("GOFLAGS")), func(flag string) bool { return strings.HasPrefix(flag, "-mod=") })
	if p.overlay != "" {
		flags = append(flags, "-overlay", p.overlay)
	}
	command := exec.Command("go", append(flags, arguments...)...)
	command.Dir = p.root
	command.Env = append(os.Environ(), "GOWORK="+filepath.Join(p.build, "go.work"), "GOFLAGS="+strings.Join(inherited, " "))
	return command
}

// problems are what is wrong, for each step file.
func (p *project) problems() string {
	var text strings.Builder
	for _, file := range p.files {
		found, ok := p.broken[filepath.Join(p.root, path.Dir(file))]
		if !ok {
			continue
		}
		if found.file == "" {
			found.file = file
		}
		fmt.Fprintf(&text, "\t\t{Path: %q, Phase: %q, Message: %q, Stack: %q, File: %q, Line: %d, Column: %d, Missing: %q},\n",
			file, found.phase, found.message, found.text, found.file, found.line, found.column, found.missing)
	}
	return text.String()
}
