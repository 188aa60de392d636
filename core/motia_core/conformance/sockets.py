"""A client for WebSocket connections: just what cases need, on the library that the core has already."""

from __future__ import annotations

import json
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection, events

from motia_core.conformance.compare import Json, contains, expect, text_of

WITHIN_S = 10.0  # for each message that is expected


class RefusedError(Exception):
    """The handshake was answered with something else."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"refused with {status}")


class SocketClient:
    """One connection."""

    def __init__(self, base_url: str, path: str) -> None:
        address = urlsplit(base_url)
        self._socket = socket.create_connection((address.hostname or "", address.port or 80), WITHIN_S)
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._messages: deque[str | bytes] = deque()
        self._parts: list[str] = []
        self._is_open = False
        self._ended: int | None = None  # the code of the close
        self._socket.sendall(self._protocol.send(events.Request(host=address.netloc, target=path)))
        self._read_until(lambda: self._is_open, time.monotonic() + WITHIN_S)

    def send(self, text: str) -> None:
        """Send a message."""
        self._socket.sendall(self._protocol.send(events.TextMessage(data=text)))

    def receive(self, within_s: float = WITHIN_S) -> str | bytes:
        """The next message.

        Raises:
            TimeoutError: None came.
            ConnectionError: The connection has ended.
        """
        self._read_until(lambda: bool(self._messages), time.monotonic() + within_s)
        return self._messages.popleft()

    def close(self) -> None:
        """Say goodbye and leave."""
        try:
            if self._is_open:
                self._socket.sendall(self._protocol.send(events.CloseConnection(code=1000)))
                self._read_until(lambda: not self._is_open, time.monotonic() + 1)
        except (OSError, TimeoutError):
            pass
        finally:
            self._socket.close()

    def _read_until(self, condition: Callable[[], bool], deadline: float) -> None:
        while not condition():
            self._socket.settimeout(max(0.01, deadline - time.monotonic()))
            data = self._socket.recv(65_536)
            self._protocol.receive_data(data or None)
            for event in self._protocol.events():
                self._handle(event)
            if self._ended is not None and not condition():
                raise ConnectionError(f"the connection was closed with {self._ended}")

    def _handle(self, event: events.Event) -> None:
        if isinstance(event, events.AcceptConnection):
            self._is_open = True
        elif isinstance(event, events.RejectConnection):
            raise RefusedError(event.status_code)
        elif isinstance(event, events.TextMessage):
            self._parts.append(event.data)
            if event.message_finished:
                self._messages.append("".join(self._parts))
                self._parts.clear()
        elif isinstance(event, events.Ping):
            self._socket.sendall(self._protocol.send(event.response()))
        elif isinstance(event, events.CloseConnection):
            self._is_open = False
            self._ended = event.code


@contextmanager
def connected(base_url: str, path: str) -> Iterator[SocketClient]:
    """A connection that is closed at the end."""
    client = SocketClient(base_url, path)
    try:
        yield client
    finally:
        client.close()


def converse(base_url: str, wanted: Mapping[str, Json]) -> None:
    """Open a connection, send messages and compare what comes.

    Raises:
        NotSoError: Something else came.
    """
    path = wanted["path"]
    where = f"the connection to {path}"
    try:
        with connected(base_url, path) as client:
            expect("refused" not in wanted, where, f"refused with {wanted.get('refused')}", "accepted")
            expected = [answer for _, answer in wanted["exchange"] if answer]
            for also in wanted.get("also", []):
                expected.insert(-1, also)
            for message, _ in wanted["exchange"]:
                client.send(message)
            received: list[str | bytes] = []
            for _ in expected:
                try:
                    received.append(client.receive())
                except (TimeoutError, ConnectionError) as error:
                    expect(False, where, text_of(expected), f"{received}, then {type(error).__name__} {error}")
            expect(received == expected, where, text_of(expected), str(received))
    except RefusedError as refused:
        expect(refused.status == wanted.get("refused"), where, f"{wanted.get('refused', 'accepted')}", str(refused))


def watch(base_url: str, wanted: Mapping[str, Json]) -> None:
    """Be a client of streams: send frames, and look for what must come after each.

    Raises:
        NotSoError: It never came.
    """
    with connected(base_url, wanted["path"]) as client:
        for frame, answer in wanted["exchange"]:
            client.send(json.dumps(frame))
            received: list[Json] = []
            while not received or not contains(received[-1], answer):
                try:
                    received.append(json.loads(client.receive()))
                except (TimeoutError, ConnectionError):
                    expect(False, f"after {text_of(frame)}", f"a frame with {text_of(answer)}", text_of(received))
