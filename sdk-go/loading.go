package motia

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"motia/gen"
)

var phases = map[string]gen.LoadPhase{"RESOLVE": gen.LoadPhase_LOAD_PHASE_RESOLVE, "COMPILE": gen.LoadPhase_LOAD_PHASE_COMPILE,
	"IMPORT": gen.LoadPhase_LOAD_PHASE_IMPORT, "CONFIG": gen.LoadPhase_LOAD_PHASE_CONFIG}

// load answers Load: what the files define was registered when the packages were initialised, before the session began.
func (s *session) load(ctx context.Context, load *gen.Load) {
	broken := map[string]FileError{}
	for _, problem := range s.build.Broken {
		broken[problem.Path] = problem
	}
	byFile := map[string][]*Step{}
	for _, step := range registered {
		path, err := filepath.Rel(s.build.Root, step.file)
		if err != nil {
			path = step.file
		}
		path = filepath.ToSlash(path)
		byFile[path] = append(byFile[path], step)
	}
	manifest := &gen.Manifest{Digest: load.GetDigest()}
	for _, file := range load.GetFiles() {
		path := file.GetPath()
		s.send(&gen.SidecarFrame{Frame: &gen.SidecarFrame_Loading{Loading: &gen.Loading{Path: path}}})
		for acknowledged := ""; acknowledged != path; {
			select {
			case acknowledged = <-s.loadingAcks:
			case <-ctx.Done(): // whoever asked has gone
				return
			}
		}
		problem, isBroken := broken[path]
		if !isBroken {
			problem = s.define(file, byFile[path], manifest)
		}
		if problem.Message != "" {
			manifest.Errors = append(manifest.Errors, &gen.FileError{Path: path, Phase: phases[problem.Phase], Message: problem.Message,
				Stack: problem.Stack, File: problem.File, Line: uint32(problem.Line), Column: uint32(problem.Column), MissingModule: problem.Missing})
		}
		delete(byFile, path)
	}
	for path, steps := range byFile {
		if !strings.Contains(path, ".step.") && !strings.Contains(path, "_step.") && !strings.Contains(path, ".stream.") && !strings.Contains(path, "_stream.") {
			fmt.Fprintf(os.Stderr, "motia: %s %q in %s will not run: only files called ….step.go are searched for steps\n", steps[0].kind, steps[0].name, path)
		}
	}
	s.send(&gen.SidecarFrame{Frame: &gen.SidecarFrame_Manifest{Manifest: manifest}})
}

// define adds what a file has registered to the manifest, all of it or nothing.
func (s *session) define(file *gen.SourceFile, steps []*Step, manifest *gen.Manifest) FileError {
	path, isStream := file.GetPath(), file.GetKind() == gen.FileKind_FILE_KIND_STREAM
	wrong := func(line int, format string, values ...any) FileError {
		return FileError{Path: path, Phase: "CONFIG", Message: fmt.Sprintf(format, values...), File: path, Line: line}
	}
	what := "var _ = motia.API(…), motia.Event(…), motia.Cron(…) or motia.Noop(…)"
	if isStream {
		what = "one var Items = motia.Stream[Item](…)"
	}
	if len(steps) == 0 || isStream && len(steps) > 1 {
		return wrong(0, "no config, or more than one: write %s at the top level of the file", what)
	}
	if len(steps) > 1 && !s.has("several-steps") {
		return wrong(steps[1].line, "this core takes one step of a file: upgrade motia-core, or move the others to files of their own")
	}
	keys := map[string]*Step{}
	var found []*gen.StepDefinition
	for i, step := range steps {
		if (step.kind == "stream") != isStream {
			return wrong(step.line, "a %s does not belong into this file: write %s", step.kind, what)
		}
		config, warnings, err := step.describe()
		if err != nil {
			return wrong(step.line, "the config is not JSON: %v", err)
		}
		if isStream {
			manifest.Streams = append(manifest.Streams, step.stream(path, warnings, config))
			s.steps[path] = step
			return FileError{}
		}
		key := ""
		if i > 0 {
			if key = step.name; key == "" {
				key = fmt.Sprintf("step %d", i+1)
			}
		}
		if other := keys[key]; other != nil {
			return wrong(step.line, "line %d and line %d both define a step called %q: rename one", other.line, step.line, key)
		}
		keys[key] = step
		found = append(found, &gen.StepDefinition{Path: path, Config: config, HasHandler: step.serve != nil, Warnings: warnings,
			MiddlewareCount: uint32(len(step.handlers)), Line: uint32(step.line), Key: key})
	}
	for key, step := range keys {
		name := path
		if key != "" {
			name += "#" + key
		}
		s.steps[name] = step
	}
	manifest.Steps = append(manifest.Steps, found...)
	return FileError{}
}
