package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// built builds a project of the files, and gives the program's source.
func built(t *testing.T, files map[string]string) (string, *project) {
	t.Helper()
	root, build, output := filepath.Join(t.TempDir(), "a project"), t.TempDir(), t.TempDir()
	sdk, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	p := &project{sdk: sdk, root: root, build: build, output: output, broken: map[string]problem{}}
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".step.go") {
			p.files = append(p.files, name)
		}
	}
	p.make()
	source, err := os.ReadFile(filepath.Join(build, "main", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	return string(source), p
}

const step = "package a\n\nimport \"motia\"\n\nvar _ = motia.Noop(motia.NoopConfig{Name: \"A\"})\n"

func TestBrokenPackagesCostTheirOwnStepsOnly(t *testing.T) {
	source, p := built(t, map[string]string{
		"steps/a/a.step.go":     step,
		"steps/b/b.step.go":     "package b\n\nvar X int = \"a\"\n",
		"steps/c/c.step.go":     "package c\n\nfunc X() {\n",
		"steps/d/d.step.go":     "package d\n\nimport _ \"project/lib\"\n",
		"lib/lib.go":            "package lib\n\nvar X = y\n",
		"steps/e/e.step.go":     "package e\n\nimport _ \"example.org/nowhere\"\n",
		"steps/f/f.step.go":     "package f\n\nvar X = []int{}[1:][5]\n\nvar y = X\n",
		"steps/g/g.step.go":     "package main\n\nfunc main() {}\n",
		"steps/[h]/h.step.go":   "package h\n",
		"steps/i/i.step.go":     "package i\n\nvar X = y()\n\nfunc y() int { panic(\"on purpose\") }\n",
		"steps/j/j.step.go":     "package j\n\nimport \"os\"\n\nfunc init() { os.Exit(0) }\n",
		"steps/i/other.go":      "package i\n",
		"internal/k/k.step.go":  step,
		"steps/l.m/l.step.go":   "package l\n\nvar X = y()\n\nfunc y() int { panic(\"dotted\") }\n",
		"steps/a/plain_file.go": "package a\n",
	})
	for _, wanted := range []string{
		`_ "project/steps/a"`,
		`{Path: "steps/b/b.step.go", Phase: "COMPILE", Message: "cannot use \"a\"`,
		`Phase: "COMPILE", Message: "syntax error`,
		`{Path: "steps/d/d.step.go", Phase: "COMPILE", Message: "undefined: y"`,
		`File: "lib/lib.go", Line: 3`,
		`{Path: "steps/e/e.step.go", Phase: "RESOLVE"`,
		`Missing: "example.org/nowhere"`,
		`Message: "steps cannot be in package main`,
		`{Path: "steps/[h]/h.step.go", Phase: "RESOLVE", Message: "malformed import path`,
		`{Path: "steps/i/i.step.go", Phase: "IMPORT", Message: "panic: on purpose"`,
		`File: "steps/i/i.step.go", Line: 3`,
		`{Path: "internal/k/k.step.go", Phase: "RESOLVE", Message: "steps cannot be in a folder called internal`,
		`{Path: "steps/l.m/l.step.go", Phase: "IMPORT", Message: "panic: dotted"`,
		`{Path: "steps/j/j.step.go", Phase: "IMPORT", Message: "the package ended the process while it was initialised (exit code 0)"`,
	} {
		if !strings.Contains(source, wanted) {
			t.Errorf("%s is not in\n%s", wanted, source)
		}
	}
	if strings.Count(source, "\t_ \"") != 1 {
		t.Errorf("more than one package was built:\n%s", source)
	}
	if !exists(filepath.Join(p.output, "sidecar")) {
		t.Error("there is no program")
	}
}

func TestAProjectMayHaveAModuleOfItsOwn(t *testing.T) {
	sdk, _ := filepath.Abs("..")
	for _, requires := range []string{"", "require motia v0.0.0\n", "require motia v0.0.0\n\nreplace motia => " + sdk + "\n"} {
		source, _ := built(t, map[string]string{
			"go.mod":            "module shop\n\ngo 1.23\n\n" + requires,
			"steps/a/a.step.go": "package a\n\nimport (\n\t_ \"motia\"\n\t_ \"shop/lib\"\n)\n",
			"lib/lib.go":        "package lib\n",
		})
		if !strings.Contains(source, `_ "shop/steps/a"`) || strings.Contains(source, "Path:") {
			t.Error(requires, source)
		}
	}
}

func TestAProjectMayBeAWorkspace(t *testing.T) {
	t.Setenv("GOFLAGS", "-mod=mod -trimpath") // neither is for a program that is built and run in one place
	source, _ := built(t, map[string]string{
		"go.work":           "go 1.23\n\nuse (\n\t.\n\t./money\n)\n",
		"go.mod":            "module shop\n\ngo 1.23\n",
		"money/go.mod":      "module money\n\ngo 1.23\n",
		"money/money.go":    "package money\n",
		"steps/a/a.step.go": "package a\n\nimport _ \"money\"\n",
	})
	if strings.Contains(source, "Path:") {
		t.Error(source)
	}
}
