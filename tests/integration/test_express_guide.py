"""The guide to Express middleware: its config and steps do what the page says."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.conformance.core import running_core
from tests.integration.test_guides import GUIDES, LANGUAGES, SDK, written
from tests.repo.repository import blocks


@pytest.mark.parametrize("language", LANGUAGES)
def test_app_of_the_guide_answers_and_passes_on(language: str, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "public").mkdir(parents=True)
    (project / "public" / "a.txt").write_text("a file")
    (project / "node_modules").symlink_to(SDK / "node_modules")
    assert written("express", language, project)
    (config,) = (block.text for block in blocks(GUIDES / "express.md") if block.text.startswith("// motia.config.ts\n"))
    (project / "motia.config.ts").write_text(config)
    with running_core(project, tmp_path / "data") as core, httpx.Client(base_url=core.url) as client:
        assert client.get("/health").json() == {"status": "ok"}
        assert client.get("/files/a.txt").text == "a file"
        photo = client.post("/photos", files={"photo": ("cat.jpg", b"x" * 100_000)})
        assert (photo.status_code, photo.json()) == (201, {"name": "cat.jpg", "bytes": 100_000})
        assert client.post("/orders", json={"sku": 1}).status_code == 401
        order = client.post("/orders", json={"sku": 1}, headers={"Authorization": "Bearer letmein"})
        assert (order.status_code, order.json()) == (201, {"user": "ada", "order": {"sku": 1}})
        assert order.headers["x-frame-options"] == "SAMEORIGIN"
