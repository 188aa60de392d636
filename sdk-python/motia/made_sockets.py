"""`ctx.sockets` of a made context."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


class MadeSockets:
    """Remembers what is sent; every connection is there."""

    def __init__(self, messages: list[dict[str, Any]], answer: Callable[[Any], Any]) -> None:
        self._messages = messages
        self._answer = answer

    def send(self, connection_id: str, data: Any) -> Any:
        """Remember a message; True."""
        self._messages.append({"connection": connection_id, "data": data})
        return self._answer(True)

    def broadcast(self, path: str, data: Any, except_: Sequence[str] = ()) -> Any:
        """Remember a message; 1, as if one connection had it."""
        self._messages.append({"path": path, "data": data, "except": list(except_)})
        return self._answer(1)

    def close(self, connection_id: str, code: int = 1000, reason: str = "") -> Any:
        """Remember the end of a connection; True."""
        self._messages.append({"connection": connection_id, "code": code, "reason": reason})
        return self._answer(True)
