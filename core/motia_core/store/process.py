"""The store's process: started, brought back when it dies, and ended."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Literal, NamedTuple

from motia_core.store import server
from motia_core.store.channel import Channel

RESTART_DELAY_S = 0.1
Purpose = Literal["read", "write"]


class Serving(NamedTuple):
    """What a channel is for."""

    path: Path
    synchronous: str
    purpose: Purpose


class StoreProcess:
    """Owns the process and a channel for each of its servings."""

    def __init__(self, servings: list[Serving], lock: int, loop: asyncio.AbstractEventLoop) -> None:
        self._servings = servings
        self._lock = lock  # the process holds it too: its last commit may come after the core's death
        self._loop = loop
        self.channels = [Channel(loop) for _ in servings]
        self.on_lost: Callable[[], None] = lambda: None  # what was asked last may have been done or not
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._replacing = asyncio.Lock()  # held while a new process takes the place of one that died

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    async def start(self) -> None:
        """Start the process, and keep it running until `close`."""
        await self._start()
        self._keeper = self._loop.create_task(self._keep())

    async def close(self) -> None:
        """Let it finish what was asked, and wait for its end."""
        if self._keeper:
            async with self._replacing:
                self._keeper.cancel()
            await asyncio.wait([self._keeper])
        for channel in self.channels:
            channel.close()
        if self._process:
            await asyncio.wait([channel.lost for channel in self.channels])
            await asyncio.to_thread(self._process.wait)

    async def _keep(self) -> None:
        while True:
            await asyncio.wait([channel.lost for channel in self.channels], return_when=asyncio.FIRST_COMPLETED)
            self.on_lost()
            async with self._replacing:
                await self._end()
                await asyncio.sleep(RESTART_DELAY_S)
                with suppress(OSError):  # no process or descriptor to be had now; the next turn tries again
                    await self._start()

    async def _end(self) -> None:
        if self._process:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)
        await asyncio.wait([channel.lost for channel in self.channels])

    async def _start(self) -> None:
        with ExitStack() as theirs, ExitStack() as ours:
            pairs = [socket.socketpair() for _ in self._servings]
            for our_end, their_end in pairs:
                ours.enter_context(our_end)
                theirs.enter_context(their_end)
            self._process = await asyncio.to_thread(self._spawn, [their_end.fileno() for _, their_end in pairs])
            for channel, (our_end, _) in zip(self.channels, pairs, strict=True):
                await channel.connect(our_end)
            ours.pop_all()  # the channels' transports own them now

    def _spawn(self, descriptors: list[int]) -> subprocess.Popen[bytes]:
        arguments = [
            argument
            for descriptor, serving in zip(descriptors, self._servings, strict=True)
            for argument in (str(descriptor), os.fspath(serving.path), serving.synchronous, serving.purpose)
        ]
        return subprocess.Popen(
            [sys.executable, "-I", "-S", server.__file__, *arguments],
            pass_fds=[*descriptors, self._lock],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
