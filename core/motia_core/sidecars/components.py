"""Bundles node components for the workbench: esbuild of the Node SDK, in a process of its own for each bundle."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from motia_core.errors import ComponentError, SidecarStartError
from motia_core.settings import Settings
from motia_core.sidecars.languages import node_program

PROGRAM = "component.js"  # of the SDK's dist
LIMIT_S = 20.0
AT_ONCE = 2  # processes
LARGEST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Bundle:
    """What was made of a component, and of what."""

    code: str
    inputs: tuple[str, ...]  # files of the project, relative to it; installed packages are not among them
    digest: str


class ComponentBundler:
    """Bundles, and keeps what it made until a file of it changes.

    Args:
        limit_s: How long one may take.
    """

    def __init__(self, settings: Settings, *, limit_s: float = LIMIT_S) -> None:
        self._settings = settings
        self._limit_s = limit_s
        self._kept: dict[str, _Bundle] = {}
        self._places = asyncio.Semaphore(AT_ONCE)

    async def bundle(self, file: str) -> str:
        """An ES module that exports what the file does.

        Args:
            file: Below the project. The caller has seen to it that it is a component.

        Raises:
            ComponentError: It cannot be bundled: a syntax error, an import that leads nowhere, no time left.
            SidecarStartError: Node.js or the SDK is missing.
        """
        async with self._places:
            kept = self._kept.get(file)
            if kept and await asyncio.to_thread(_digest, self._settings.project, kept.inputs) == kept.digest:
                return kept.code
            made = await self._run(file)
            if error := made.get("error"):
                self._kept.pop(file, None)
                raise _refused(file, error)
            inputs, code = tuple(made["inputs"]), str(made["code"])
            digest = await asyncio.to_thread(_digest, self._settings.project, inputs)
            self._kept[file] = _Bundle(code, inputs, digest)
            return code

    async def _run(self, file: str) -> dict[str, Any]:
        process = await self._start(file)
        try:
            said, complaint = await asyncio.wait_for(process.communicate(), self._limit_s)
        except TimeoutError as error:
            raise ComponentError(f"{file} was not bundled within {self._limit_s:g} s.", file=file) from error
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
        return dict(made)

    async def _start(self, file: str) -> asyncio.subprocess.Process:
        project, pipe = str(self._settings.project), asyncio.subprocess.PIPE
        node, program = node_program(self._settings, PROGRAM)
        try:
            return await asyncio.create_subprocess_exec(
                node,
                program,
                project,
                file,
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


def _digest(project: Path, inputs: Sequence[str]) -> str:
    summary = hashlib.blake2b(digest_size=16)
    for path in inputs:
        try:
            content = (project / path).read_bytes()
        except OSError:
            content = b""  # it is gone: bundling it again says so
        summary.update(b"%d:" % len(content))
        summary.update(content)
    return summary.hexdigest()
