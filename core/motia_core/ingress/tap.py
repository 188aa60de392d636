"""A request's body that two may read: the app hook of motia.config first, and the step if the app does not answer."""

from __future__ import annotations

import asyncio

from motia_core.ingress.interface import ClientGoneError, Message, Receive


class Tap:
    """Reads from the client, and keeps what was read so that it can be read again.

    Args:
        receive: The server's.
        limit: Bytes that are kept, roughly; a step takes no more anyway. A longer body can be read once only; for the
            step it then has too many bytes.
    """

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._kept: list[bytes] = []
        self._size = 0
        self._is_replayed = False
        self.is_ended = False  # there is no more to read from the client
        self.is_touched = False

    async def chunk(self) -> bytes | None:
        """The next part; None: the body has ended.

        Raises:
            ClientGoneError: The client left before its end.
        """
        while not self.is_ended:
            message = await self._receive()
            if message["type"] != "http.request":
                raise ClientGoneError
            self.is_touched = True
            self.is_ended = not message.get("more_body", False)
            data: bytes = message.get("body", b"")
            if data:
                if self._size <= self._limit:  # one part more than fits, so that what is kept is too much as well
                    self._kept.append(data)
                self._size += len(data)
                return data
        return None

    async def whole(self) -> bytes:
        """The whole body; for one that is known to be short."""
        while await self.chunk() is not None:
            pass
        return self.kept()

    async def rest(self, limit_s: float) -> None:
        """Take in what still comes, for a while, and throw it away."""
        try:
            async with asyncio.timeout(limit_s):
                while await self.chunk() is not None:
                    pass
        except (TimeoutError, ClientGoneError):
            pass

    async def until_gone(self) -> None:
        """Wait until the client leaves.

        Raises:
            ClientGoneError: It has.
        """
        while (await self._receive())["type"] != "http.disconnect":
            pass
        raise ClientGoneError

    def kept(self) -> bytes:
        """What was read; nothing when it was too much."""
        return b"".join(self._kept) if self._size <= self._limit else b""

    def forget(self) -> None:
        """Nobody will read it again."""
        self._kept.clear()
        self._size = self._limit + 1

    async def replay(self) -> Message:
        """The server's `receive` for whoever comes second: what was read, then the rest."""
        if self._is_replayed or not self.is_touched:
            return await self._receive()
        self._is_replayed = True
        data = b"".join(self._kept)
        self._kept.clear()
        return {"type": "http.request", "body": data, "more_body": not self.is_ended}
