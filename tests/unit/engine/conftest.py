"""The engine's tests take no time, and none of them depends on how busy the machine is."""

from __future__ import annotations

import pytest

from tests.simulation.loop import SimulatedLoop


@pytest.fixture(autouse=True)
def simulated_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Timers of `asyncio.run` are due at once when nothing else is left to do."""
    monkeypatch.setattr("asyncio.events.new_event_loop", SimulatedLoop)
