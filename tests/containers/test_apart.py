"""Core, sidecars and PostgreSQL, each in its own container, and what happens when one of them is lost under load."""

from __future__ import annotations

import time

import pytest

from tests.containers.deployment import LANGUAGES, THROUGH, Deployment, all_arrive, delivered, is_ready, ready
from tests.containers.engine import Podman
from tests.containers.faults import FaultLog
from tests.containers.fleet import Box, wait_until
from tests.containers.load import Load

pytestmark = [pytest.mark.containers, pytest.mark.timeout(900)]
FAULT_S = 4  # longer than a sidecar may be silent before it counts as busy
BOUND_S = 20  # nobody waits longer for an answer,
# but when a core has lost all of its network: it cannot tell silence from a loss for sidecars.lost_after_ms (30 s)
ALONE_BOUND_S = 35
PROPER = frozenset({"502 SIDECAR_LOST", "503 NO_SIDECAR"})
# What no core can answer that is gone; a handler fails whose emit has failed, because the database is away.
UNANSWERED = {
    "core": frozenset({"no connection", "RemoteProtocolError", "ReadError"}),
    "postgres": frozenset({"500 ?"}),
}


def test_a_parcel_goes_through_all_languages(system: Deployment) -> None:
    core = system.box("core")
    with Load([core.url]) as load:
        load.more(5)
    all_arrive(core, load)
    assert load.failures() == {}
    there = delivered(core)
    assert all(there[one] == THROUGH for one in load.accepted())


@pytest.mark.parametrize("name", ["core", *LANGUAGES])
def test_each_is_healthy_and_nobody_in_particular(system: Deployment, podman: Podman, name: str) -> None:
    box = system.box(name)
    podman.run("healthcheck", "run", box.container)
    assert box.run("id", "-u") == (0, "10001\n")


def test_who_shows_no_certificate_is_refused_and_both_say_why(system: Deployment) -> None:
    stranger = system.start_sidecar("python", "stranger", is_known=False)
    try:
        stranger.says("the core wants to see a certificate")
        system.box("core").says("was refused: it shows no certificate (MOTIA_SIDECAR_CERT)")
    finally:
        stranger.kill()


@pytest.mark.parametrize("name", [*LANGUAGES, "core", "postgres"])
def test_killed(system: Deployment, faults: FaultLog, name: str) -> None:
    """It is ended at once, and another is started in its place, as whoever runs containers does."""
    core = system.box("core")
    with Load([core.url]) as load:
        load.more()
        system.box(name).kill()
        time.sleep(1)
        again = restart(system, name)
        if name == "core":
            core = again
            load.urls[:] = [again.url]
        ready(core)
        load.more()
    whole_s = all_arrive(core, load)
    faults.add("killed, and started again", name, load, whole_s)
    answered_properly(core, load, also=UNANSWERED.get(name, frozenset()))


@pytest.mark.parametrize("name", [*LANGUAGES, "core", "postgres"])
def test_frozen(system: Deployment, faults: FaultLog, name: str) -> None:
    core = system.box("core")
    with Load([core.url]) as load:
        load.more()
        system.box(name).pause()
        time.sleep(FAULT_S)
        system.box(name).unpause()
        if name == "core":
            core = replaced_if_fenced(system, core, load)
        load.more()
    whole_s = all_arrive(core, load)
    faults.add(f"frozen for {FAULT_S} s", name, load, whole_s)
    answered_properly(core, load, also=UNANSWERED.get(name, frozenset()))


@pytest.mark.parametrize("name", [*LANGUAGES, "core", "postgres"])
def test_cut_off(system: Deployment, faults: FaultLog, name: str) -> None:
    """It is off the network for longer than a session can be resumed, and back with another address. Clients reach the
    core all the time."""
    core = system.box("core")
    with Load([core.url]) as load:
        load.more()
        system.box(name).cut()
        time.sleep(2 * FAULT_S)
        system.box(name).mend()
        core = replaced_if_fenced(system, core, load) if name == "core" else core
        ready(core)
        load.more()
    whole_s = all_arrive(core, load)
    faults.add(f"off the network for {2 * FAULT_S} s", name, load, whole_s)
    lost = (name, "postgres") if name == "core" else (name,)  # a core that is cut off has no database either
    also = frozenset().union(*(UNANSWERED.get(one, frozenset()) for one in lost))
    answered_properly(core, load, also, ALONE_BOUND_S if name == "core" else BOUND_S)


def restart(system: Deployment, name: str) -> Box:
    if name == "core":
        return system.start_core()
    return system.start_postgres() if name == "postgres" else system.start_sidecar(name)


def replaced_if_fenced(system: Deployment, core: Box, load: Load) -> Box:
    """The core that goes on: one that was frozen for longer than its lease ends, and is started again."""
    wait_until(lambda: core.status == "exited" or is_ready(core), "the core goes on or ends")
    if core.status == "exited":
        core.kill()
        core = system.start_core()
        load.urls[:] = [core.url]
        ready(core)
    return core


def answered_properly(core: Box, load: Load, also: frozenset[str] = frozenset(), bound_s: float = BOUND_S) -> None:
    """Every request had an answer in time: it was accepted, or refused with a status that says to come again."""
    assert set(load.failures()) <= PROPER | also, f"{load.failures()}\n{core.log[-3000:]}"
    slowest = max(load.answers, key=lambda answer: answer.seconds)
    assert slowest.seconds < bound_s, f"{slowest}\n{core.log[-3000:]}"
