"""Conditional requests: does the client have this already?"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime


def is_fresh(asked: Mapping[bytes, bytes], etag: bytes, last_modified: bytes) -> bool:
    """Whether 304 is the answer (the rules of Express's `req.fresh`).

    Args:
        asked: The request's headers; one of If-None-Match and If-Modified-Since is among them.
        etag: The response's; empty: none.
        last_modified: The same.
    """
    if b"no-cache" in asked.get(b"cache-control", b""):
        return False
    known = asked.get(b"if-none-match")
    if known is not None and known.strip() != b"*":
        etag = etag.removeprefix(b"W/")
        if not etag or etag not in [tag.strip().removeprefix(b"W/") for tag in known.split(b",")]:
            return False
    since = asked.get(b"if-modified-since")
    if since is not None:
        try:
            modified = parsedate_to_datetime(last_modified.decode("latin-1"))
            return modified <= parsedate_to_datetime(since.decode("latin-1"))
        except (ValueError, TypeError):
            return False
    return True
