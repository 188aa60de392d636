"""Effects as one operation: its conditions, and what is done when they hold."""

from __future__ import annotations

from collections.abc import Iterator

from motia_core.model.effects import Effects, StateClear, StateWrite, StreamEvent, StreamWrite
from motia_core.model.ids import US_PER_MS, IdSource
from motia_core.model.stream import ChangeKind
from motia_core.store import delivery_sql, state_sql, stream_sql, waiting
from motia_core.store.delivery_rows import to_row
from motia_core.store.server import Operation
from motia_core.store.statements import Row, guarded, steps


def to_operation(effects: Effects, now_us: int, created_ids: IdSource) -> Operation | None:
    """None: there is nothing to do. One without conditions may be a plain statement, joined with its neighbours."""
    now_ms = now_us // US_PER_MS
    guards = list(_guards(effects, now_ms))
    operations = list(_operations(effects, now_ms, created_ids))
    operations += (_stream_write(item, now_us, created_ids) for item in effects.streams)
    if guards:
        return guarded(guards, operations)
    if len(operations) > 1:
        return steps(*operations)
    return operations[0] if operations else None


def _guards(effects: Effects, now_ms: int) -> Iterator[Operation]:
    for used in effects.unique:
        yield waiting.USE_KEY.operation(used.scope, used.key, used.expires_ms, now_ms)
    for answer in effects.answers:
        yield waiting.ANSWER.operation(*answer)
    for write in effects.state:
        if isinstance(write, StateWrite) and write.expected_version is not None:
            key = (write.group, write.key)
            new = (write.value, write.version, write.expires_ms)
            yield state_sql.compare_and_set(key, new, write.expected_version, now_ms)
    for item in effects.streams:
        if isinstance(item, StreamWrite) and item.expected_version is not None:
            yield stream_sql.has_version(item.address, item.expected_version, now_ms)
    if effects.completes:
        yield delivery_sql.END.operation(effects.completes)


def _operations(effects: Effects, now_ms: int, created_ids: IdSource) -> Iterator[Operation]:
    yield from _state_writes([write for write in effects.state if not _is_conditional(write)], now_ms)
    if effects.deliveries:
        yield delivery_sql.ENQUEUE.operation([to_row(delivery) for delivery in effects.deliveries])
    if effects.signals:
        yield waiting.SIGNAL.operation([waiting.signal_row(signal) for signal in effects.signals])
    if effects.remembered:
        yield waiting.REMEMBER.operation([waiting.remembered_row(remembered) for remembered in effects.remembered])
    if effects.wakes:
        yield delivery_sql.WAKE.operation([(delivery_id,) for delivery_id in effects.wakes])
    if effects.completes:
        yield from waiting.forget(effects.completes)


def _is_conditional(write: StateWrite | StateClear) -> bool:
    return isinstance(write, StateWrite) and write.expected_version is not None


def _state_writes(writes: list[StateWrite | StateClear], now_ms: int) -> Iterator[Operation]:
    """In their order; neighbours that set values are one statement."""
    rows: list[Row] = []
    for write in writes:
        if isinstance(write, StateWrite) and write.value is not None:
            rows.append((write.group, write.key, write.value, write.version, write.expires_ms))
            continue
        if rows:
            yield state_sql.SET.operation(rows)
            rows = []
        if isinstance(write, StateClear):
            yield state_sql.CLEAR.operation(write.group)
        else:
            yield state_sql.DELETE.operation(write.group, write.key, now_ms)
    if rows:
        yield state_sql.SET.operation(rows)


def _stream_write(write: StreamWrite | StreamEvent, now_us: int, created_ids: IdSource) -> Operation:
    if isinstance(write, StreamEvent):
        return stream_sql.log_event(write.address, ChangeKind.EVENT, write.event, now_us)
    if write.item is None:
        return stream_sql.delete_item(write.address, now_us)
    return stream_sql.set_item(
        write.address,
        write.item,
        now_ms=write.created_ms,
        now_us=now_us,
        created_id=created_ids.next(),
        expires_ms=write.expires_ms,
        max_items=write.max_items,
    )
