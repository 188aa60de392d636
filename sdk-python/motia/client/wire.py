"""What the core sends, and why it refuses (docs/stream-wire.md)."""

from __future__ import annotations

from typing import Any

Frame = dict[str, Any]


class StreamError(Exception):
    """Something was refused, or did not happen.

    Args:
        code: One of docs/stream-wire.md; or of the client: TIMEOUT, CLOSED, UNCERTAIN.
        message: What is wrong.
        errors: Of a message that its schema does not take: one entry for each violation.
    """

    def __init__(self, code: str, message: str, errors: list[Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.errors = errors or []


def refusal_of(frame: Frame) -> dict[str, Any] | None:
    """What a frame says was refused; None: it is no refusal."""
    event = frame["event"]
    if event["type"] != "event" or event["event"].get("type") != "error":
        return None
    data = event["event"].get("data")
    return data if isinstance(data, dict) and isinstance(data.get("code"), str) else None
