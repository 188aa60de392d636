"""Go steps in a project: what docs/guides/go.md shows, packages that are broken, files that are saved."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import httpx

from tests.conformance.core import COMMAND, running_core
from tests.integration.test_guides import served, state, until

GUIDE = "go"
EXAMPLE = Path(__file__).parents[2] / "examples" / "go-orders"
STEP = """package steps

import "motia"

var _ = motia.API(motia.APIConfig{Name: "Hello", Method: "GET", Path: "/hello"},
	func(ctx *motia.Context, req motia.Request[motia.None]) (motia.Response[string], error) {
		return motia.Response[string]{Status: 200, Body: "one"}, nil
	})
"""


def test_steps_of_the_guide_do_what_it_says(tmp_path: Path) -> None:
    with served(GUIDE, "go", tmp_path) as core, httpx.Client(base_url=core.url) as client:
        order = {"customer": "Ada", "items": [{"product": "coffee", "quantity": 2}]}
        placed = client.post("/orders", json=order)
        assert placed.status_code == 201, placed.text
        number = placed.json()["id"]
        assert client.get(f"/orders/{number}").json() == {**order, "id": number}
        assert client.get("/orders/none").status_code == 404
        refused = client.post("/orders", json={**order, "items": [{"product": "coffee", "quantity": "two"}]})
        assert refused.status_code == 400
        assert refused.json()["details"]["errors"][0]["path"].startswith("/items")
        until(lambda: state(core, "packed"), {number: {"label": "to Ada", "pieces": 2}})
        assert client.get("/countdown").status_code == 401
        assert client.get("/countdown", headers={"authorization": "Bearer secret"}).text == "3 2 1 go, Ada"
        note = client.put("/notes/7", json={"text": "hello"}).json()
        assert (note["id"], note["text"]) == ("7", "hello")


def test_a_package_that_does_not_compile_costs_its_own_steps(tmp_path: Path) -> None:
    (tmp_path / "steps" / "broken").mkdir(parents=True)
    (tmp_path / "steps" / "a.step.go").write_text(STEP)
    (tmp_path / "steps" / "broken" / "b.step.go").write_text("package broken\n\nvar Total = total\n")
    checked = subprocess.run([COMMAND, "check", str(tmp_path), "--json"], check=False, capture_output=True, timeout=120)
    found = json.loads(checked.stdout)
    assert found["steps"] == {"total": 2, "loaded": 1}
    [problem] = found["problems"]
    where = (problem["file"], problem["line"], problem["phase"], problem["cause"])
    assert where == ("steps/broken/b.step.go", 3, "compile", "undefined: total")


def test_what_is_saved_is_served_and_what_does_not_compile_is_not(tmp_path: Path) -> None:
    file = tmp_path / "project" / "steps" / "a.step.go"
    file.parent.mkdir(parents=True)
    file.write_text(STEP)
    with running_core(tmp_path / "project", tmp_path / "data", start_s=120, command="dev") as core:
        until(lambda: httpx.get(f"{core.url}/hello").text, "one")
        file.write_text(STEP.replace('"one"', "two"))
        until(lambda: any("undefined: two" in json.dumps(record) for record in core.records), True)
        assert httpx.get(f"{core.url}/hello").text == "one"
        file.write_text(STEP.replace('"one"', '"two"'))
        until(lambda: httpx.get(f"{core.url}/hello").text, "two")


def test_the_example_prices_orders_and_shows_them(tmp_path: Path) -> None:
    with running_core(EXAMPLE, tmp_path, start_s=120) as core, httpx.Client(base_url=core.url) as client:
        number = client.post("/orders", json={"customer": "Ada", "lines": [{"product": "cake", "quantity": 2}]}).json()[
            "id"
        ]
        until(lambda: client.get(f"/orders/{number}").json().get("cents"), 900)
        until(lambda: client.get("/__motia/streams/group/orders/all").json()["items"][0]["status"], "costs 900 cents")
