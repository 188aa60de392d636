"""External sidecars beside their sessions: who they are, whether they are alike, and who did not get in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from motia_core._gen.motia.v1 import failure_pb2, invoke_pb2, lifecycle_pb2
from motia_core.model.http import BodyFormat, HttpRequest
from motia_core.model.project import LoadedStep, LoadedStream, Manifest, Problem
from motia_core.model.upload import UploadedFile
from motia_core.sidecars.codec import payload_bytes, write_invoke
from motia_core.sidecars.peer import GIVEN_UP, RemotePeer
from motia_core.sidecars.pool import SidecarPool
from motia_core.sidecars.replicas import difference
from tests.unit.sidecars.test_pool import session
from tests.unit.sidecars.test_session import api

HELLO = lifecycle_pb2.Hello(language="node", pid=7, name="web-1")
ADDRESS = "10.0.0.7:40112"
STEP = LoadedStep("steps/a.step.ts", {"name": "a"}, has_handler=True, line=3)
STREAM = LoadedStream("streams/s.stream.ts", {"name": "s"})
MANIFEST = Manifest((STEP,), (STREAM,))


def test_names_say_where_it_runs_and_are_unique() -> None:
    async def scenario() -> None:
        assert RemotePeer(HELLO, ADDRESS).name == "node 7@web-1"
        assert RemotePeer(lifecycle_pb2.Hello(language="go", pid=1), ADDRESS).name == "go 1@10.0.0.7"
        assert RemotePeer(HELLO, ADDRESS, {"node 7@web-1"}).name == f"node 7@web-1 ({ADDRESS})"

    asyncio.run(scenario())


def test_one_that_does_not_work_any_more_is_told_to_end() -> None:
    async def scenario() -> None:
        peer = RemotePeer(HELLO, ADDRESS)
        peer.session = session(SidecarPool(1000), "one")
        peer.kill()
        peer.kill()
        assert not peer.alive
        batch = await peer.session.outbox.take()
        assert batch is not None
        (frame,) = batch.frames
        assert frame.protocol_error.message == GIVEN_UP
        assert frame.protocol_error.code == failure_pb2.PROTOCOL_ERROR_CODE_TIMEOUT
        assert await peer.session.outbox.take() is None

    asyncio.run(scenario())


@pytest.mark.parametrize("how", ["let go", "drained", "lost"])
def test_one_that_is_over_is_told_nothing(how: str) -> None:
    async def scenario() -> None:
        peer = RemotePeer(HELLO, ADDRESS)
        peer.session = session(SidecarPool(1000), "one")
        {"let go": peer.let_go, "drained": peer.left, "lost": lambda: peer.lose("lost")}[how]()
        assert await peer.wait() == how
        peer.session.outbox.end()
        assert await peer.session.outbox.take() is None

    asyncio.run(scenario())


def test_replicas_may_differ_in_what_nobody_is_served_by() -> None:
    other = Manifest(
        (replace(STEP, line=9, warnings=("w",)),),
        (replace(STREAM, warnings=("w",)),),
        (Problem("warning", "steps/a.step.ts", "config", "w"),),
    )
    assert difference(MANIFEST, other) is None


@pytest.mark.parametrize(
    ("other", "what"),
    [
        (replace(MANIFEST, streams=()), "streams/s.stream.ts is missing"),
        (replace(MANIFEST, steps=(STEP, replace(STEP, key="b"))), "steps/a.step.ts#b is not there elsewhere"),
        (replace(MANIFEST, steps=(replace(STEP, config={"name": "b"}),)), "the config of steps/a.step.ts differs"),
        (replace(MANIFEST, has_middleware=True), "has_middleware of motia.config differs"),
        (replace(MANIFEST, has_stream_auth=True), "has_stream_auth of motia.config differs"),
        (
            Manifest((), (STREAM,), (Problem("error", "steps/a.step.ts", "import", "no module pg"),)),
            "steps/a.step.ts is missing: no module pg",
        ),
    ],
)
def test_replicas_that_serve_something_else(other: Manifest, what: str) -> None:
    assert difference(MANIFEST, other) == what


def test_uploads_go_along_to_a_sidecar_that_has_another_disk(tmp_path: Path) -> None:
    path = tmp_path / "1.upload"
    path.write_bytes(b"on disk")
    files = [UploadedFile("f", "a.txt", "", 7, b"", path), UploadedFile("g", "b.txt", "", 2, b"in")]
    work = api()
    work.trigger = HttpRequest("POST", "/", [], b"", [], BodyFormat.MULTIPART, b"{}", b"", files=files)
    near, far = invoke_pb2.Invoke(), invoke_pb2.Invoke()
    write_invoke(near, work, "d", 0)
    write_invoke(far, work, "d", 0, with_files=True)
    assert [file.path for file in near.http.files] == [str(path), ""]
    assert [file.data for file in far.http.files] == [b"on disk", b"in"]
    assert (payload_bytes(work), payload_bytes(work, with_files=True)) == (4, 11)
