"""Runs what an SDK has to do before a version of the project can be started, such as to compile it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from motia_core.errors import SidecarStartError

LONGEST_OUTPUT = 64 * 1024  # what is too much is cut from its beginning: compilers say last what counts


async def build(
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
