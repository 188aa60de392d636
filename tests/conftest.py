"""What tests of several kinds share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.fakes.postgres import PostgresServer, binaries
from tests.programs import pytest_collection_modifyitems
from tests.side_by_side import pytest_xdist_auto_num_workers, pytest_xdist_make_scheduler
from tests.unclosed import pytest_collection_finish, pytest_runtest_setup, pytest_runtest_teardown

__all__ = [
    "pytest_collection_finish",
    "pytest_collection_modifyitems",
    "pytest_runtest_setup",
    "pytest_runtest_teardown",
    "pytest_xdist_auto_num_workers",
    "pytest_xdist_make_scheduler",
]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL server. Missing on a developer's machine: skipped, and said so; in CI it must be there."""
    programs = binaries()
    if programs is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL's programs are missing: install the package postgresql")
        pytest.skip("PostgreSQL is not installed: NOTHING was tested against it (install the package postgresql)")
    server = PostgresServer(programs)
    try:
        server.start()
        yield server
    finally:
        server.remove()
