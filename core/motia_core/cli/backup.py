"""`motia-core backup` and `motia-core restore`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from motia_core.cli.options import json_option, project_argument, settings_of

Command = TypeVar("Command", bound=Callable[..., Any])
NOUNS = {
    "deliveries": ("delivery", "deliveries"),
    "dead_letters": ("dead letter", "dead letters"),
    "state": ("state value", "state values"),
    "stream_items": ("stream item", "stream items"),
}


def _file(command: Command) -> Command:
    return click.argument("file", type=click.Path(path_type=Path, dir_okay=False))(command)


def _data_dir(command: Command) -> Command:
    place = click.Path(path_type=Path)
    return click.option("--data-dir", type=place, help="Where data is kept.  [default: .motia-core]")(command)


@click.command()
@_file
@project_argument
@_data_dir
@click.option("--force", is_flag=True, help="Replace FILE when it is there.")
@json_option
def backup(file: Path, project: Path, data_dir: Path | None, force: bool, as_json: bool) -> None:
    """Save what the project's store holds to FILE. A core may be running."""
    settings = settings_of(project, {"data_dir": data_dir})
    if settings.store.url:
        from motia_core.store.postgres.backup import save as save_shared

        counts = save_shared(settings.store.url, file, force=force)
    else:
        from motia_core.store.backup import save

        counts = save(settings.project / settings.data_dir, file, force=force)
    _show("saved", counts, f"to {file}", as_json=as_json)


@click.command()
@_file
@project_argument
@_data_dir
@click.option("--force", is_flag=True, help="Replace what the store holds.")
@json_option
def restore(file: Path, project: Path, data_dir: Path | None, force: bool, as_json: bool) -> None:
    """Bring FILE, made by backup, into the project's store. No core may be running."""
    settings = settings_of(project, {"data_dir": data_dir})
    if settings.store.url:
        from motia_core.store.postgres.backup import restore as restore_shared

        counts, where = restore_shared(file, settings.store.url, force=force), "to the database of store.url"
    else:
        from motia_core.store.backup import restore as restore_own

        directory = settings.project / settings.data_dir
        counts, where = restore_own(file, directory, force=force), f"to {directory}"
    _show("restored", counts, where, as_json=as_json)


def _show(done: str, counts: Mapping[str, int], where: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({done: dict(counts)}, indent=2))
        return
    nouns = [f"{counts[table]} {one if counts[table] == 1 else many}" for table, (one, many) in NOUNS.items()]
    click.echo(f"{done} {', '.join(nouns)} {where}")
