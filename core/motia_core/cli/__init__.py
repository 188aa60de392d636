"""The command line: `motia-core`. docs/cli.md describes the commands and their exit codes."""

from __future__ import annotations

import click

from motia_core.cli.attaching import sidecar
from motia_core.cli.backup import backup, restore
from motia_core.cli.configuring import config
from motia_core.cli.conforming import conformance
from motia_core.cli.creating import create
from motia_core.cli.cron import cron
from motia_core.cli.dockering import docker
from motia_core.cli.emit import emit
from motia_core.cli.examining import doctor
from motia_core.cli.failing import Commands
from motia_core.cli.generate import generate
from motia_core.cli.installing import install
from motia_core.cli.letters import dlq
from motia_core.cli.loading import check, routes
from motia_core.cli.queues import queues
from motia_core.cli.scaffolding import step, stream
from motia_core.cli.serving import dev, serve
from motia_core.cli.test_server import test_server
from motia_core.cli.types import generate_types
from motia_core.cli.version import version
from motia_core.cli.watching import logs, top, trace, traces


@click.group(
    cls=Commands,
    commands=[
        create,
        install,
        dev,
        serve,
        sidecar,
        test_server,
        routes,
        check,
        doctor,
        generate,
        generate_types,
        config,
        docker,
        conformance,
        emit,
        traces,
        trace,
        logs,
        top,
        dlq,
        cron,
        queues,
        backup,
        restore,
        version,
    ],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--debug", is_flag=True, help="Show debug records, and a traceback when something fails.")
def main(debug: bool) -> None:
    """Run projects whose steps are written in TypeScript, JavaScript, Python, Go and Ruby."""


generate.add_command(step)
generate.add_command(stream)

__all__ = ["main"]
