"""Runs what an SDK has to do before a version of the project can be started, such as to compile it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import mkdtemp

from motia_core.errors import SidecarStartError
from motia_core.model.language import Language
from motia_core.model.project import SourceFile
from motia_core.settings import Settings
from motia_core.sidecars.languages import build_command

LONGEST_OUTPUT = 64 * 1024  # what is too much is cut from its beginning: compilers say last what counts


async def build(
    language: Language, settings: Settings, files: Sequence[SourceFile], env: Mapping[str, str], parent: Path
) -> Path | None:
    """Build a version of a language group.

    Args:
        files: Of the group, in the order in which they are loaded.
        env: Of the build, beside what the SDK sets itself.
        parent: Where a new folder is made for what is built.

    Returns:
        That folder; None: there is nothing to build in this language.

    Raises:
        SidecarStartError: It failed; has what it printed.
    """
    start = language.start
    if start is None or not start.build:
        return None
    output = Path(mkdtemp(prefix=f"{language.group}-", dir=parent))
    command = build_command(language, start, settings, output)
    paths = [file.path for file in files]
    what = f"the {language.name} steps"
    try:
        await run(command.argv, {**env, **command.env}, settings.project, paths, what, start.build_timeout_s)
    except BaseException:
        shutil.rmtree(output, ignore_errors=True)
        raise
    return output


async def run(
    argv: Sequence[str], env: Mapping[str, str], cwd: Path, files: Sequence[str], what: str, timeout_s: float
) -> None:
    """Run a build command to its end.

    Args:
        files: Paths of the step and stream files below `cwd`; the command gets them on its standard input.
        what: What is built, for messages: "Go steps".

    Raises:
        SidecarStartError: It cannot be run, failed, or took too long; has what it printed.
    """
    pipe, combined = asyncio.subprocess.PIPE, asyncio.subprocess.STDOUT
    try:
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=pipe, stdout=pipe, stderr=combined, env=dict(env), cwd=cwd, start_new_session=True
        )
    except OSError as error:
        raise SidecarStartError(f"{what} cannot be built: {argv[0]} cannot be started: {error.strerror}") from error
    try:
        async with asyncio.timeout(timeout_s):
            output, _ = await process.communicate("".join(f"{path}\n" for path in files).encode())
    except TimeoutError:
        raise SidecarStartError(f"{what} cannot be built: {argv[0]} takes longer than {timeout_s:g} s") from None
    finally:
        if process.returncode is None:  # with what it has started: compilers have helpers
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode:
        text = output.decode(errors="replace")[-LONGEST_OUTPUT:].strip()
        raise SidecarStartError(f"{what} cannot be built ({argv[0]} ended with code {process.returncode}):\n{text}")
