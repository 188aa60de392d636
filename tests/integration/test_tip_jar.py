"""examples/tip-jar does what its README says."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from tests.conformance.core import running_core
from tests.integration.test_guides import until
from tests.repo.repository import ROOT

EXAMPLE = ROOT / "examples" / "tip-jar"
_TIP = re.compile(r"/tips .*-d '(.*)'")

pytestmark = pytest.mark.ruby


def test_tips_are_counted_and_shown(tmp_path: Path) -> None:
    readme = (EXAMPLE / "README.md").read_text()
    with running_core(EXAMPLE, tmp_path / "data") as core:
        assert httpx.get(f"{core.url}/jar").json() == {"cents": 0, "tips": 0}
        for tip in _TIP.findall(readme):
            given = httpx.post(f"{core.url}/tips", content=tip, headers={"content-type": "application/json"})
            assert given.status_code == 202, given.text
        until(lambda: httpx.get(f"{core.url}/jar").json(), {"cents": 340, "tips": 2})
        assert '`{"cents":340,"tips":2}`' in readme
        shown = f"{core.url}/__motia/streams"
        assert "jar" in httpx.get(shown).text
        for wrong in ({}, {"from": "Ada"}, {"from": "Ada", "cents": 0}, {"from": 1, "cents": 1}):
            assert httpx.post(f"{core.url}/tips", json=wrong).status_code == 400
