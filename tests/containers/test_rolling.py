"""Replacing what runs by something newer, one after the other, without a failed request."""

from __future__ import annotations

import threading

import httpx
import pytest

from tests.containers.deployment import LANGUAGES, Deployment, all_arrive, ready
from tests.containers.faults import FaultLog
from tests.containers.fleet import wait_until
from tests.containers.load import Load

pytestmark = [pytest.mark.containers, pytest.mark.timeout(900)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sidecar_is_replaced(system: Deployment, faults: FaultLog, language: str) -> None:
    """A second one attaches, then the first is told to stop: it finishes what it runs."""
    core, old = system.box("core"), system.box(language)
    with Load([core.url]) as load, Slow(core.url) as slow:
        load.more()
        before = core.log.count(f"{language} 1@")
        new = system.start_sidecar(language, f"{language}-new")
        wait_until(lambda: core.log.count(f"{language} 1@") > before, f"the new {language} sidecar attaches")
        load.more()
        assert old.stop() == 0, old.log
        load.more()
    old.kill()
    new.name = language
    whole_s = all_arrive(core, load)
    faults.add("replaced by a newer one", language, load, whole_s)
    assert load.failures() == {}, core.log
    assert set(slow.statuses) == {200}


def test_a_core_is_replaced(system: Deployment, faults: FaultLog) -> None:
    """Two cores share the database; a balancer asks the other where one refuses."""
    old = system.box("core")
    with Load([old.url]) as load:
        load.more()
        new = system.start_core("core-new")
        its = [system.start_sidecar(language, f"{language}-of-new", core="core-new") for language in system.languages]
        ready(new)
        load.urls.append(new.url)
        load.more()
        assert old.stop() == 0, old.log
        load.more()
    whole_s = all_arrive(new, load)
    faults.add("replaced by a newer one", "core", load, whole_s)
    assert load.failures() == {}, new.log
    for box in (*its, new, old):  # what comes after this begins with what was there before it
        box.kill()
    ready(system.start_core())


class Slow:
    """Asks for what takes a second, all the time, while it is entered."""

    def __init__(self, url: str) -> None:
        self.statuses: list[int] = []
        self._url = url
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> Slow:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._stop.is_set():
            self.statuses.append(httpx.get(f"{self._url}/slow", timeout=40).status_code)
