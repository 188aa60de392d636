"""Scenarios of level 3: what the life of a sidecar's process brings. A case names one with `scenario`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from motia_core.conformance.life import ending, hanging, losing, misbehaving, reloading
from motia_core.conformance.life.scene import Scene

Scenario = Callable[[Scene], None]

SCENARIOS: Mapping[str, Scenario] = {
    "blocks": misbehaving.blocks,
    "dies": misbehaving.dies,
    "exits": misbehaving.exits,
    "floods": misbehaving.floods,
    "uncaught": misbehaving.uncaught,
    "blocked_event": hanging.blocked_event,
    "dies_in_event": hanging.dies_in_event,
    "frozen": hanging.frozen,
    "late": hanging.late,
    "long": hanging.long,
    "killed": losing.killed,
    "reconnects": losing.reconnects,
    "drains": ending.drains,
    "drains_events": ending.drains_events,
    "leaves": ending.leaves,
    "orphans": ending.orphans,
    "reloads": reloading.reloads,
    "reloads_broken": reloading.reloads_broken,
}
