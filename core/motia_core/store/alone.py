"""The cluster of a core that has its store for itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from motia_core.model.event import Delivery


class Alone:
    """The Cluster port: one core, the home of every step, with nobody to tell."""

    shard = 0
    shards: Sequence[int] = (0,)

    def __init__(self) -> None:
        self.missed: Callable[[], None] = lambda: None  # something may be in the store that this core does not know of

    def is_home(self, step_id: str) -> bool:
        return True

    async def claim_homes(self, step_ids: Sequence[str]) -> None:
        return

    def peers(self) -> Sequence[int]:
        return ()

    async def tell(self, deliveries: Sequence[Delivery]) -> None:
        return

    async def announce(self, topic: str) -> None:
        return

    def listen(
        self,
        hear: Callable[[Sequence[int]], None],
        changed: Callable[[], None],
        announced: Callable[[str], None],
    ) -> None:
        self.missed = changed
