"""The sidecar process: environment, standard streams, the two threads, and how it all ends."""

from __future__ import annotations

import asyncio
import atexit
import os
import signal
import stat
import sys
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, NoReturn, TextIO

from motia._gen.motia.v1 import manifest_pb2
from motia.attaching import Attaching
from motia.errors import (
    CertificateError,
    ConnectionLostError,
    FilesDifferError,
    ProtocolViolationError,
    SessionRefusedError,
)
from motia.handshake import Dialler
from motia.imports import Imports
from motia.loader import Loader
from motia.loading import Loading
from motia.logs import level_of
from motia.prints import follow_prints
from motia.runtime import Runtime
from motia.session import Session
from motia.settings import Settings, SettingsError, read_settings
from motia.worker import Worker

EXIT_DRAINED = 0
EXIT_CORE_GONE = 1
EXIT_USAGE = 2
EXIT_PROTOCOL = 3
CONNECT_S = 5.0  # for the first connection; later ones get the core's resume window
LEAVE_S = 1.0  # what the main thread gets to end in order, before the process ends without it


def main(transport_path: str = "") -> NoReturn:
    """Run the sidecar until the core drains it or is gone."""
    imports = Imports(transport_path)
    prepare_streams()
    try:
        settings = read_settings()
    except SettingsError as error:
        print(f"motia: {error}", file=sys.stderr)
        sys.exit(EXIT_USAGE)
    if not settings.is_external:
        watch_stdin()
    # Ctrl-C reaches the whole terminal group; what to do about it is the core's to say. A handler and not SIG_IGN,
    # which the user's own child processes would inherit.
    signal.signal(signal.SIGINT, lambda *_: None)
    process = Process(settings, imports)
    if settings.is_external:  # others than the core say when it is to end
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: process.leave())
    process.run()


class Process:
    """The main thread, which imports the user's files and then runs their handlers, beside the protocol thread."""

    def __init__(self, settings: Settings, imports: Imports) -> None:
        self._loop = asyncio.new_event_loop()
        self._runtime = Runtime(self._loop, level_of(os.environ.get("LOG_LEVEL")))
        self._worker = Worker(self._runtime)
        self._loading = Loading(self._runtime.outbox, imports)
        self._dialler = Dialler(settings)
        self._attaching = Attaching(self._dialler, settings.address, self._next) if settings.is_external else None
        self._exit_code: int | None = None

    def _next(self) -> Session:
        """A session that goes on with what is loaded."""
        self._runtime = self._runtime.renewed()
        self._worker = Worker(self._runtime, self._worker)
        return Session(self._dialler, self._runtime, self._worker, self._loading)

    def leave(self) -> None:
        """Somebody wants this process to end."""
        if self._attaching is not None:
            self._attaching.leave()

    def run(self) -> NoReturn:
        """Load what the core asks for, then run handlers until the session ends."""
        asyncio.set_event_loop(self._loop)
        if os.environ.get("MOTIA_SIDECAR_MARKS"):  # it costs nothing here: "cheap" is enough
            follow_prints()
        threading.Thread(target=self._run_protocol, name="motia-protocol", daemon=True).start()
        load = self._loading.requests.get()
        while isinstance(load, manifest_pb2.Warm):
            self._loading.warm(load)
            load = self._loading.requests.get()
        if load is not None:
            # No loop is running here: modules may call asyncio.run() while they are imported.
            loader = Loader(self._loading.announce, self._runtime.nested_threads, self._runtime.takes_several)
            manifest, steps = loader.load(load)
            self._worker.steps.update(steps)
            self._worker.hooks.update(loader.hooks)
            self._loading.send(manifest)
            asyncio.set_event_loop(self._loop)  # asyncio.run() in a module takes it away
        while self._exit_code is None:
            try:
                self._loop.run_forever()
            except (SystemExit, KeyboardInterrupt) as error:  # out of a task that user code made
                print(f"motia: a background task raised {error!r}; the sidecar goes on", file=sys.stderr)
        leave(self._exit_code)

    def _run_protocol(self) -> None:
        self._exit_code = code = self._serve()
        self._loading.requests.put(None)
        with suppress(RuntimeError):  # the loop is closed: then the main thread is leaving
            self._loop.call_soon_threadsafe(self._loop.stop)
        threading.Event().wait(LEAVE_S)
        # The main thread is busy with user code that does not end.
        flush_streams()
        os._exit(code)

    async def _launched(self) -> None:
        session = Session(self._dialler, self._runtime, self._worker, self._loading)
        await session.run(await self._dialler.dial("", CONNECT_S))

    def _serve(self) -> int:
        try:
            run_protocol(self._attaching.run() if self._attaching is not None else self._launched())
        except ConnectionLostError as error:
            return complain(f"the core is gone: {error}", EXIT_CORE_GONE)
        except SessionRefusedError as error:
            return complain(f"the core ended the session: {error}", EXIT_PROTOCOL)
        except (FilesDifferError, CertificateError) as error:
            return complain(str(error), EXIT_PROTOCOL)
        except ProtocolViolationError as error:
            return complain(
                f"the core broke the protocol: {error}. Do the versions of core and SDK fit?", EXIT_PROTOCOL
            )
        return EXIT_DRAINED


def run_protocol(session: Coroutine[Any, Any, None]) -> None:
    """Run the protocol's loop: on uvloop where it is installed, which saves a tenth of a millisecond a round trip.

    User code runs on another loop, so it never meets this one.
    """
    try:
        import uvloop
    except ImportError:
        asyncio.run(session)
    else:
        if sys.version_info >= (3, 11):
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(session)
        else:
            uvloop.run(session)


def complain(message: str, code: int) -> int:
    """Say on stderr why the process ends."""
    print(f"motia: {message}", file=sys.stderr)
    return code


def prepare_streams() -> None:
    """The core reads stdout and stderr line by line, as UTF-8."""
    stream: TextIO | None
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)


def watch_stdin() -> None:
    """End the process as soon as the core lets go of its end of our stdin; user code gets an empty stdin instead."""
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        return  # started by hand, or on another host than the core
    held_by_core = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)

    def watch() -> None:
        with suppress(OSError):
            while os.read(held_by_core, 4096):
                pass
        os._exit(EXIT_CORE_GONE)

    threading.Thread(target=watch, name="motia-stdin", daemon=True).start()


def leave(code: int) -> NoReturn:
    """End the process with the user's exit functions, and without waiting for threads that may never end."""
    with suppress(Exception):  # boundary: they are user code
        atexit._run_exitfuncs()
    flush_streams()
    os._exit(code)


def flush_streams() -> None:
    """Write out what was printed."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
