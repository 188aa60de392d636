"""`motia-core conformance`: whether an SDK keeps the rules of the protocol."""

from __future__ import annotations

from pathlib import Path

import click

LEVELS = ("1", "2", "3", "wire")


@click.command("conformance")
@click.argument("sdk")
@click.option(
    "--level", "levels", type=click.Choice(LEVELS), multiple=True, help="Only cases of this level; repeatable."
)
@click.option(
    "--case", "cases", metavar="GLOB", default="*", help="Only cases with such a name: l1_invoke/echo, 'state*'."
)
@click.option("--profile", default="", help="Only under these settings: default, one_slot, tcp, …")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep the projects that are made in this folder.")
@click.option("--table", is_flag=True, help="Print only the table for the SDK's README.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def conformance(
    sdk: str, levels: tuple[str, ...], cases: str, profile: str, keep: Path | None, table: bool, as_json: bool
) -> None:
    """Run the conformance cases against SDK.

    SDK is a folder with an sdk.toml, or one of python, node, go and ruby.
    """
    from motia_core.cli.conforming_output import Output
    from motia_core.conformance import run

    output = Output.of(table=table, as_json=as_json)
    report = run(sdk, levels=levels or LEVELS, cases=cases, profile=profile, keep=keep, told=output.told)
    output.ended(report)
    if not report.is_green:
        raise click.exceptions.Exit(1)
