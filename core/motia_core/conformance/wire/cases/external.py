"""Sidecars that the core has not launched: they attach, leave when they are asked to, and come back for ever."""

from __future__ import annotations

import asyncio
import os
import signal

from motia_core._gen.motia.v1 import failure_pb2, manifest_pb2
from motia_core.conformance.wire.case import wire_case
from motia_core.conformance.wire.frames import DIGEST, core_frame
from motia_core.conformance.wire.play import DoesNotApplyError, Play

SINCE = 2  # the revision
EXTERNAL = {"MOTIA_SIDECAR_EXTERNAL": "1", "MOTIA_SIDECAR_NAME": "wire"}


async def attached(play: Play) -> None:
    """Start an external sidecar.

    Raises:
        DoesNotApplyError: The SDK does not speak the revision that has them.
    """
    play.judge.seen.is_external = True
    await play.launch(**EXTERNAL)
    if SINCE not in (await play.hello()).revisions:
        raise DoesNotApplyError(f"the SDK does not speak revision {SINCE}, which has external sidecars")


def load_of(play: Play, *, verify: bool = False) -> manifest_pb2.Load:
    """Load one file, as an external sidecar is told: below its own working directory."""
    file = manifest_pb2.SourceFile(path=play.subject.files["echo"], kind=manifest_pb2.FILE_KIND_STEP)
    return manifest_pb2.Load(files=[file], digest=DIGEST, verify=verify)


async def loaded(play: Play) -> None:
    """Have it load."""
    play.core.send(core_frame(load=load_of(play)))
    play.manifest = (await play.frame("REMOTE-4", "manifest")).manifest
    found = [step.path for step in play.manifest.steps]
    play.expect("REMOTE-4", len(found) == 1, f"{play.subject.files['echo']} was not found in the working directory")
    await play.credit()


@wire_case("REMOTE-4", "REMOTE-11", limits={"revision": 2})
async def external_leaves(play: Play) -> None:
    """An external sidecar that is asked to end says Leaving, goes on until it is drained, and exits with code 0."""
    await attached(play)
    await loaded(play)
    await play.lives("REMOTE-4")
    assert play.core.process is not None
    os.kill(play.core.process.pid, signal.SIGTERM)
    await play.frame("REMOTE-11", "leaving")
    await play.lives("REMOTE-11")


@wire_case("REMOTE-1", limits={"revision": 2})
async def external_stdin(play: Play) -> None:
    """An external sidecar does not end with its standard input."""
    await attached(play)
    await loaded(play)
    play.core.close_stdin()
    await asyncio.sleep(0.4)
    await play.lives("REMOTE-1")


@wire_case("REMOTE-5", "REMOTE-13", limits={"revision": 2})
async def external_other_files(play: Play) -> None:
    """An external sidecar whose files have another digest refuses to load them, and says which digests."""
    await attached(play)
    play.core.send(core_frame(load=load_of(play, verify=True)))
    await play.error("REMOTE-5", failure_pb2.PROTOCOL_ERROR_CODE_DIGEST, exits="REMOTE-13")
    error = play.judge.seen.sidecar_error
    play.expect("REMOTE-5", error is not None and DIGEST in error.message, "the message does not name both digests")
    play.expect("REMOTE-5", not play.core.of_kind("loading"), "a file was announced before the digests were compared")


@wire_case("REMOTE-9", limits={"revision": 2, "resume_window_ms": 300})
async def external_comes_back(play: Play) -> None:
    """An external sidecar that cannot reach the core dials until it can, however long the window is over."""
    core = play.core
    await attached(play)
    await loaded(play)
    core.refuse_hellos = 2
    core.hang_up()
    await play.until("REMOTE-9", lambda: core.refuse_hellos == 0, "the sidecar does not dial any more", 3 * play.wait_s)
    connections = core.connections
    await play.until(
        "REMOTE-9", lambda: core.connections > connections, "the sidecar does not dial any more", 3 * play.wait_s
    )
    await play.within(
        "REMOTE-9", core.until(lambda: play.judge.seen.is_welcome), "the sidecar is not back", 3 * play.wait_s
    )
