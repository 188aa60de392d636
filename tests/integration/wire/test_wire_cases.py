"""The SDKs of the repository keep every rule in every wire case."""

from __future__ import annotations

import asyncio

import pytest

from motia_core.conformance.wire import CASES, Subject, WireCase, run_case
from tests.integration.wire.sidecars import LANGUAGES, subject

WAIT_S = 20.0


@pytest.fixture(scope="module", params=list(LANGUAGES))
def sidecar(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Subject:
    return subject(request.param, tmp_path_factory.mktemp(request.param))


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_wire_case(case: WireCase, sidecar: Subject) -> None:
    outcome = asyncio.run(run_case(case, sidecar, WAIT_S))
    assert outcome.does_not_apply == ""
    assert [str(each) for each in outcome.broken] == [], outcome.output
