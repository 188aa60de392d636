"""What an atomic step changes, told to the steps that watch it: their deliveries join its transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from motia_core.engine.dress import dress
from motia_core.engine.ports import StateStore, StreamStore
from motia_core.model.effects import Effects, StateClear, StateWrite, StreamEvent, StreamWrite
from motia_core.model.event import Delivery
from motia_core.model.stream import StoredItem
from motia_core.model.trace import TraceContext

if TYPE_CHECKING:  # it needs deliveries, which need what uses this
    from motia_core.engine.watching import Watching


async def tell(
    effects: Effects, state: StateStore, items: StreamStore, watching: Watching, trace: TraceContext
) -> None:
    """Add the deliveries of all changes. What is told to have been there becomes a condition."""
    if watching.of_state and effects.state:
        await _tell_of_state(effects, state, watching, trace)
    for at, change in enumerate(effects.streams):
        if not watching.of_stream(change.address.stream):
            continue
        if isinstance(change, StreamEvent):
            effects.deliveries += watching.stream_changed("event", change.address, change.event, trace)
        else:
            effects.streams[at], told = await _told_of_item(change, items, watching, trace)
            effects.deliveries += told


async def _tell_of_state(effects: Effects, state: StateStore, watching: Watching, trace: TraceContext) -> None:
    cleared = {write.group for write in effects.state if isinstance(write, StateClear)}
    gone = {(group, key): value for group in cleared for key, value in await state.get_group(group)}
    conditional: list[StateWrite | StateClear] = []
    others: list[StateWrite | StateClear] = []
    for write in effects.state:
        if isinstance(write, StateClear):
            others.append(write)
            continue
        if write.group in cleared:
            old = gone.pop((write.group, write.key), None)
            others.append(write)
        else:
            old, version = await state.get(write.group, write.key) or (None, 0)
            expected = version if write.expected_version is None else write.expected_version
            conditional.append(replace(write, expected_version=expected))
        if old is not None or write.value is not None:
            effects.deliveries += watching.state_changed(write.group, write.key, old, write.value, trace)
    for (group, key), old in gone.items():
        effects.deliveries += watching.state_changed(group, key, old, None, trace)
    effects.state = [*conditional, *others]


async def _told_of_item(
    write: StreamWrite, items: StreamStore, watching: Watching, trace: TraceContext
) -> tuple[StreamWrite, list[Delivery]]:
    found = await items.get(write.address)
    if write.expected_version is None:
        write = replace(write, expected_version=found.version if found else 0)
    if write.item is None:
        if found is None:
            return write, []
        return write, watching.stream_changed("delete", write.address, dress(write.address, found), trace)
    created_ms = found.created_ms if found else write.created_ms
    shown = dress(write.address, StoredItem(write.address.item_id, write.item, created_ms, 0))
    return write, watching.stream_changed("update" if found else "create", write.address, shown, trace)
