"""CORS: which web pages may call, and what their browsers are told."""

from __future__ import annotations

import re
from collections.abc import Mapping

from motia_core.ingress.interface import HeaderPair
from motia_core.ingress.reply import CORS, Reply
from motia_core.settings import CorsSettings

ANY = "*"
_NO_HEADERS: dict[bytes, bytes] = {}
_TOKENS = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z, \t]+")


class Cors:
    """The CORS headers of responses, as the settings say.

    With `*` every response has the same ones, as in Motia 0.x. With a list of origins they depend on the request: a
    page of an allowed origin is told its own origin, which is what browsers want when cookies are sent; another is told
    nothing.
    """

    def __init__(self, settings: CorsSettings) -> None:
        self._is_off = not settings.allow_origins
        self._is_any = ANY in settings.allow_origins
        self._allowed = re.compile("|".join(map(_pattern, settings.allow_origins)).encode())
        self._methods, self._headers = _list(settings.allow_methods), _list(settings.allow_headers)
        self._exposed = _list(settings.expose_headers)
        self._credentials, self._private = settings.allow_credentials, settings.allow_private_network
        self._max_age = b"%d" % (settings.max_age_ms // 1000)
        self._fixed = tuple(self._for_all())

    def apply(self, reply: Reply, asked: dict[bytes, bytes], *, is_options: bool) -> None:
        """Give a response its CORS headers; what the handler returned itself comes first."""
        own = reply.own_cors or _NO_HEADERS
        reply.cors = self.pairs(asked, own, is_options=is_options)
        if not self._is_off and not self._is_any:
            reply.headers.append((b"vary", self._varies(is_preflight=is_options)))

    def pairs(
        self, asked: Mapping[bytes, bytes], own: Mapping[bytes, bytes] = _NO_HEADERS, *, is_options: bool
    ) -> tuple[HeaderPair, ...]:
        """The headers for a request, without Vary.

        Args:
            asked: Headers of the request.
            own: CORS headers that the handler returned.
            is_options: Whether it is a preflight or another OPTIONS request.
        """
        if self._is_any or self._is_off:
            pairs = self._fixed
        elif (origin := asked.get(b"origin")) is None or not self._allowed.fullmatch(origin):
            pairs = ()
        else:
            pairs = tuple(self._for_origin(origin, asked, is_options=is_options))
        return tuple({**dict(pairs), **own}.items()) if own else pairs

    def vary(self) -> tuple[HeaderPair, ...]:
        """What a response that is no preflight says to caches."""
        return () if self._is_off or self._is_any else ((b"vary", self._varies(is_preflight=False)),)

    def _for_all(self) -> list[HeaderPair]:
        if not self._is_any:
            return []
        values = {
            b"access-control-allow-origin": b"*",
            b"access-control-allow-methods": self._methods,
            b"access-control-allow-headers": self._headers,
            b"access-control-max-age": self._max_age,
            b"access-control-allow-credentials": b"true" if self._credentials else b"",
            b"access-control-allow-private-network": b"true" if self._private else b"",
            b"access-control-expose-headers": self._exposed,
        }
        assert [name for name, _ in CORS] == list(values)[: len(CORS)]
        return [(name, value) for name, value in values.items() if value]

    def _for_origin(self, origin: bytes, asked: Mapping[bytes, bytes], *, is_options: bool) -> list[HeaderPair]:
        pairs = [(b"access-control-allow-origin", origin)]
        if self._credentials:
            pairs.append((b"access-control-allow-credentials", b"true"))
        if not is_options:
            if self._exposed:
                pairs.append((b"access-control-expose-headers", self._exposed))
            return pairs
        # with credentials browsers take * literally, so that what was asked for is repeated instead
        for name, value, wanted in (
            (b"access-control-allow-methods", self._methods, asked.get(b"access-control-request-method", b"")),
            (b"access-control-allow-headers", self._headers, asked.get(b"access-control-request-headers", b"")),
        ):
            if value != b"*":
                pairs.append((name, value))
            elif _TOKENS.fullmatch(wanted):
                pairs.append((name, wanted))
        pairs.append((b"access-control-max-age", self._max_age))
        if self._private and asked.get(b"access-control-request-private-network") == b"true":
            pairs.append((b"access-control-allow-private-network", b"true"))
        return pairs

    def _varies(self, *, is_preflight: bool) -> bytes:
        return b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers" if is_preflight else b"Origin"


def _pattern(origin: str) -> str:
    """A `*` within an origin stands for any part of a host, or any port; never for the end of another host."""
    return r"[A-Za-z0-9.\-]+".join(map(re.escape, origin.split("*")))


def _list(names: tuple[str, ...]) -> bytes:
    return b"*" if ANY in names else ", ".join(names).encode("latin-1")
