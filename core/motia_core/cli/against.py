"""What `motia-core check --against` compares with, and how it shows what breaks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from motia_core.cli.failing import CommandError, WrongUseError
from motia_core.cli.layout import INDENT, Layout

if TYPE_CHECKING:
    from motia_core.model.evolution import Change, Contracts
    from motia_core.model.project import Project


def write_contracts(file: Path, project: Project) -> None:
    """Keep the contracts of a project in a file, for `--against` later.

    Raises:
        CommandError: The file cannot be written.
    """
    from motia_core.model.evolution import contracts_of

    text = json.dumps(contracts_of(project), indent=2, ensure_ascii=False, sort_keys=True)
    try:
        file.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"cannot write {file}: {error.strerror}") from error


def changes_since(ctx: click.Context, root: Path, before: str, project: Project) -> Sequence[Change]:
    """What breaks between `before`, a file of contracts or a git revision, and the project as it is now.

    Raises:
        WrongUseError: It is neither, or cannot be read.
    """
    from motia_core.model.evolution import breaking_changes, contracts_of

    file = Path(before)
    old = _read(file) if file.is_file() else _of_revision(ctx, root, before)
    return breaking_changes(old, contracts_of(project))


def changes_text(changes: Sequence[Change], before: str, layout: Layout) -> list[str]:
    """The changes as lines."""
    if not changes:
        return [layout.green(f"nothing breaks compared with {before}")]
    lines = [layout.bold(f"compared with {before}")]
    for change in changes:
        lines += layout.paragraph(f"breaks {change.breaks}: {change.what}", f"{INDENT}{layout.red('✗')} ", INDENT * 2)
        lines.append(layout.dim(f"{INDENT * 2}{change.file}{change.step and f'  {change.step}'}"))
    return lines


def describe_change(change: Change) -> dict[str, object]:
    """A change as a JSON-able value."""
    return {"breaks": change.breaks.value, "what": change.what, "file": change.file, "step": change.step or None}


def _read(file: Path) -> Contracts:
    from motia_core.model.evolution import FORMAT

    remedy = "write one with `motia-core check --write-contracts FILE`"
    try:
        found: Any = json.loads(file.read_bytes())
    except OSError as error:
        raise WrongUseError(f"{file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise WrongUseError(f"{file} is no file of contracts: {error}", remedy) from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise WrongUseError(f"{file} is no file of contracts of format {FORMAT}", remedy)
    return found


def _of_revision(ctx: click.Context, root: Path, revision: str) -> Contracts:
    from motia_core.cli.loading import failed, loaded_project
    from motia_core.model.evolution import contracts_of
    from motia_core.project.revision import RevisionError, checked_out

    try:
        with checked_out(root, revision) as folder:
            old = loaded_project(ctx, folder)
    except RevisionError as error:
        remedy = "name a file of contracts, or a branch, tag or commit"
        raise WrongUseError(f"cannot compare with {revision!r}: {error}", remedy) from error
    if what := failed(old):
        click.echo(f"{what} of {revision} failed to load and cannot be compared", err=True)
    return contracts_of(old)
