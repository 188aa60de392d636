"""A core that has its store for itself, or could share it and is the only one."""

from __future__ import annotations

from motia_core.store import Store
from tests.contract.store.conftest import Run
from tests.fakes.values import a_delivery


def test_lone_core_is_the_home_of_every_step(store: Store, run: Run) -> None:
    cluster = store.cluster
    cluster.listen(lambda ids: None, lambda: None, lambda topic: None)
    run(cluster.claim_homes(["Work", "Other"]))
    assert cluster.is_home("Work")
    assert cluster.is_home("Other")
    assert list(cluster.shards) == [cluster.shard]
    assert list(cluster.peers()) == []
    run(cluster.tell([a_delivery(1)]))
    run(cluster.announce("approved"))
