"""What speaks the previous revision of the protocol beside what speaks this one: SDKs with the core, and the reverse.

The image of one project has the parts of today; a part of an earlier revision is mounted over one of them.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from tests.containers.fleet import Box, Fleet, wait_until
from tests.containers.images import Images
from tests.containers.test_one_image import ORDER, answers, priced
from tests.repo.repository import ROOT

pytestmark = [pytest.mark.containers, pytest.mark.timeout(900)]
REVISIONS = sorted((Path(__file__).parent / "released").glob("revision-*"))
INSTALLED = "/opt/motia/lib/python3.11/site-packages/motia_core"
SDKS = {"python": ("motia", f"{INSTALLED}/_sdk/python/motia"), "node": ("dist", f"{INSTALLED}/_sdk/node/dist")}


@pytest.fixture(scope="module")
def fleet(images: Images) -> Iterator[Fleet]:
    fleet = Fleet("revisions")
    try:
        yield fleet
    finally:
        fleet.close()


def unpacked(archive: Path, into: Path) -> Path:
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(into)
    return into


def run(fleet: Fleet, images: Images, name: str, volumes: Mapping[str, str]) -> Box:
    """The example order-pipeline; an order has gone through all its languages."""
    image = images.of_project("all-in-one", ROOT / "examples" / "order-pipeline")
    box = fleet.start(name, image, {"LOG_LEVEL": "debug"}, volumes)
    wait_until(lambda: answers(box.url), f"{name} answers", 60, lambda: box.log)
    order = httpx.post(f"{box.url}/orders", json=ORDER, timeout=20)
    assert order.status_code == 202, box.log
    wait_until(lambda: priced(box.url, order.json()["id"]), "the order is priced in Python", 30, lambda: box.log)
    box.says("Dear Ada", 30)
    return box


@pytest.mark.parametrize("language", SDKS)
@pytest.mark.parametrize("revision", REVISIONS, ids=lambda path: path.name)
def test_earlier_sdk_with_this_core(
    fleet: Fleet, images: Images, tmp_path: Path, revision: Path, language: str
) -> None:
    folder, installed = SDKS[language]
    sdk = unpacked(revision / f"{language}.zip", tmp_path)
    box = run(fleet, images, f"{revision.name}-{language}", {str(sdk / folder): installed})
    assert box.run("find", installed, "-name", "attaching.*") == (0, ""), "it is the earlier one that has run"
    assert box.stop() == 0, box.log


@pytest.mark.parametrize("revision", REVISIONS, ids=lambda path: path.name)
def test_these_sdks_with_an_earlier_core(fleet: Fleet, images: Images, tmp_path: Path, revision: Path) -> None:
    core = unpacked(revision / "core.zip", tmp_path / "core")
    today = unpacked(images.wheel.path, tmp_path / "today")
    (today / "motia_core" / "_sdk").rename(core / "motia_core" / "_sdk")
    esbuild = core / "motia_core" / "_sdk" / "node" / "node_modules" / "@esbuild"
    for program in esbuild.glob("*/bin/esbuild"):
        program.chmod(0o755)  # archives of Python forget it
    box = run(fleet, images, f"core-of-{revision.name}", {str(core / "motia_core"): INSTALLED})
    assert box.stop() == 0, box.log
