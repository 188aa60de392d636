"""The golden frames are what the descriptors say, and an SDK that misreads one is found out."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from motia_core._gen.motia.v1 import sidecar_pb2, telemetry_pb2
from motia_core.conformance.wire.golden.frames import FILE, golden_frames, misread
from motia_core.conformance.wire.golden.making import golden_lines

READS = """
import base64, sys
for number, line in enumerate(sys.stdin):
    name, text = line.split()
    data = base64.b64decode(text)
    {change}
    print(base64.b64encode(data).decode())
"""


def test_golden_frames_are_fresh() -> None:
    assert FILE.read_text().splitlines() == list(golden_lines()), "run: make gen"


def test_golden_frames_hold_every_frame_and_what_their_json_says() -> None:
    frames = golden_frames()
    assert [each.name for each in frames if each.read(each.data) != each.from_content()] == []
    kinds = {each.name.split(".")[1] for each in frames if "." in each.name}
    known = {*sidecar_pb2.SidecarFrame.DESCRIPTOR.fields_by_name, *sidecar_pb2.CoreFrame.DESCRIPTOR.fields_by_name}
    assert known - kinds == {"must_understand"}
    assert telemetry_pb2.TelemetryRequest.DESCRIPTOR.full_name in {each.message for each in frames}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("pass", []),
        ("data = data[:-4] if number == 3 else data", ["SidecarFrame.credit came back as"]),
        ("if number == 5: break", [f"{len(golden_frames())} golden frames were given, 5 came back"]),
        ("sys.exit('no') if number == 5 else None", ["ended with code 1: no"]),
    ],
)
def test_what_is_misread_is_named(change: str, found: list[str], tmp_path: Path) -> None:
    wrong = asyncio.run(misread([sys.executable, "-c", READS.format(change=change)], tmp_path))
    assert len(wrong) == len(found)
    for what, part in zip(wrong, found, strict=True):
        assert part in what
