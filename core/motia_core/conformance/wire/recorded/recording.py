"""Records a session, and reads recordings. Time is left out: what a message waits for is the message before."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from motia_core._gen.motia.v1 import sidecar_pb2, telemetry_pb2

FOLDER = Path(__file__).parent
OF_TIME = {"heartbeat", "heartbeat_ack"}


@dataclass(frozen=True)
class Said:
    """One frame of a recording."""

    who: Literal["core", "sidecar"]
    kind: str
    data: bytes

    @property
    def core_frame(self) -> sidecar_pb2.CoreFrame:
        """It, if the core has said it."""
        return sidecar_pb2.CoreFrame.FromString(self.data)

    @property
    def sidecar_frame(self) -> sidecar_pb2.SidecarFrame:
        """It, if the sidecar has said it."""
        return sidecar_pb2.SidecarFrame.FromString(self.data)


class Recorder:
    """A witness that writes down what is said."""

    def __init__(self) -> None:
        self.said_so_far: list[Said] = []

    def connected(self) -> None:
        """Nothing is said yet."""

    def disconnected(self) -> None:
        """Nothing is said any more."""

    def heard(self, request: sidecar_pb2.SessionRequest, size: int) -> None:
        """The sidecar has spoken."""
        for frame in request.frames:
            self._note("sidecar", frame.WhichOneof("frame") or "", frame.SerializeToString())

    def said(self, response: sidecar_pb2.SessionResponse) -> None:
        """The core speaks."""
        for frame in response.frames:
            self._note("core", frame.WhichOneof("frame") or "", frame.SerializeToString())

    def _note(self, who: Literal["core", "sidecar"], kind: str, data: bytes) -> None:
        if kind not in OF_TIME:
            self.said_so_far.append(Said(who, kind, data))

    def telemetry_opened(self) -> None:
        """Telemetry is not recorded."""

    def telemetry(self, request: telemetry_pb2.TelemetryRequest) -> None:
        """Telemetry is not recorded."""

    def telemetry_closed(self) -> None:
        """Telemetry is not recorded."""


def path_of(revision: int) -> Path:
    """Where the recording of a revision is."""
    return FOLDER / f"revision-{revision}.jsonl"


def recorded_revisions() -> list[int]:
    """Revisions that there is a recording of."""
    return sorted(int(path.stem.rpartition("-")[2]) for path in FOLDER.glob("revision-*.jsonl"))


def write_recording(revision: int, said: list[Said]) -> None:
    """Keep a recording."""
    lines = [json.dumps({"from": each.who, "frame": each.kind, "bytes": _text(each.data)}) for each in said]
    path_of(revision).write_text("".join(f"{line}\n" for line in lines))


def read_recording(revision: int) -> list[Said]:
    """The recording of a revision."""
    documents = [json.loads(line) for line in path_of(revision).read_text().splitlines()]
    return [Said(each["from"], each["frame"], base64.b64decode(each["bytes"])) for each in documents]


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
