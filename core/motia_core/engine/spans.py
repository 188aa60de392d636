"""Spans of users' OpenTelemetry on their way to the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from motia_core.engine.records import TraceStore
from motia_core.model.ids import IdSource
from motia_core.model.trace import SpanRecord
from motia_core.settings import TracingSettings


class RecordedSpans:
    """Keeps spans, when everything is to be recorded."""

    def __init__(self, store: TraceStore, ids: IdSource, now_ms: Callable[[], int], settings: TracingSettings) -> None:
        self._store = store
        self._ids = ids
        self._now_ms = now_ms
        self._is_on = settings.record == "all"
        self._most_bytes = settings.max_payload_bytes

    def add(self, spans: Sequence[SpanRecord]) -> None:
        """Keep spans that have ended; `id` and `time_ms` are set here."""
        if not self._is_on or not spans:
            return
        now_ms = self._now_ms()
        self._store.spans([self._kept(span, now_ms) for span in spans])

    def _kept(self, span: SpanRecord, now_ms: int) -> SpanRecord:
        attributes = span.attributes if len(span.attributes) <= self._most_bytes else b""
        return span._replace(id=self._ids.next(), time_ms=now_ms, attributes=attributes)
