"""A rig in a thread of its own, with a loop of its own: tests, sync or async, ask it from outside."""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from motia_core.errors import MotiaError
from motia_core.testing.errors import RigError
from motia_core.testing.opening import Options, open_rig
from motia_core.testing.rig import Rig

T = TypeVar("T")
__tracebackhide__ = True  # pytest shows the test, not what is in here


class RigThread:
    """Starts a rig, and ends it with `close`.

    Raises:
        MotiaError: As `open_rig`.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._started: concurrent.futures.Future[Rig] = concurrent.futures.Future()
        self._stop: asyncio.Event
        self._loop: asyncio.AbstractEventLoop
        self._thread = threading.Thread(target=self._run, name="motia", daemon=True)
        self._thread.start()
        try:
            self.rig = self._started.result()
        except MotiaError as error:
            self._thread.join()
            raise error.with_traceback(None) from None
        atexit.register(self.close)  # of who forgets it

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something on the rig's loop, and wait for it.

        Raises:
            RigError: That is the loop we are on.
        """
        if threading.current_thread() is self._thread:
            work.close()
            raise RigError(
                "an async fake cannot wait for motia, which waits for it: use its context, or make it no async"
            )
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except MotiaError as error:
            raise error.with_traceback(None) from None
        except BaseException:  # Ctrl-C among them: what was asked for is not wanted any more
            future.cancel()
            raise

    def close(self) -> None:
        """End the rig, with its processes and data."""
        atexit.unregister(self.close)
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:  # boundary: of a thread; who started it gets it
            if not self._started.done():
                self._started.set_exception(error)
            else:
                raise

    async def _main(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with open_rig(self._options) as rig:
            self._started.set_result(rig)
            await self._stop.wait()
