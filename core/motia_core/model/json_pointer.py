"""Steps of a JSON Pointer (RFC 6901)."""

from __future__ import annotations


def escape(name: str) -> str:
    """A name as it stands between two slashes."""
    return name.replace("~", "~0").replace("/", "~1")


def unescape(step: str) -> str:
    """The name that stands there."""
    return step.replace("~1", "/").replace("~0", "~")
