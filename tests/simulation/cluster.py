"""Who runs what when several simulated cores share a store: store/postgres/membership.py without a database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextvars import Context
from functools import partial
from random import Random

from motia_core.model.event import Delivery

LEASE_S = 10.0


class Members:
    """What the database would know."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.owners: dict[int, int] = {}  # by shard
        self.homes: dict[str, int] = {}  # by step
        self.living: dict[int, SimulatedCluster] = {}
        self.highest = 0

    def join(self) -> SimulatedCluster:
        self.highest += 1
        member = SimulatedCluster(self, self.highest)
        self.living[member.shard] = member
        self.owners[member.shard] = member.shard
        self.take_over(member)
        self.tell_all(member.shard)
        return member

    def leave(self, shard: int, *, killed: bool) -> None:
        """A killed core is missed when its lease is over; one that leaves hands over at once."""
        del self.living[shard]
        if killed:
            asyncio.get_running_loop().call_later(LEASE_S, self.miss)
        else:
            self.miss()

    def miss(self) -> None:
        for member in list(self.living.values())[:1]:
            self.take_over(member)
        self.tell_all(0)

    def take_over(self, member: SimulatedCluster) -> None:
        self.owners = {shard: owner if owner in self.living else member.shard for shard, owner in self.owners.items()}
        self.homes = {step: owner for step, owner in self.homes.items() if owner in self.living}

    def tell_all(self, but: int) -> None:
        loop = asyncio.get_running_loop()
        for member in self.living.values():
            if member.shard != but:
                loop.call_later(self.random.random() / 100, member.changed, context=member.context)


class SimulatedCluster:
    """Implements `Cluster`."""

    def __init__(self, members: Members, shard: int) -> None:
        self._members = members
        self._steps: Sequence[str] = ()
        self._hear: Callable[[Sequence[int]], None] = lambda ids: None
        self._changed: Callable[[], None] = lambda: None
        self._announced: Callable[[str], None] = lambda topic: None
        self.shard = shard
        self.shards: Sequence[int] = (shard,)
        self._homes: set[str] = set()
        self.context = Context()  # of the core's life, in which it hears what others say

    def is_home(self, step_id: str) -> bool:
        return step_id in self._homes

    async def claim_homes(self, step_ids: Sequence[str]) -> None:
        self._steps = step_ids
        self._learn()

    def peers(self) -> Sequence[int]:
        return [shard for shard in self._members.living if shard != self.shard]

    async def tell(self, deliveries: Sequence[Delivery]) -> None:
        ids = [delivery.id for delivery in deliveries]
        for peer in self._others():
            self._later(peer, lambda peer=peer: peer._hear(ids))  # type: ignore[misc]

    async def announce(self, topic: str) -> None:
        for peer in self._others():
            self._later(peer, lambda peer=peer: peer._announced(topic))  # type: ignore[misc]

    def listen(
        self,
        hear: Callable[[Sequence[int]], None],
        changed: Callable[[], None],
        announced: Callable[[str], None],
    ) -> None:
        self._hear, self._changed, self._announced = hear, changed, announced

    def changed(self) -> None:
        if self.shard in self._members.living:
            self._learn()
            self._changed()

    def _learn(self) -> None:
        members = self._members
        for step in self._steps:
            members.homes.setdefault(step, self.shard)
        self.shards = tuple(sorted(shard for shard, owner in members.owners.items() if owner == self.shard))
        self._homes = {step for step, owner in members.homes.items() if owner == self.shard}

    def _others(self) -> list[SimulatedCluster]:
        return [peer for peer in self._members.living.values() if peer is not self]

    def _later(self, peer: SimulatedCluster, said: Callable[[], None]) -> None:
        """What is said arrives a little later; when it is lost, so is the connection, and the peer looks again."""
        random, loop = self._members.random, asyncio.get_running_loop()
        if random.random() < 0.1:
            loop.call_later(random.random(), peer.changed, context=peer.context)
        else:
            heard = partial(self._arrive, peer, said)
            loop.call_later(random.random() / 50, heard, context=peer.context)

    def _arrive(self, peer: SimulatedCluster, said: Callable[[], None]) -> None:
        if peer.shard in self._members.living:
            said()
