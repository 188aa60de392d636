"""The Python SDK, whose frames are changed by the mutants that the variable FRAME_MUTANTS names."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from motia import transport
from motia._gen.motia.v1 import sidecar_pb2
from motia.main import main
from tests.mutants.changes import FRAME_MUTANTS

CHOSEN = [FRAME_MUTANTS[name] for name in os.environ["FRAME_MUTANTS"].split()]
NOT_OF_A_STEP = {"project", "manifest"}
steps: dict[int, str] = {}  # by invocation


def changed(frames: Iterable[Any]) -> None:
    """Let the mutants at frames."""
    for frame in frames:
        kind = frame.WhichOneof("frame")
        content = getattr(frame, kind) if kind else None
        if kind == "invoke":
            steps[content.invocation_id] = content.step
        for mutant in CHOSEN:
            if mutant.kind == kind and (kind in NOT_OF_A_STEP or f"/{mutant.case}/" in steps[content.invocation_id]):
                mutant.change(content)


async def read(self: transport.Connection) -> Any:
    """What the core says, changed."""
    response = await original_read(self)
    changed(response.frames)
    return response


async def write(self: transport.Connection, frames: list[bytes], max_bytes: int = 0) -> None:
    """What the SDK says, changed."""
    request = sidecar_pb2.SessionRequest.FromString(b"".join(frames))
    changed(request.frames)
    await original_write(self, [request.SerializeToString()], max_bytes)


original_read, original_write = transport.Connection.read, transport.Connection.write
transport.Connection.read, transport.Connection.write = read, write  # type: ignore[method-assign]  # that is the point

if __name__ == "__main__":
    main()
