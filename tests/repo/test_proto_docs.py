"""The protocol's text, its index and its files agree; what code and documents cite exists."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from motia_core.sidecars.service import REVISIONS
from tests.repo.repository import ROOT, anchors, blocks, code, name_of, occurrences, prose, table

PROTO = ROOT / "proto"
INDEX = PROTO / "README.md"
PROTOCOL = ROOT / "docs" / "protocol.md"
SOURCES = (".py", ".ts", ".js", ".proto", ".md", ".toml")
EXCHANGES = (
    "Handshake",
    "Load",
    "Credit",
    "Invoke",
    "Context calls",
    "Cancel",
    "Liveness",
    "Drain",
    "Resume",
    "Telemetry",
    "Protocol errors",
)
_CITED = re.compile(r"docs/([\w-]+)\.md((?:#[\w-]+)(?:,\s+#[\w-]+)*)?")
_RULE = re.compile(r"^- \*\*([A-Z]+)-(\d+)\*\* ", re.MULTILINE)


def messages() -> set[str]:
    texts = [path.read_text() for path in sorted(PROTO.glob("motia/v1/*.proto"))]
    return {name for text in texts for name in re.findall(r"^message (\w+)", text, re.MULTILINE)}


def rules() -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for prefix, number in _RULE.findall(PROTOCOL.read_text()):
        found[prefix].append(int(number))
    return found


def sections() -> dict[str, str]:
    _, *parts = re.split(r"^## (.+)$", PROTOCOL.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_every_message_is_in_the_index() -> None:
    indexed = {code(row[0]) for row in table(INDEX, "Index")}
    assert sorted(messages() - indexed) == []


def test_every_indexed_message_exists() -> None:
    indexed = [code(row[0]) for row in table(INDEX, "Index")]
    assert sorted(set(indexed) - messages()) == []
    assert len(indexed) == len(set(indexed))


def test_every_indexed_section_exists() -> None:
    linked = {anchor for row in table(INDEX, "Index") for anchor in re.findall(r"protocol\.md#([\w-]+)", row[2])}
    assert linked
    assert sorted(linked - anchors(PROTOCOL)) == []


def test_every_proto_file_is_listed() -> None:
    text = INDEX.read_text()
    assert [path.name for path in PROTO.glob("motia/v1/*.proto") if f"(motia/v1/{path.name})" not in text] == []


def test_revisions_of_the_core_are_in_the_table() -> None:
    assert [int(row[0]) for row in table(INDEX, "Revisions")][-len(REVISIONS) :] == list(REVISIONS)


def test_what_code_cites_of_the_documents_exists() -> None:
    missing = []
    for where, match in occurrences(_CITED, *SOURCES):
        page = ROOT / "docs" / f"{match[1]}.md"
        if not page.is_file():
            missing.append(f"{where}: docs/{match[1]}.md")
            continue
        cited = re.findall(r"#([\w-]+)", match[2] or "")
        missing += [f"{where}: docs/{match[1]}.md#{anchor}" for anchor in cited if anchor not in anchors(page)]
    assert missing == []


def test_rules_are_numbered_upwards_and_once() -> None:
    assert rules()
    assert {prefix: numbers for prefix, numbers in rules().items() if numbers != sorted(set(numbers))} == {}


def test_every_rule_that_is_cited_exists() -> None:
    known = {f"{prefix}-{number}" for prefix, numbers in rules().items() for number in numbers}
    cited = re.compile(rf"\b(?:{'|'.join(rules())})-\d+\b")
    found = [(where, match[0]) for where, match in occurrences(cited, *SOURCES) if not where.startswith("tests/repo/")]
    assert found
    assert [f"{where}: {rule}" for where, rule in found if rule not in known] == []


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_every_exchange_has_rules_and_a_sequence_diagram(exchange: str) -> None:
    text = sections()[exchange]
    assert "```mermaid\nsequenceDiagram\n" in text
    assert _RULE.search(text)


def test_diagrams_have_no_semicolons() -> None:
    # Mermaid ends a statement at each, in the middle of a sentence too.
    texts = [block.text for block in blocks(PROTOCOL) if block.text.startswith("sequenceDiagram")]
    assert texts
    assert [line for text in texts for line in text.splitlines() if ";" in line] == []


def test_contents_list_every_section() -> None:
    listed = re.findall(r"^- \[(.+)\]\(#.+\)$", prose(PROTOCOL), re.MULTILINE)
    assert listed == list(sections())


def test_diagrams_only_name_frames_that_exist() -> None:
    known = messages()
    arrow = re.compile(r"^\s*\w+\s*(?:-\)|->>)\s*\w+\s*:\s*([A-Z]\w+)", re.MULTILINE)
    texts = [block.text for block in blocks(PROTOCOL) if block.language == "mermaid"]
    frames = {name for text in texts for name in arrow.findall(text)}
    assert frames
    # "Telemetry stream opens" is no frame
    assert sorted(frames - known - {"Telemetry"}) == [], name_of(PROTOCOL)
