"""`motia`: the commands and flags of Motia 0.x, which scripts in package.json use. Each leads to one of ours."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from motia_core import __version__
from motia_core.cli import main as ours
from motia_core.cli.failing import Commands, WrongUseError
from motia_core.cli.loading import PROBLEMS_FOUND, loaded_project
from motia_core.project.config_file import NAMES as CONFIG_FILES

MERMAID_FOLDER = ".mermaid/"
GONE = {
    "cloud": "there is no cloud here: run `motia-core serve` where you like",
    "rules": "there are no rule files for assistants here",
}


def run(*arguments: str | None) -> None:
    """Run one of our commands to its end; arguments that are None are left out."""
    ours.main(args=[argument for argument in arguments if argument is not None], prog_name="motia-core")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(__version__, "-V", "--version", prog_name="motia-core")
@click.option("--debug", is_flag=True, help="Show debug records, and a traceback when something fails.")
def main(debug: bool) -> None:
    """Motia 0.x projects on motia-core: the commands that they know."""


def _serving(name: str) -> click.Command:
    """`motia dev` and `motia start`."""

    @click.option("-p", "--port", help="Port.  [default: 3000]")
    @click.option("-H", "--host", help="Address to listen on.  [default: 127.0.0.1]")
    @click.option("-d", "--debug", is_flag=True, help="Show debug records.")
    @click.option("-m", "--mermaid", is_flag=True, help=f"Write the flows as Mermaid flowcharts into {MERMAID_FOLDER}.")
    @click.option("-v", "--disable-verbose", is_flag=True, help="Of no meaning here.")
    @click.option("--verbose", is_flag=True, help="Of no meaning here.")
    @click.option("--motia-dir", help="Where data is kept.  [default: .motia-core]")
    def serve(
        port: str | None,
        host: str | None,
        debug: bool,
        mermaid: bool,
        disable_verbose: bool,
        verbose: bool,
        motia_dir: str | None,
    ) -> None:
        if mermaid:
            ours.main(["generate", "mermaid", "-o", MERMAID_FOLDER], "motia-core", standalone_mode=False)
        given = {"--port": port, "--host": host, "--data-dir": motia_dir}
        flags = [text for flag, value in given.items() if value is not None for text in (flag, value)]
        run("--debug" if debug else None, name, *flags)

    return click.command(help=f"motia-core {name}: run the project in the current folder.")(serve)


main.add_command(_serving("dev"), "dev")
main.add_command(_serving("serve"), "start")


@main.command()
@click.pass_context
def build(ctx: click.Context) -> None:
    """Check the project. Nothing has to be built: `motia start` runs the sources.

    The exit code is 1 where the build of 0.x failed, too: files that do not load, steps or routes that are there twice.
    """
    project = loaded_project(ctx, Path())
    from motia_core.cli import overview
    from motia_core.cli.layout import Layout

    layout = Layout.of(sys.stdout)
    lines = [*overview.problems(project.problems, layout), overview.loaded(project, layout)]
    click.echo("\n".join(lines), color=layout.has_colour)
    configs = {name for names in CONFIG_FILES.values() for name in names}  # plugins and adapters do no harm
    if any(problem.severity == "error" or problem.file not in configs for problem in project.problems):
        ctx.exit(PROBLEMS_FOUND)
    click.echo("nothing has to be built: `motia start` runs the sources")


@main.command("generate-types")
def generate_types() -> None:
    """motia-core generate-types."""
    run("generate-types")


@main.command()
@click.option("--topic", required=True, help="Topic.")
@click.option("--message", required=True, help="Data, as JSON.")
@click.option("-p", "--port", help="Port of the core.")
def emit(topic: str, message: str, port: str | None) -> None:
    """motia-core emit."""
    run("emit", topic, message, *(("--port", port) if port else ()))


@main.command()
@click.option("-v", "--verbose", is_flag=True, help="Show what the tools print.")
def install(verbose: bool) -> None:
    """motia-core install."""
    run("install", "--verbose" if verbose else None)


@main.command()
@click.argument("name", required=False)
@click.option("-t", "--template", help="Template.")
@click.option("-p", "--plugin", is_flag=True, help="Not there.")
@click.option("-i", "--interactive", is_flag=True, help="Ask, as is usual on a terminal.")
@click.option("--skip-redis", is_flag=True, help="Of no meaning here: there is no Redis.")
def create(name: str | None, template: str | None, plugin: bool, interactive: bool, skip_redis: bool) -> None:
    """motia-core create."""
    if plugin:
        raise WrongUseError("there is no template for plugins", "what they did is built in, or a step")
    run("create", name, *(("--template", template) if template else ()))


@main.command("get-config")
@click.option("--output", default=".", show_default=True, help="Folder.")
@click.pass_context
def get_config(ctx: click.Context, output: str) -> None:
    """Write what is known of the steps to motia.steps.json."""
    import orjson

    from motia_core.workbench.describe import describe_step

    project = loaded_project(ctx, Path())
    file = Path(output) / "motia.steps.json"
    steps = {step.path: describe_step(step) for step in project.steps}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(orjson.dumps({"steps": steps}, option=orjson.OPT_INDENT_2))
    click.echo(f"{file}: written")


@main.command()
def version() -> None:
    """motia-core version."""
    run("version")


def _gone(name: str, instead: str) -> click.Command:
    @click.argument("rest", nargs=-1, type=click.UNPROCESSED)
    def refuse(rest: tuple[str, ...]) -> None:
        raise WrongUseError(f"motia-core has no `motia {name}`", instead)

    settings = {"ignore_unknown_options": True, "help_option_names": []}
    return click.command(help="Not there.", hidden=True, context_settings=settings)(refuse)


for _name, _instead in GONE.items():
    main.add_command(_gone(_name, _instead), _name)
main.add_command(ours.commands["docker"], "docker")
main.add_command(ours.commands["generate"], "generate")
