"""The API page in a browser: it works, in light and dark, wide and narrow, and asks nobody but the core."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conformance.core import RunningCore

NPM = Path(__file__).parents[2] / "npm"


@pytest.fixture(scope="module")
def looked(library: RunningCore, tmp_path_factory: pytest.TempPathFactory) -> Any:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None and os.environ.get("CI"):
        pytest.fail("Chromium is missing: install the package chromium")
    if browser is None:
        pytest.skip("Chromium is not installed: THE API PAGE WAS NOT LOOKED AT (install the package chromium)")
    if not (NPM / "node_modules" / "playwright-core").exists():
        pytest.fail("playwright-core is missing: run make setup")
    folder = tmp_path_factory.mktemp("pictures")
    command = ["node", NPM / "look.mjs", browser, library.url, folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=55, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def seen(looked: Any) -> Any:
    """The page of the project's api steps, in each view."""
    return looked["project"]


def test_the_management_api_is_shown_when_it_is_chosen(looked: Any, library: RunningCore) -> None:
    shown = looked["management"]
    assert shown["chosen"] == ["Project", "Management API"]
    assert shown["title"] == "motia-core management API · API"
    document = httpx.get(f"{library.url}/__motia/management.json").json()
    paths = sorted(path for path, methods in document["paths"].items() for _ in methods)
    assert sorted(path.replace("\u200b", "") for path in shown["paths"]) == paths
    assert shown["said"] == []


def test_every_operation_is_shown(seen: Any, library: RunningCore) -> None:
    document = httpx.get(f"{library.url}/__motia/openapi.json").json()
    paths = sorted(path for path, methods in document["paths"].items() for _ in methods)
    assert len(seen) == 4
    for view in seen:
        # the page puts invisible places between segments where a long path may break
        shown = sorted(path.replace("\u200b", "") for path in view["operations"])
        assert shown == paths, view["name"]
        assert view["title"] == "library · API"


def test_a_request_can_be_tried_out(seen: Any) -> None:
    assert {view["name"]: view["answered"][:3] for view in seen} == {view["name"]: "200" for view in seen}


def test_it_is_dark_where_the_system_is_and_never_wider_than_the_window(seen: Any) -> None:
    backgrounds = {view["name"].partition("-")[2]: view["background"] for view in seen}
    assert backgrounds == {"light": "rgb(255, 255, 255)", "dark": "rgb(28, 32, 34)"}
    assert {view["name"]: view["overflow"] for view in seen if view["overflow"] > 0} == {}


def test_nothing_is_wrong_in_the_console(seen: Any) -> None:
    assert {view["name"]: view["said"] for view in seen if view["said"]} == {}


def test_nobody_but_the_core_is_asked(seen: Any, library: RunningCore) -> None:
    for view in seen:
        assert f"{library.url}/__motia/docs/swagger-ui-bundle.js" in view["asked"]
        assert [url for url in view["asked"] if not url.startswith((f"{library.url}/", "data:", "blob:"))] == []
