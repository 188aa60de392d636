"""Who may use the management API.

Beyond loopback only who has the token. On loopback without one, programs of this machine; not the web pages in its
browsers, which can send requests anywhere: their `Host` betrays DNS rebinding, their `Origin` a foreign page.
"""

from __future__ import annotations

import hmac
import re
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

from motia_core.errors import ForbiddenError, UnauthorizedError
from motia_core.model.loopback import is_loopback
from motia_core.settings import HttpSettings

_HOST = re.compile(r"\[(?P<ipv6>[^]]+)\](?::\d+)?|(?P<name>[^:]*)(?::\d+)?")


def check_access(http: HttpSettings, *, host: str, origin: str, authorization: str) -> None:
    """Let a request pass, or say why not.

    Args:
        http: Where the core listens, and its token.
        host: The request's Host header.
        origin: Its Origin header; empty: none.
        authorization: Its Authorization header.

    Raises:
        UnauthorizedError: The token is wrong or missing.
        ForbiddenError: No token is configured, and the request may come from elsewhere.
    """
    if http.admin_token:
        scheme, _, token = authorization.partition(" ")
        is_right = hmac.compare_digest(token.strip().encode(), http.admin_token.encode())
        if scheme.lower() != "bearer" or not is_right:
            raise UnauthorizedError("This needs the header 'Authorization: Bearer' with the value of http.admin_token.")
        return
    if not is_loopback(http.host):
        raise ForbiddenError(
            f"The core listens on {http.host}, where this needs a token: set http.admin_token "
            "(MOTIA_HTTP_ADMIN_TOKEN) and send it as 'Authorization: Bearer …'."
        )
    if not is_loopback(_name(host)):
        raise ForbiddenError("The Host header is not a loopback address: use http://127.0.0.1 or http://localhost.")
    if origin and urlsplit(origin).netloc.lower() != host.lower():
        raise ForbiddenError("The request comes from a web page of another origin.")


def check_stream_access(http: HttpSettings, url: str, headers: list[str]) -> None:
    """The same for a client of streams. A browser cannot give it headers: the token may also be a sub-protocol after
    `Authorization`, or `authToken` in the address, as clients of 0.x send theirs.

    Args:
        url: Path and query.
        headers: Lower-case name, value, name, value.

    Raises:
        UnauthorizedError, ForbiddenError: As `check_access`.
    """
    given = dict(zip(headers[::2], headers[1::2], strict=True))
    protocol, _, token = given.get("sec-websocket-protocol", "").partition(",")
    # in several places, as the project's streamAuth may want one of them for a token of its own
    offered = [given.get("authorization", "")]
    offered += [f"Bearer {token}"] if protocol.strip().lower() == "authorization" else []
    offered += [f"Bearer {token}" for token in parse_qs(urlsplit(url).query).get("authToken", ())]
    for authorization in offered:
        with suppress(UnauthorizedError):
            check_access(http, host=given.get("host", ""), origin=given.get("origin", ""), authorization=authorization)
            return
    raise UnauthorizedError(
        "This stream needs the value of http.admin_token: as 'Authorization: Bearer', as the sub-protocol after "
        "'Authorization', or as authToken in the address."
    )


def _name(host: str) -> str:
    match = _HOST.fullmatch(host)
    return (match["ipv6"] or match["name"]) if match else ""
