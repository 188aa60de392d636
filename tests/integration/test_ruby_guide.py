"""docs/guides/ruby.md: what it shows loads, and does what the page says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.conformance.core import COMMAND
from tests.integration.test_guides import served, state, until, written

ORDER = {"items": [{"product": "coffee", "quantity": 2}, {"product": "cake", "quantity": 1}]}

pytestmark = pytest.mark.ruby


def test_all_steps_load_without_a_problem(tmp_path: Path) -> None:
    assert len(written("ruby", "ruby", tmp_path)) == 5
    checked = subprocess.run([COMMAND, "check", str(tmp_path), "--json"], check=False, capture_output=True, timeout=60)
    found = json.loads(checked.stdout)
    assert found["steps"] == {"total": 6, "loaded": 6}
    assert found["problems"] == []


def test_orders_are_priced_charged_and_reported(tmp_path: Path) -> None:
    with served("ruby", "ruby", tmp_path) as core:
        assert httpx.post(f"{core.url}/orders", json={}).status_code == 400
        placed = httpx.post(f"{core.url}/orders", json=ORDER)
        assert placed.status_code == 202, placed.text
        order = placed.json()["id"]
        until(lambda: state(core, "orders"), {order: {"id": order, **ORDER, "total": 10}})
        until(lambda: state(core, "receipts"), {order: "receipt of 10"})
        until(lambda: state(core, "report"), {"largest": {"id": order, "total": 10}})
        assert httpx.get(f"{core.url}/report").json() == {"total": 10}


def test_middleware_lets_friends_in(tmp_path: Path) -> None:
    with served("ruby", "ruby", tmp_path) as core:
        assert httpx.get(f"{core.url}/secret").status_code == 403
        assert httpx.get(f"{core.url}/secret", headers={"x-friend": "1"}).json() == {"secret": 42}
