"""`motia-core doctor`."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from motia_core.cli.findings import Finding, Level, described, shown
from motia_core.cli.options import json_option, project_argument, settings_of
from motia_core.settings import Settings

if TYPE_CHECKING:
    from motia_core.model.project import Problem, Project
    from motia_core.project.sources import Source

PROBLEMS_FOUND = 1  # exit code
RENAMED_SCRIPTS = ("motia cloud", "motia rules")


@click.command()
@project_argument
@json_option
@click.pass_context
def doctor(ctx: click.Context, project: Path, as_json: bool) -> None:
    """Say what works in a project, what is different here from Motia 0.x, what is missing, and what to do.

    The exit code is 1 when something does not work.
    """
    settings = settings_of(project)
    from motia_core.cli.layout import Layout
    from motia_core.cli.loading import loaded_project

    loaded = loaded_project(ctx, project)
    findings = list(examine(settings, loaded))
    if as_json:
        import orjson

        click.echo(orjson.dumps([described(finding) for finding in findings], option=orjson.OPT_INDENT_2))
    else:
        layout = Layout.of(sys.stdout)
        click.echo("\n".join(shown(findings, layout)), color=layout.has_colour)
    ctx.exit(PROBLEMS_FOUND if any(finding.level == "error" for finding in findings) else 0)


def examine(settings: Settings, project: Project) -> Iterator[Finding]:
    """Everything that is to be said, section by section."""
    from motia_core.cli.machine import languages, machine
    from motia_core.project.sources import read_sources

    sources = list(read_sources(settings.project))
    yield from languages(settings, frozenset(file.group for file in project.files))
    yield from _packages(settings, project.problems)
    yield from _files(project)
    yield from _variables(settings, sources)
    yield from _differences(project.problems, sources)
    yield from machine(settings)


def _packages(settings: Settings, problems: Sequence[Problem]) -> Iterator[Finding]:
    """What is installed, and which packages keep steps from loading."""
    from motia_core.project.dependencies import DependencyError, manifest_of, node_tool, upstream_packages
    from motia_core.project.provided import has_foreign_command

    missing: dict[tuple[str, str], list[str]] = defaultdict(list)
    for problem in problems:
        if problem.missing_module and "no such file" not in problem.remedy:
            missing[problem.missing_module, problem.remedy].append(problem.file)
    for (module, remedy), files in sorted(missing.items(), key=lambda entry: -len(entry[1])):
        blocked = f"{len(files)} {'file' if len(files) == 1 else 'files'}"
        yield Finding("packages", "error", f"{module} is missing: {blocked} cannot be loaded", remedy, tuple(files))
    try:
        manifest = manifest_of(settings.project)
    except DependencyError as error:
        yield Finding("packages", "error", str(error), error.remedy)
        return
    if manifest:
        tool, _ = node_tool(settings.project, manifest)
        yield Finding("packages", "ok", f"npm packages are installed with {tool}")
    if theirs := upstream_packages(manifest):
        what = f"{', '.join(theirs)} in package.json: not used here, imports of them are answered by motia-core"
        yield Finding("packages", "differs", what, "they may stay; removing them makes installations faster")
    if has_foreign_command(settings.project):
        what = "scripts of package.json that say `motia` run the npm package, not motia-core"
        yield Finding("packages", "warning", what, "motia-core install")
    scripts = manifest.get("scripts")
    for name, script in scripts.items() if isinstance(scripts, dict) else ():
        if isinstance(script, str) and script.startswith(RENAMED_SCRIPTS):
            yield Finding("packages", "warning", f"the script {name} runs `{script}`, which is not there")


def _files(project: Project) -> Iterator[Finding]:
    """What loads, and what does not for other reasons than packages."""
    total = sum(file.kind == "step" for file in project.files)
    level: Level = "ok" if len(project.steps) == total else "warning"
    yield Finding("steps", level, f"{len(project.steps)} of {total} steps are loaded")
    for problem in project.problems:
        is_package = problem.missing_module and "no such file" not in problem.remedy
        if is_package or (problem.file.startswith("motia.config") and problem.severity == "warning"):
            continue
        place = f"{problem.file}:{problem.line}" if problem.line else problem.file
        level = "error" if problem.severity == "error" else "warning"
        yield Finding("steps", level, problem.cause, problem.remedy, (place,))


def _variables(settings: Settings, sources: Sequence[Source]) -> Iterator[Finding]:
    from motia_core.project.env import sidecar_environment
    from motia_core.project.variables import missing_variables

    try:
        example = (settings.project / ".env.example").read_text("utf-8", errors="replace")
    except OSError:
        example = ""
    found = missing_variables(sources, sidecar_environment(settings.project), example)
    for one in found:
        when = "is not set, and read while its files are loaded" if one.at_import else "is not set"
        remedy = f"set {one.name} in .env" + ("; .env.example has it" if one.is_declared else "")
        places = tuple(f"{place.file}:{place.line}" for place in one.places)
        yield Finding("environment variables", "warning", f"{one.name} {when}", remedy, places)
    if not found:
        yield Finding("environment variables", "ok", "all variables that are read without a default are set")


def _differences(problems: Sequence[Problem], sources: Sequence[Source]) -> Iterator[Finding]:
    from motia_core.project.differences import differences

    for problem in problems:
        if problem.file.startswith("motia.config") and problem.severity == "warning":
            yield Finding("different from Motia 0.x", "differs", f"{problem.file}: {problem.cause}", problem.remedy)
    for one in differences(sources):
        level: Level = "differs" if one.is_supported else "warning"
        yield Finding("different from Motia 0.x", level, one.what, one.remedy, one.places)
