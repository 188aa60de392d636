"""A run as text: its attempts, and the spans that users made in them, as bars in its time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from motia_core.cli.layout import Layout, clean, duration

NARROWEST_BARS = 20
WIDEST_NAME = 36
BAR, SPAN, WAITED = "█", "▄", "░"


@dataclass(frozen=True, slots=True)
class Row:
    """A line with a bar."""

    name: str
    start_ms: float
    duration_ms: float
    waited_ms: float
    is_failed: bool
    language: str
    bar: str = BAR


def waterfall(attempts: Sequence[dict[str, Any]], layout: Layout) -> list[str]:
    """The lines of a run.

    Args:
        attempts: As `GET /__motia/traces/ID` has them.
    """
    rows = list(_rows(attempts))
    first = min(row.start_ms for row in rows)
    whole = max(1.0, max(row.start_ms + row.duration_ms for row in rows) - first)
    widest = min(WIDEST_NAME, max(len(row.name) for row in rows))
    room = max(NARROWEST_BARS, min(layout.width, 110) - widest - 26)
    lines = []
    for row in rows:
        start = round((row.start_ms - first) / whole * room)
        waited = min(start, round(row.waited_ms / whole * room))
        width = max(1, round(row.duration_ms / whole * room))
        bar = row.bar * min(width, max(1, room - start))
        colour = layout.red if row.is_failed else layout.cyan
        shown = f"{' ' * (start - waited)}{layout.dim(WAITED * waited)}{colour(bar)}"
        padding = " " * max(0, room - start - len(bar))
        cut = clean(row.name)[:widest]
        language = layout.dim(f"{row.language[:10]:10}")
        lines.append(f"  {cut:{widest}}  {shown}{padding}  {duration(row.duration_ms):>8}  {language}")
    return lines


def _rows(attempts: Sequence[dict[str, Any]]) -> Iterator[Row]:
    for one, depth in _in_tree(attempts, "id", "parentId"):
        number = f" #{one['attempt']}" if one["attempt"] > 1 else ""
        name = f"{'  ' * depth}{one['name']}{number}"
        is_failed = one["status"] == "failed"
        yield Row(name, one["startedMs"], one["durationMs"], one["waitedMs"], is_failed, one["language"])
        spans = sorted(one["spans"], key=lambda span: float(span["offsetMs"]))
        for span, below in _in_tree(spans, "spanId", "parentSpanId"):
            name = f"{'  ' * (depth + below)}  · {span['name']}"
            start_ms = one["startedMs"] + span["offsetMs"]
            yield Row(name, start_ms, span["durationMs"], 0, span["error"] is not None, "", SPAN)


def in_order(attempts: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Attempts by the time at which they began."""
    return sorted(attempts, key=lambda one: (one["startedMs"], one["id"]))


def _in_tree(nodes: Sequence[Mapping[str, Any]], key: str, parent: str) -> Iterator[tuple[Mapping[str, Any], int]]:
    """Nodes, each below its parent, with its depth."""
    known = {one[key] for one in nodes}
    below: dict[object, list[Mapping[str, Any]]] = {}
    for one in in_order(nodes) if key == "id" else nodes:
        below.setdefault(one[parent] if one[parent] in known else None, []).append(one)

    def walk(above: object, depth: int) -> Iterator[tuple[Mapping[str, Any], int]]:
        for one in below.get(above, []):
            yield one, depth
            yield from walk(one[key], depth + 1)

    return walk(None, 0)
