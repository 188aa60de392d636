"""How files are loaded."""

from __future__ import annotations

import asyncio

from motia_core._gen.motia.v1 import manifest_pb2
from motia_core.conformance.wire.case import wire_case
from motia_core.conformance.wire.frames import DIGEST, core_frame
from motia_core.conformance.wire.play import START_S, Play

WHILE_S = 0.4


@wire_case("LOAD-2", "LIVENESS-1", ack_loading=False, limits={"heartbeat_interval_ms": 100})
async def loading_waits(play: Play) -> None:
    """Each file is announced, and the acknowledgement awaited; the heart beats meanwhile."""
    core = play.core
    await play.launch()
    await play.within("LAUNCH-5", core.send_load(play.subject.files["echo"], play.subject.files["hold"]), "", START_S)
    await play.frame("LOAD-2", "loading")
    await asyncio.sleep(WHILE_S)
    await play.until("LIVENESS-1", lambda: len(core.of_kind("heartbeat")) >= 2, "no heartbeats come while files load")
    core.ack_loading = True
    core.send(core_frame(loading_ack=manifest_pb2.LoadingAck(path=play.subject.files["echo"])))
    await play.frame("LOAD-2", "manifest")


@wire_case("LOAD-3", "LOAD-4", "LOAD-5", "LOAD-6", "LOAD-8", "ERROR-5")
async def broken_file(play: Play) -> None:
    """A file that cannot be loaded costs that file; every file is in the manifest once, in order."""
    await play.ready(*sorted(play.subject.files), rule="LOAD-3")
    broken = play.subject.files["broken"]
    named = [error.path for error in play.manifest.errors]
    play.expect("LOAD-3", named == [broken], f"Manifest.errors names {named}, not {broken}")
    for definition in play.manifest.steps:
        config = play.json("LOAD-6", definition.config)
        play.expect("LOAD-6", "type" in config or "triggers" in config, f"the config of {definition.path} has no type")
        play.expect(
            "LOAD-8", definition.has_handler, f"{definition.path} has a handler, which has_handler does not say"
        )
    await play.lives("LOAD-3")


@wire_case("LOAD-5", "DRAIN-4")
async def nothing_to_load(play: Play) -> None:
    """A Load without files has a Manifest without anything."""
    core = play.core
    await play.launch()
    await play.hello()
    manifest = await play.within("LOAD-5", core.load(), "the Manifest never came")
    play.expect("LOAD-4", not manifest.steps and not manifest.errors, "the Manifest of nothing is not empty")


@wire_case("RELOAD-4", "RELOAD-5", for_capability="reload")
async def warm(play: Play) -> None:
    """Packages are imported ahead of time; what cannot be is passed over, and Load waits its turn."""
    core = play.core
    await play.launch()
    await play.hello()
    paths = [play.subject.files["echo"]]
    files = [manifest_pb2.SourceFile(path=path, kind=manifest_pb2.FILE_KIND_STEP) for path in paths]
    core.send(
        core_frame(warm=manifest_pb2.Warm(packages=["wire-no-such-package"])),
        core_frame(load=manifest_pb2.Load(project_root=str(core.root), files=files, digest=DIGEST)),
    )
    await play.frame("RELOAD-4", "warmed")
    await play.frame("RELOAD-5", "manifest")
