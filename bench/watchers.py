"""Many WebSocket clients in one process of their own: each notes when its frames come, and reads nothing of them."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
import time

import uvloop

JOIN = json.dumps({"type": "join", "data": {"streamName": "board", "groupId": "all", "subscriptionId": "1"}}).encode()
HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %b\r\n\r\n" % base64.b64encode(b"0" * 16)
)
AT_ONCE = 100  # connections that are being made


def masked(payload: bytes) -> bytes:
    """A text frame with a mask of zeros."""
    length = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
    return b"\x81" + length + b"\0\0\0\0" + payload


class Watcher(asyncio.Protocol):
    """One client. Frames are counted by their lengths."""

    def __init__(self, crowd: Crowd, *, joins: bool) -> None:
        self._crowd = crowd
        self._joins = joins
        self._is_open = False
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        transport.write(HANDSHAKE)  # type: ignore[attr-defined]  # it is one that writes

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        if not self._is_open:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                self._buffer = buffer
                return
            assert buffer.startswith(b"HTTP/1.1 101"), buffer[:200]
            self._is_open = True
            self._crowd.opened()
            if self._joins:
                self._transport.write(masked(JOIN))  # type: ignore[attr-defined]  # as above
            buffer = buffer[end + 4 :]
        count = 0
        while len(buffer) >= 2:
            length, start = buffer[1], 2
            if length == 126:
                length, start = int.from_bytes(buffer[2:4], "big"), 4
            elif length == 127:
                length, start = int.from_bytes(buffer[2:10], "big"), 10
            if len(buffer) < start + length:
                break
            count += buffer[0] == 0x81
            buffer = buffer[start + length :]
        self._buffer = buffer
        if count:
            self._crowd.note(count)

    def connection_lost(self, exc: Exception | None) -> None:
        self._crowd.lost += 1


class Crowd:
    """All of them."""

    def __init__(self) -> None:
        self.open = 0
        self.lost = 0
        self.count = 0
        self.times: list[float] = []
        self._expected = 0
        self._done = asyncio.Event()

    def opened(self) -> None:
        self.open += 1

    def note(self, count: int) -> None:
        now = time.monotonic()
        self.count += count
        self.times += [now] * count
        if self.count >= self._expected:
            self._done.set()

    async def expect(self, count: int, timeout_s: float) -> bool:
        self._expected = count
        if self.count >= count:
            return True
        self._done.clear()
        try:
            async with asyncio.timeout(timeout_s):
                await self._done.wait()
        except TimeoutError:
            return False
        return True

    def forget(self) -> None:
        self.count, self.times = 0, []


async def serve() -> None:
    """Commands come as lines of JSON, and so do answers."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    crowd = Crowd()
    turns = asyncio.Semaphore(AT_ONCE)

    async def connect(port: int, *, joins: bool) -> None:
        async with turns:
            await loop.create_connection(lambda: Watcher(crowd, joins=joins), "127.0.0.1", port)

    while line := await reader.readline():
        asked = json.loads(line)
        answer: object = {}
        if asked["do"] == "connect":
            await asyncio.gather(*(connect(asked["port"], joins=asked["joins"]) for _ in range(asked["count"])))
            while crowd.open < asked["count"]:
                await asyncio.sleep(0.01)
            if asked["joins"]:
                await crowd.expect(asked["syncs"], 60)
            answer = {"open": crowd.open}
        elif asked["do"] == "forget":
            crowd.forget()
        elif asked["do"] == "expect":
            ok = await crowd.expect(asked["count"], asked["timeout"])
            answer = {"ok": ok, "count": crowd.count, "lost": crowd.lost, "times": sorted(crowd.times)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    uvloop.run(serve())
