"""What we put into a project's node_modules: the types of `motia` for editors, and the command `motia` for scripts.

At run time nobody follows the link: the sidecar answers imports of `motia` itself.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from motia_core.project.discover import discover

MARK = "# by motia-core install"


def link_types(project: Path, sdk: Path) -> bool:
    """Make a link to our SDK, where the project has steps in TypeScript or JavaScript and no package of that name;
    whether it was made.

    Args:
        sdk: The folder of the Node SDK.

    Raises:
        OSError: It cannot be made.
    """
    link = project / "node_modules" / "motia"
    if link.exists() or not any(file.group == "node" for file in discover(project).files):
        return False
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)  # one that leads nowhere: the SDK has moved
    link.symlink_to(sdk, target_is_directory=True)
    return True


def has_foreign_command(project: Path) -> bool:
    """Whether scripts of package.json that say `motia` run the command of the npm package of that name."""
    command = project / "node_modules" / ".bin" / "motia"
    return (command.exists() or command.is_symlink()) and not _is_ours(command)


def take_command(project: Path, ours: Path) -> bool:
    """Put our command in the place of that of the npm package `motia`, which scripts of package.json would run before
    ours wherever that is; whether something was changed. The next installation by npm brings the other one back.

    Raises:
        OSError: It cannot be written.
    """
    command = project / "node_modules" / ".bin" / "motia"
    text = f'#!/bin/sh\n{MARK}\nexec {shlex.quote(str(ours))} "$@"\n'
    if not (command.exists() or command.is_symlink()) or not ours.exists():
        return False
    if _is_ours(command) and command.read_text() == text:
        return False
    command.unlink()  # a link, mostly: what it leads to stays as it is
    command.write_text(text)
    command.chmod(0o755)
    return True


def _is_ours(command: Path) -> bool:
    if command.is_symlink():
        return False
    try:
        return MARK in command.read_text("utf-8", errors="replace")
    except OSError:
        return False
