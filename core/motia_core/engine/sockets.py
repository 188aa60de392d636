"""The WebSocket connections of this core: steps send to them by id, or to all on a path."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from motia_core.model.http import SocketMessage


class SocketConnection(Protocol):
    """An open connection, as the ingress has it."""

    @property
    def path(self) -> str:
        """What the client asked for, without the query."""
        ...

    def send(self, message: SocketMessage) -> bool:
        """Send a message when its turn comes; False: the connection is ending."""
        ...

    def close(self, code: int, reason: str) -> None:
        """End the connection after what is to be sent."""
        ...


class Sockets:
    """Which connections are open."""

    def __init__(self) -> None:
        self._by_id: dict[str, SocketConnection] = {}
        self._by_path: dict[str, dict[str, SocketConnection]] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, connection_id: str, connection: SocketConnection) -> None:
        """A client has come."""
        self._by_id[connection_id] = connection
        self._by_path.setdefault(connection.path, {})[connection_id] = connection

    def remove(self, connection_id: str) -> None:
        """It has left."""
        connection = self._by_id.pop(connection_id)
        others = self._by_path[connection.path]
        del others[connection_id]
        if not others:
            del self._by_path[connection.path]

    def send(self, connection_id: str, message: SocketMessage) -> int:
        """Send to one; 1, or 0 when it is not open here."""
        connection = self._by_id.get(connection_id)
        return int(connection is not None and connection.send(message))

    def broadcast(self, path: str, message: SocketMessage, excluded: Collection[str]) -> int:
        """Send to all that were opened on a path, but for some; how many."""
        connections = self._by_path.get(path, {})
        targets = [connection for key, connection in connections.items() if key not in excluded]
        return sum(connection.send(message) for connection in targets)

    def close(self, connection_id: str, code: int, reason: str) -> int:
        """End one; 1, or 0 when it is not open here."""
        connection = self._by_id.get(connection_id)
        if connection is None:
            return 0
        connection.close(code, reason)
        return 1

    def close_all(self, code: int, reason: str) -> None:
        """End all: the core shuts down."""
        for connection in list(self._by_id.values()):
            connection.close(code, reason)


def is_close_code(code: int) -> bool:
    """Whether a step may end a connection with a code of RFC 6455 (7.4); 0 stands for 1000."""
    return code in (0, 1000, 1001, 1003, 1007, 1008, 1009, 1011, 1012, 1013) or 3000 <= code <= 4999
