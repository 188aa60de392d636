"""Recorded sessions of the protocol's revisions, played to a sidecar of today."""

from __future__ import annotations

from motia_core.conformance.wire.case import CASES, WireCase
from motia_core.conformance.wire.play import DoesNotApplyError, Play
from motia_core.conformance.wire.recorded.recording import recorded_revisions
from motia_core.conformance.wire.recorded.replaying import replay


def _case(revision: int) -> WireCase:
    async def script(play: Play) -> None:
        await play.launch()
        hello = await play.hello()
        if revision not in hello.revisions:
            newest = max(hello.revisions)
            if revision > newest or revision < newest - 1:
                raise DoesNotApplyError(f"the SDK does not speak revision {revision}")
            play.expect("VERSION-3", False, f"revision {revision} is not among {list(hello.revisions)}")
        await replay(play, revision)

    about = f"A core of revision {revision}, as it was recorded, is answered as it was then."
    options = {
        "ack_loading": False,
        "ack_completes": False,
        "answer_calls": False,
        "is_mute": True,
        "limits": {"revision": revision},
    }
    return WireCase(f"wire/recorded_revision_{revision}", about, ("VERSION-3",), script, options)


for _revision in recorded_revisions():
    CASES[f"wire/recorded_revision_{_revision}"] = _case(_revision)
