"""The console of a serving core: readable text, or a JSON object on each line."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import orjson

from motia_core.cli.layout import INDENT, Layout, clean
from motia_core.cli.overview import overview, update_lines
from motia_core.cli.writer import LineWriter
from motia_core.model.http import WORKBENCH
from motia_core.model.project import Project
from motia_core.model.versions import Update
from motia_core.workbench.describe import describe_load, describe_step

LEVELS = ("debug", "info", "warn", "error")


class TextConsole:
    """Implements `Console` for people."""

    def __init__(self, writer: LineWriter, layout: Layout, project: Path, version: str, *, least: str = "info") -> None:
        self._write = writer.write
        self._layout = layout
        self._project = project
        self._version = version
        self._least = LEVELS.index(least)
        self._labels = {
            "debug": layout.dim("DEBUG"),
            "info": layout.green("INFO"),
            "warn": layout.yellow("WARN"),
            "error": layout.red("ERROR"),
        }

    def found(self, project: Project) -> None:
        """See `ports.Console.found`."""
        layout = self._layout
        title = f"{layout.bold('motia-core')} {self._version}  {layout.dim(_shown(self._project))}"
        self._write("\n".join(["", title, "", *overview(project, layout)]))

    def ready(self, urls: Sequence[str], seconds: float) -> None:
        """See `ports.Console.ready`."""
        layout = self._layout
        where = " and ".join(layout.bold(layout.cyan(url)) for url in urls)
        workbench = layout.dim(f"workbench {urls[0]}{WORKBENCH}/")
        self._write(
            f"{layout.green('ready')} in {seconds:.2f} s on {where}  {layout.dim('Ctrl-C stops')}\n{workbench}\n"
        )

    def reloaded(self, update: Update) -> None:
        """See `ports.Console.reloaded`."""
        self._write("\n".join(update_lines(update, self._layout)))

    def stopping(self, reason: str, *, again: bool) -> None:
        """See `ports.Console.stopping`."""
        text = "stopping at once" if again else "stopping: what runs is finished; again stops at once"
        self._write(f"{self._layout.yellow(text)} {self._layout.dim(f'({reason})')}")

    def record(
        self, level: str, message: str, *, step: str = "", trace_id: str = "", time_ms: int = 0, fields: bytes = b""
    ) -> None:
        """See `ports.Log.record`."""
        rank = LEVELS.index(level) if level in LEVELS else 1
        if rank < self._least:
            return
        layout = self._layout
        at = time.localtime(time_ms / 1000 if time_ms else None)
        shown, stack = _fields(fields)
        parts = [
            layout.dim(f"[{at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02}]"),
            layout.dim(clean(trace_id)),
            self._labels[LEVELS[rank]],
            layout.cyan(clean(step)),
            self._text(message),
            layout.dim(self._text(shown)),
        ]
        line = " ".join(part for part in parts if part)
        if stack:
            line += "".join(f"\n{INDENT * 2}{layout.dim(self._text(text))}" for text in stack.splitlines())
        self._write(line)

    def _text(self, text: str) -> str:
        cleaned = clean(text, keeps_colour=self._layout.has_colour)
        return cleaned.replace("\n", f"\n{INDENT * 2}") if "\n" in cleaned else cleaned


class JsonConsole:
    """Implements `Console` for programs. Records have level and message, everything else has `event`."""

    def __init__(self, writer: LineWriter, version: str, *, least: str = "info") -> None:
        self._line = writer.write
        self._version = version
        self._least = LEVELS.index(least)

    def found(self, project: Project) -> None:
        """See `ports.Console.found`."""
        load = describe_load(project)
        load["loaded"] = [describe_step(step) for step in project.steps]
        self._event("found", {"version": self._version, **load})

    def ready(self, urls: Sequence[str], seconds: float) -> None:
        """See `ports.Console.ready`."""
        self._event("ready", {"urls": list(urls), "seconds": round(seconds, 3)})

    def reloaded(self, update: Update) -> None:
        """See `ports.Console.reloaded`."""
        facts: dict[str, object] = {"files": list(update.files), "loaded": list(update.loaded)}
        facts |= {"kept": list(update.kept), "added": list(update.added), "removed": list(update.removed)}
        facts |= {"seconds": round(update.seconds, 3), **describe_load(update.project)}
        self._event("reloaded", facts)

    def stopping(self, reason: str, *, again: bool) -> None:
        """See `ports.Console.stopping`."""
        self._event("stopping", {"reason": reason, "again": again})

    def record(
        self, level: str, message: str, *, step: str = "", trace_id: str = "", time_ms: int = 0, fields: bytes = b""
    ) -> None:
        """See `ports.Log.record`."""
        if level in LEVELS and LEVELS.index(level) < self._least:
            return
        line: dict[str, object] = {"time": _iso(time_ms), "level": level, "message": message}
        if step:
            line["step"] = step
        if trace_id:
            line["traceId"] = trace_id
        if fields:
            line["fields"] = _json(fields)
        self._write(line)

    def _event(self, name: str, facts: dict[str, object]) -> None:
        self._write({"time": _iso(0), "event": name, **facts})

    def _write(self, line: dict[str, object]) -> None:
        try:
            self._line(orjson.dumps(line).decode())
        except TypeError:  # lone surrogates, which are not UTF-8
            whole = {key: _utf8(value) for key, value in line.items()}
            self._line(orjson.dumps(whole, default=repr).decode())


def _shown(path: Path) -> str:
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) and path != home else str(path)


def _iso(time_ms: int) -> str:
    moment = datetime.fromtimestamp(time_ms / 1000, UTC) if time_ms else datetime.now(UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _json(fields: bytes) -> object:
    """JSON text to be written as it is, or what it should have been as text."""
    try:
        orjson.loads(fields)
    except orjson.JSONDecodeError:
        return fields.decode(errors="backslashreplace")
    return orjson.Fragment(fields) if b"\n" not in fields else orjson.loads(fields)


def _fields(fields: bytes) -> tuple[str, str]:
    """Fields as text. An error that has a stack is left out: its stack, which says the same, is shown below."""
    if b'"stack"' in fields:
        try:
            content = orjson.loads(fields)
        except orjson.JSONDecodeError:
            content = None
        error = content.get("error") if isinstance(content, dict) else None
        if isinstance(error, dict) and isinstance(error.get("stack"), str):
            del content["error"]
            return orjson.dumps(content).decode() if content else "", error["stack"]
    return fields.decode(errors="backslashreplace"), ""


def _utf8(value: object) -> object:
    return value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value
