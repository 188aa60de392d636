"""`motia-core generate`: load the project and write what describes it to others."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from motia_core.cli.failing import CommandError
from motia_core.cli.loading import PROBLEMS_FOUND, failed, loaded_project
from motia_core.cli.options import project_argument, settings_of

if TYPE_CHECKING:
    from motia_core.model.description.info import Info
    from motia_core.model.project import Project

Command = TypeVar("Command", bound=Callable[..., Any])
Render = Callable[["Project", "Info", str], str]  # from a project, what it says about itself and its URL to a text
STANDARD_OUTPUT = "-"


def _options(output: str) -> Callable[[Command], Command]:
    """`-t`, `-v` and `-o`, as in 0.x."""

    def add(command: Command) -> Command:
        title = "Title.  [default: name in package.json]"
        version = "Version of the API.  [default: version in package.json, or 1.0.0]"
        target = "File to write; - is standard output."
        command = click.option("-o", "--output", default=output, show_default=True, metavar="FILE", help=target)(
            command
        )
        command = click.option("-v", "--version", "api_version", help=version)(command)
        command = click.option("-t", "--title", help=title)(command)
        return project_argument(command)

    return add


@click.group()
def generate() -> None:
    """Write what describes the project to others: API descriptions, a client."""


@generate.command()
@_options("openapi.json")
@click.pass_context
def openapi(ctx: click.Context, project: Path, title: str | None, api_version: str | None, output: str) -> None:
    """Write the api steps as an OpenAPI 3.1 document."""

    def render(loaded: Project, info: Info, url: str) -> str:
        from motia_core.model.description.openapi import openapi as document

        return _json(document(loaded, info, [url]))

    _write(ctx, project, title, api_version, output, render)


@generate.command()
@_options("asyncapi.json")
@click.pass_context
def asyncapi(ctx: click.Context, project: Path, title: str | None, api_version: str | None, output: str) -> None:
    """Write the topics and streams as an AsyncAPI 3.0 document."""

    def render(loaded: Project, info: Info, url: str) -> str:
        from motia_core.model.description.asyncapi import asyncapi as document

        return _json(document(loaded, info, [url]))

    _write(ctx, project, title, api_version, output, render)


@generate.command()
@_options("motia-client.ts")
@click.pass_context
def client(ctx: click.Context, project: Path, title: str | None, api_version: str | None, output: str) -> None:
    """Write a typed client of the api steps: one TypeScript file without dependencies."""

    def render(loaded: Project, info: Info, url: str) -> str:
        from motia_core.model.description.client import typescript_client

        return typescript_client(loaded, info)

    _write(ctx, project, title, api_version, output, render)


def _write(
    ctx: click.Context, project: Path, title: str | None, api_version: str | None, output: str, render: Render
) -> None:
    settings = settings_of(project)
    loaded = loaded_project(ctx, project)
    from dataclasses import replace

    from motia_core.cli.client import default_url
    from motia_core.project.package import project_info

    info = project_info(settings.project)
    info = replace(info, title=title or info.title, version=api_version or info.version)
    text = render(loaded, info, default_url(settings.http))
    if output == STANDARD_OUTPUT:
        sys.stdout.write(text)
    else:
        try:
            Path(output).write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"cannot write {output}: {error.strerror}", "choose another file with -o") from error
        click.echo(f"{output}: written", err=True)
    if what := failed(loaded):
        click.echo(f"{what} failed to load and cannot be in it: run `motia-core check`", err=True)
        ctx.exit(PROBLEMS_FOUND)


def _json(document: object) -> str:
    return f"{json.dumps(document, indent=2, ensure_ascii=False)}\n"


@generate.command()
@project_argument
@click.option("--flow", "flow_id", metavar="NAME", help="Only this flow.")
@click.option(
    "-o",
    "--output",
    default=STANDARD_OUTPUT,
    show_default=True,
    metavar="FILE_OR_FOLDER",
    help="File to write, or a folder for one file of each flow; - is standard output.",
)
@click.pass_context
def mermaid(ctx: click.Context, project: Path, flow_id: str | None, output: str) -> None:
    """Write the flows as Mermaid flowcharts."""
    from motia_core.model.flows import flows_of
    from motia_core.model.flows import mermaid as flowchart

    loaded = loaded_project(ctx, project)
    flows = [flow for flow in flows_of(loaded.steps) if flow_id in (None, flow.id)]
    if not flows:
        raise CommandError(f"there is no flow {flow_id!r}" if flow_id else "the project has no steps")
    target = Path(output)
    if output == STANDARD_OUTPUT:
        click.echo("\n".join(flowchart(flow) for flow in flows), nl=False)
    elif target.is_dir() or output.endswith("/"):
        target.mkdir(parents=True, exist_ok=True)
        for flow in flows:
            (target / f"{flow.id.replace('/', '-')}.mmd").write_text(flowchart(flow), "utf-8")
    else:
        target.write_text("\n".join(flowchart(flow) for flow in flows), "utf-8")
    if failed(loaded):
        ctx.exit(PROBLEMS_FOUND)
