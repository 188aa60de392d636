"""Server-sent events: a response that browsers read with EventSource."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from typing import Any

from motia.payload import encode

HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",  # some proxies collect what they pass on unless told
}
FIELDS = frozenset({"data", "event", "id", "retry", "comment"})


def sse(events: AsyncIterable[Any] | Iterable[Any], headers: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A response of server-sent events, one for each that the iterable gives.

    Args:
        events: A str is an event's data. A dict with data or comment, and nothing else but event, id and retry
            (milliseconds), is an event with these fields. Everything else is data, as JSON.
        headers: Further headers.
    """
    body = _async_texts(events) if isinstance(events, AsyncIterable) else _texts(events)
    return {"status": 200, "headers": {**HEADERS, **(headers or {})}, "body": body}


async def _async_texts(events: AsyncIterable[Any]) -> AsyncIterator[str]:
    try:
        async for event in events:
            yield event_text(event)
    finally:
        if (close := getattr(events, "aclose", None)) is not None:
            await close()


def _texts(events: Iterable[Any]) -> Iterator[str]:
    for event in events:
        yield event_text(event)


def event_text(event: Any) -> str:
    """One event as it is sent."""
    if not isinstance(event, Mapping) or not FIELDS.issuperset(event) or not ("data" in event or "comment" in event):
        event = {"data": event}
    lines = [f": {line}" for line in str(event.get("comment") or "").splitlines()]
    fields = [(name, event[name]) for name in ("event", "id", "retry") if event.get(name) is not None]
    lines += [f"{name}: {' '.join(str(value).splitlines())}" for name, value in fields]
    if "data" in event:
        data = event["data"]
        text = data if isinstance(data, str) else encode(data, "data of an event").decode()
        lines += [f"data: {line}" for line in text.splitlines() or [""]]
    return "\n".join(lines) + "\n\n"
