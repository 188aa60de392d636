"""Reads on after a request that offers another protocol which is not taken, such as `Upgrade: h2c`.

The parser takes what follows such headers for the other protocol, and loses the body and all requests after it. Java's
HTTP client makes this offer with its first request by default, whatever it sends.
"""

from __future__ import annotations

from collections.abc import Iterable

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from motia_core.ingress.interface import HeaderPair

_FRAMING = (b"content-length", b"transfer-encoding")


class Rest:
    """What the parser of the rest calls: the connection, but not for the headers that it has already."""

    def __init__(self, connection: HttpToolsProtocol) -> None:
        self._connection = connection
        self._is_known = True
        self.parser = httptools.HttpRequestParser(self)

    def begin(self, headers: Iterable[HeaderPair]) -> bool:
        """Expect the body of a request with these headers, and what comes after it; False: there is no body.

        Raises:
            httptools.HttpParserError: The length of the body is not clear.
        """
        head = [b"%b: %b\r\n" % pair for pair in headers if pair[0] in _FRAMING]
        self.parser.feed_data(b"POST / HTTP/1.1\r\n%b\r\n" % b"".join(head))
        return self._is_known

    def on_message_begin(self) -> None:
        if not self._is_known:
            self._connection.on_message_begin()

    def on_url(self, url: bytes) -> None:
        if not self._is_known:
            self._connection.on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._is_known:
            self._connection.on_header(name, value)

    def on_headers_complete(self) -> None:
        if not self._is_known:
            self._connection.on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._connection.on_body(body)

    def on_message_complete(self) -> None:
        self._is_known = False
        self._connection.on_message_complete()
