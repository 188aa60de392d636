"""Runs a program of the Node SDK that answers in JSON, in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Sequence
from typing import Any

from motia_core.errors import ComponentError, SidecarStartError
from motia_core.settings import Settings
from motia_core.sidecars.languages import node_program

LARGEST_BYTES = 8 * 1024 * 1024


async def run_tool(settings: Settings, name: str, file: str, more: Sequence[str], limit_s: float) -> dict[str, Any]:
    """What a program says of a file: it is given the project, the file, and more.

    Raises:
        ComponentError: It said nothing in time, too much, or no JSON.
        SidecarStartError: Node.js or the SDK is missing.
    """
    process = await _start(settings, name, (file, *more))
    try:
        said, complaint = await asyncio.wait_for(process.communicate(), limit_s)
    except TimeoutError as error:
        raise ComponentError(f"{file} was not bundled within {limit_s:g} s.", file=file) from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # esbuild is a process of its own below it
            await process.wait()
    if len(said) > LARGEST_BYTES:
        size = len(said) // 1024**2
        raise ComponentError(f"{file} makes a bundle of {size} MiB: import less into it.", file=file)
    try:
        made = json.loads(said)
    except ValueError as error:
        why = complaint.decode(errors="replace").strip() or f"exit code {process.returncode}"
        raise ComponentError(f"{file} cannot be bundled: {why}", file=file) from error
    if refusal := made.get("error"):
        raise _refused(file, refusal)
    return dict(made)


async def _start(settings: Settings, name: str, arguments: Sequence[str]) -> asyncio.subprocess.Process:
    project, pipe = str(settings.project), asyncio.subprocess.PIPE
    node, program = node_program(settings, name)
    try:
        return await asyncio.create_subprocess_exec(
            node,
            program,
            project,
            *arguments,
            cwd=project,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            start_new_session=True,
        )
    except OSError as error:
        raise SidecarStartError(f"{node} cannot be started: {error.strerror}") from error


def _refused(file: str, error: object) -> ComponentError:
    facts = dict(error) if isinstance(error, dict) else {}
    message = str(facts.pop("message", "it cannot be bundled"))
    place = str(facts.get("file") or file) + (f":{facts['line']}" if facts.get("line") else "")
    return ComponentError(f"{place}: {message}", **{"file": file, **facts})
