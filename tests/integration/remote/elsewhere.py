"""A core and sidecars that it has not launched, as processes, with what stands between them: TCP, TLS, and a proxy."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
TOKEN = "a-token-that-all-of-them-share"
PATIENCE_S = 30.0
COMMANDS = {
    "python": (sys.executable, "-m", "motia"),
    "node": ("node", str(REPOSITORY / "sdk-node" / "dist" / "main.js")),
    "ruby": ("ruby", "-I", str(REPOSITORY / "sdk-ruby" / "lib"), str(REPOSITORY / "sdk-ruby" / "bin" / "motia-ruby")),
}


class Running:
    """A process whose output is read line by line."""

    def __init__(self, command: tuple[str, ...], cwd: Path, env: Mapping[str, str]) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MOTIA_")}
        self.process = subprocess.Popen(
            command, cwd=cwd, env={**clean, **env}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line.rstrip())
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    @property
    def pid(self) -> int:
        return self.process.pid

    def said(self, text: str, times: int = 1) -> str:
        """Wait for lines that hold a text; the last of them."""

        def found() -> list[str]:
            return [line for line in self.lines if text in line]

        with self._changed:
            self._changed.wait_for(lambda: len(found()) >= times or not self._reader.is_alive(), PATIENCE_S)
        assert len(found()) >= times, f"nobody said {text!r} {times} times:\n" + "\n".join(self.lines)
        return found()[-1]

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def ended(self) -> int:
        """Wait for its end; the exit code."""
        code = self.process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        return code

    def close(self) -> None:
        """End it, if it has not."""
        with suppress(ProcessLookupError):
            self.process.kill()
        self.ended()
        if self.process.stdout is not None:
            self.process.stdout.close()


class Core(Running):
    """A core that launches no sidecars, unless the settings say so."""

    def __init__(self, project: Path, data: Path, settings: Mapping[str, str]) -> None:
        self.project = project
        arguments = ("serve", str(project), "--port", "0", "--data-dir", str(data), "--log-format", "json")
        external = {
            "MOTIA_SIDECARS_EXTERNAL": "all",
            "MOTIA_SIDECARS_LISTEN": "127.0.0.1:0",
            "MOTIA_SIDECARS_TOKEN": TOKEN,
            "MOTIA_SIDECARS_RESUME_WINDOW_MS": "1000",
        }
        super().__init__((str(BIN / "motia-core"), *arguments), project, {**external, **settings})
        self.address = str(json.loads(self.said("external sidecars attach at"))["message"]).rpartition(" ")[2]
        self.url = str(json.loads(self.said("answers 503"))["message"]).partition(" ")[0]

    def ready(self, times: int = 1) -> None:
        """Wait until it serves the project."""
        self.said('"event":"ready"', times)

    def stop(self) -> int:
        """Have it end in good order; the exit code."""
        self.signal(15)
        return self.ended()


class Sidecar(Running):
    """A sidecar that somebody else than the core has started."""

    def __init__(self, language: str, folder: Path, address: str, env: Mapping[str, str] | None = None) -> None:
        own = {
            "PYTHONPATH": str(REPOSITORY / "sdk-python"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "MOTIA_SIDECAR_ADDRESS": address,
            "MOTIA_SIDECAR_TOKEN": TOKEN,
            "MOTIA_SIDECAR_EXTERNAL": "1",
            "MOTIA_SIDECAR_LANGUAGE": language,
        }
        super().__init__(COMMANDS[language], folder, {**own, **(env or {})})


@contextmanager
def opened() -> Iterator[Callable[[Any], Any]]:
    """Remembers what is to be closed, and does it, the last first."""
    things: list[Any] = []

    def remember(thing: Any) -> Any:
        things.append(thing)
        return thing

    try:
        yield remember
    finally:
        for thing in reversed(things):
            thing.close()


class Proxy:
    """Passes connections on to an address. They can be cut, and no new ones let through."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.StreamWriter] = set()
        self._is_cut = False
        self._passes = asyncio.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self.thaw()

    def freeze(self) -> None:
        """Pass nothing on, and close nothing: nobody can tell from a network that is gone."""
        self._call(self._passes.clear)

    def thaw(self) -> None:
        """Pass on what has come meanwhile, and go on."""
        self._call(self._passes.set)

    def cut(self) -> None:
        """Break all connections, and let no new ones through until `mend`."""
        self._call(self._cut)

    def mend(self) -> None:
        """Let connections through again."""
        self._call(self._mend)

    def close(self) -> None:
        self._call(self._cut)
        self.thaw()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._pass, sock=self._listener))
        self._loop.run_forever()
        server.close()
        if left := asyncio.all_tasks(self._loop):
            self._loop.run_until_complete(asyncio.wait(left))

    def _call(self, what: Callable[[], None]) -> None:
        done = threading.Event()
        self._loop.call_soon_threadsafe(lambda: (what(), done.set()))
        assert done.wait(PATIENCE_S)

    def _cut(self) -> None:
        self._is_cut = True
        for writer in self._open:
            writer.transport.abort()

    def _mend(self) -> None:
        self._is_cut = False

    async def _copy(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                await self._passes.wait()
                target.write(data)
                await target.drain()
        target.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        try:
            there_reader, there_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, there_writer}
        self._open |= ends
        try:
            await asyncio.gather(self._copy(reader, there_writer), self._copy(there_reader, writer))
        finally:
            self._open -= ends
            for end in ends:
                end.transport.abort()
