"""What documents point at exists: links, anchors, files and commands."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.repo.repository import ROOT, anchors, documents, name_of, prose

_LINK = re.compile(r"\[[^\]]*\]\(<?([^)\s>]+)>?(?: \"[^\"]*\")?\)")
_SOURCE = re.compile(r"(?<![\w./*-])((?:[\w.-]+/)*[\w-]+\.(?:py|proto))(?![\w*])")
# Where documents may leave the beginning of a path out.
ROOTS = (ROOT, ROOT / "core" / "motia_core", ROOT / "sdk-python" / "motia", ROOT / "sdk-node" / "src")
LAYOUT_PAGES = ("ARCHITECTURE.md", "CONTRIBUTING.md", "docs/request-lifecycle.md")


def without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", text)


def broken_links(page: Path) -> list[str]:
    broken = []
    for target in _LINK.findall(without_code(prose(page))):
        if re.match(r"[a-z]+:", target):
            continue
        path_text, _, anchor = target.partition("#")
        path = (page.parent / unquote(path_text)).resolve() if path_text else page
        if not path.exists() or (anchor and path.suffix == ".md" and anchor not in anchors(path)):
            broken.append(f"{name_of(page)}: {target}")
    return broken


def test_relative_links_resolve() -> None:
    assert documents()
    assert [link for page in documents() for link in broken_links(page)] == []


@pytest.mark.parametrize("name", LAYOUT_PAGES)
def test_source_files_that_are_named_exist(name: str) -> None:
    named = {path for path in _SOURCE.findall((ROOT / name).read_text()) if "/" in path}
    assert named
    assert sorted(path for path in named if not any((root / path).exists() for root in ROOTS)) == []
