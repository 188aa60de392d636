"""Has a test that forgets to close a socket, a file or a process reported by its own name.

Python warns of it when the garbage collector finds the object, which may be many tests later; warnings are errors, so
that some other test would fail. What is forgotten has a file that is open: garbage is collected after such tests only.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Generator

import pytest

_OPEN = pytest.StashKey[set[str]]()


def _open_files() -> set[str]:
    """What is open in this process; a socket has a name of its own each time."""
    found = set()
    for number in os.listdir("/dev/fd"):  # noqa: PTH208  # twice for each test: Path takes four times as long
        try:
            found.add(os.readlink(f"/dev/fd/{number}"))  # noqa: PTH115  # as above
        except OSError:
            continue  # that of the listing itself; or a system that does not say
    return found


def _collect() -> list[str]:
    """What could not be raised while garbage was collected."""
    found: list[str] = []
    before = sys.unraisablehook
    sys.unraisablehook = lambda unraisable: found.append(f"{unraisable.exc_value!r}")
    try:
        gc.collect()
    finally:
        sys.unraisablehook = before
    return found


def pytest_collection_finish() -> None:
    """Modules and tests stay: collecting what comes later takes milliseconds then."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    item.stash[_OPEN] = _open_files()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    yield
    if _open_files() - item.stash[_OPEN] and (forgotten := _collect()):
        pytest.fail(f"{item.nodeid} left something unclosed:\n" + "\n".join(forgotten), pytrace=False)
