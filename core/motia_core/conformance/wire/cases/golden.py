"""What an SDK reads and writes, without a session."""

from __future__ import annotations

from motia_core.conformance.wire.case import wire_case
from motia_core.conformance.wire.golden.frames import misread
from motia_core.conformance.wire.play import DoesNotApplyError, Play


@wire_case("VERSION-1")
async def golden(play: Play) -> None:
    """Every frame of the protocol, with every field filled, is read, and written again as it was."""
    play.has_ended = True
    if not play.subject.golden:
        raise DoesNotApplyError("sdk.toml names no golden command")
    for what in await misread(play.subject.golden, play.subject.sdk):
        play.expect("VERSION-1", False, what)
