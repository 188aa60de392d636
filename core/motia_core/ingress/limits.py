"""How much a client may send, how slowly, and over how many connections; and what it is told beyond that."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Mapping

from motia_core.errors import (
    HeadersTooLargeError,
    MotiaError,
    OverloadedError,
    RequestInvalidError,
    RequestTimeoutError,
    UrlTooLongError,
)
from motia_core.ingress.interface import Message, Receive, Scope
from motia_core.ingress.problem import problem
from motia_core.settings import HttpSettings

PROGRESS_BYTES = 4 * 1024  # of a body that must come in each `body_timeout_ms`, or its end
RESERVED_FILES = 256  # for the store, the sidecars, static files and what else is open beside connections
MOST_FILES = 65_536  # asked of the system
_LEAST_HEADER_BYTES = len("a:\r\n")


class Limits:
    """The limits of the settings, in the units in which they are used."""

    def __init__(self, settings: HttpSettings) -> None:
        self.max_body_bytes = settings.max_body_bytes
        self.max_header_bytes = settings.max_header_bytes
        self.max_headers = settings.max_headers
        self.max_url_bytes = settings.max_url_bytes
        # a request that is smaller has neither too many headers nor too long a URL
        self.least_excess_bytes = min(self.max_url_bytes, _LEAST_HEADER_BYTES * self.max_headers)
        self.max_connections = settings.max_connections or _room()
        self.header_s = settings.header_timeout_ms / 1000
        self.body_s = settings.body_timeout_ms / 1000
        self.keep_alive_s = settings.keep_alive_ms / 1000
        # for servers that answer before there is a request
        self.headers_too_large = closing_answer(self.too_large())
        self.headers_late = closing_answer(
            RequestTimeoutError(f"The headers of the request did not come within {self.header_s:g} s.")
        )
        self.body_late = closing_answer(self.late())
        self.malformed = closing_answer(RequestInvalidError())
        self.framing = closing_answer(
            HeadersTooLargeError("The chunked body has more framing and trailers than content.")
        )
        self.crowded = closing_answer(
            OverloadedError(f"More than {self.max_connections} connections are open (http.max_connections).")
        )

    def excess(self, scope: Scope, asked: Mapping[bytes, bytes], *, is_measured: bool) -> MotiaError | None:
        """What is too much about a request's line and headers.

        Args:
            scope: The request.
            asked: Its headers, each once.
            is_measured: The server has seen to the size of the headers.
        """
        headers = scope["headers"]
        if len(headers) > self.max_headers:
            return HeadersTooLargeError(
                f"The request has {len(headers)} headers, and at most {self.max_headers} are taken (http.max_headers)."
            )
        if len(scope["raw_path"]) + len(scope["query_string"]) > self.max_url_bytes:
            return UrlTooLongError(f"The URL is longer than {self.max_url_bytes} bytes (http.max_url_bytes).")
        if len(asked) != len(headers) and sum(name == b"host" for name, _ in headers) > 1:
            return RequestInvalidError("The request has more than one Host header.")
        if not is_measured and sum(len(name) + len(value) + 4 for name, value in headers) > self.max_header_bytes:
            return self.too_large()
        return None

    def too_large(self) -> MotiaError:
        """Headers are too large."""
        return HeadersTooLargeError(
            f"The headers are larger than {self.max_header_bytes} bytes (http.max_header_bytes)."
        )

    def late(self) -> MotiaError:
        """A body does not come."""
        return RequestTimeoutError(f"The body stopped coming: less than {PROGRESS_BYTES} bytes in {self.body_s:g} s.")


def closing_answer(error: MotiaError) -> bytes:
    """A whole HTTP/1.1 response, after which the connection is closed."""
    reply = problem(error)
    reply.cors = ()
    return b"%bconnection: close\r\n\r\n%b" % (reply.head(), reply.body)


class TimedReceive:
    """`receive` of ASGI for a body that must make progress, for servers that do not see to it themselves.

    Raises:
        RequestTimeoutError: It does not.
    """

    def __init__(self, receive: Receive, limits: Limits) -> None:
        self._receive, self._limits = receive, limits
        self._left_s = 0.0  # of waiting for the client; how long it is not asked for more does not count
        self._missing = 0  # bytes that must come in that time
        self._is_ended = False

    async def __call__(self) -> Message:
        """The next message."""
        if self._is_ended:
            return await self._receive()
        if self._missing <= 0:
            self._missing = PROGRESS_BYTES
            self._left_s = self._limits.body_s
        clock = asyncio.get_running_loop().time
        until_s = clock() + self._left_s
        try:
            async with asyncio.timeout_at(until_s):
                message = await self._receive()
        except TimeoutError:
            self._is_ended = True
            raise self._limits.late() from None
        self._left_s = until_s - clock()
        self._missing -= len(message.get("body", b""))
        self._is_ended = not message.get("more_body", False)
        return message


def _room() -> int:
    """How many connections fit into the limit of open files, which is raised as far as this process may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    files = MOST_FILES if soft == resource.RLIM_INFINITY else soft
    return max(1, files - RESERVED_FILES)
