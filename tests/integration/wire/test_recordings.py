"""Recorded sessions: every revision has one, and the recorded sidecar is served by the core of today."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import httpx
import pytest

from motia_core._gen.motia.v1 import invoke_pb2, sidecar_pb2
from motia_core.conformance.wire.recorded.recording import Said, read_recording, recorded_revisions
from tests.conformance.wire.sidecar import INTERPRETER, METHOD
from tests.repo.repository import ROOT

COMMAND = Path(sys.executable).with_name("motia-core")
WAIT_S = 20
REVISION = re.compile(r"^\| (\d+) \|", re.MULTILINE)
OF_THE_CORE = {"welcome", "load", "loading_ack", "project", "invoke", "complete_ack", "call_reply", "drain"}


def test_every_revision_has_a_recording() -> None:
    documented = sorted(map(int, REVISION.findall((ROOT / "proto" / "README.md").read_text())))
    assert documented
    assert recorded_revisions() == documented, "run: .venv/bin/python tools/record_session.py"


@pytest.mark.parametrize("revision", recorded_revisions())
def test_recorded_sidecar_is_served_by_the_core_of_today(revision: int, tmp_path: Path) -> None:
    recording = read_recording(revision)
    [load] = [said.core_frame.load for said in recording if said.kind == "load"]
    for file in load.files:
        (tmp_path / "project" / file.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "project" / file.path).write_text("")

    async def run() -> int:
        async with launched(tmp_path) as core:
            async with grpc.aio.insecure_channel(core.address) as channel:
                replay = Replay(core, channel.stream_stream(METHOD)())
                for said in recording:
                    await (replay.say(said) if said.who == "sidecar" else replay.hear(said))
            async with asyncio.timeout(WAIT_S):
                return await core.process.wait()

    assert asyncio.run(run()) == 0


class Core:
    """A core whose Python sidecar is this test."""

    def __init__(self, process: asyncio.subprocess.Process, address: str, token: str) -> None:
        self.process = process
        self.address = address
        self.token = token

    async def url(self) -> str:
        """Where it is served, once it says so."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            record = json.loads(line)
            if record.get("event") == "ready":
                return str(record["urls"][0])
        raise AssertionError("the core has ended")


@asynccontextmanager
async def launched(folder: Path) -> AsyncIterator[Core]:
    handover, interpreter = folder / "handover", folder / "interpreter"
    interpreter.write_text(INTERPRETER)
    interpreter.chmod(stat.S_IRWXU)
    environment = {
        **os.environ,
        "HANDOVER": str(handover),
        "MOTIA_SIDECARS_PYTHON": str(interpreter),
        "MOTIA_DRAIN_GRACE_MS": "2s",  # the retries of what has failed are not in the recording: nobody completes them
    }
    arguments = [folder / "project", "--port", "0", "--data-dir", folder / "data", "--log-format", "json"]
    process = await asyncio.create_subprocess_exec(
        COMMAND, "serve", *arguments, env=environment, stdout=asyncio.subprocess.PIPE, limit=2**20
    )
    try:
        async with asyncio.timeout(WAIT_S):
            while not handover.exists():
                await asyncio.sleep(0.02)
        address, token = handover.read_text().split()
        yield Core(process, address, token)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


class Replay:
    """Says what the recorded sidecar said, with the ids of today."""

    def __init__(self, core: Core, stream: grpc.aio.StreamStreamCall[bytes, bytes]) -> None:
        self._core = core
        self._stream = stream
        self._heard: list[sidecar_pb2.CoreFrame] = []
        self._invokes: dict[int, tuple[invoke_pb2.Invoke, invoke_pb2.Invoke]] = {}  # by recorded id: recorded, today's
        self._digest = ""
        self._url = ""
        self._answer: asyncio.Task[httpx.Response] | None = None

    async def say(self, said: Said) -> None:
        frame = said.sidecar_frame
        if said.kind == "hello":
            frame.hello.token = self._core.token
            frame.hello.pid = os.getpid()
        elif said.kind == "manifest":
            frame.manifest.digest = self._digest
        elif said.kind in ("complete", "call"):
            content = getattr(frame, said.kind)
            _, today = self._invokes[content.invocation_id]
            content.invocation_id, content.lease_token = today.invocation_id, today.lease_token
        elif said.kind == "accepted":
            ids = [self._invokes[each][1].invocation_id for each in frame.accepted.invocation_ids]
            frame.accepted.invocation_ids[:] = ids
        await self._stream.write(sidecar_pb2.SessionRequest(frames=[frame]).SerializeToString())
        if said.kind == "complete" and self._answer is not None:
            response = await self._answer
            recorded = said.sidecar_frame.complete.http
            assert (response.status_code, response.content) == (recorded.status, recorded.body)
            self._answer = None

    async def hear(self, said: Said) -> None:
        recorded = said.core_frame
        if said.kind == "invoke":
            await self._hear_invoke(recorded.invoke)
        elif said.kind == "complete_ack":
            for each in recorded.complete_ack.invocation_ids:
                was, today = self._invokes[each]
                if was.durable:
                    assert today.invocation_id in (await self._next("complete_ack")).complete_ack.invocation_ids
        elif said.kind == "call_reply":
            assert (await self._next("call_reply")).call_reply == recorded.call_reply
        elif said.kind == "drain":
            self._core.process.send_signal(signal.SIGTERM)
            await self._next("drain")
        elif said.kind in OF_THE_CORE:
            frame = await self._next(said.kind)
            if said.kind == "welcome":
                assert frame.welcome.revision == recorded.welcome.revision
            elif said.kind == "load":
                assert [file.path for file in frame.load.files] == [file.path for file in recorded.load.files]
                self._digest = frame.load.digest
            elif said.kind == "project":
                self._url = await self._core.url()

    async def _hear_invoke(self, recorded: invoke_pb2.Invoke) -> None:
        """Have the core do what it did then: a request, or an event."""
        name = Path(recorded.step).name.split("_")[0]
        if recorded.HasField("http"):
            request = self._post(f"/wire/{name}", recorded.http.body)
            self._answer = asyncio.create_task(request)
        else:
            emit = {"topic": f"wire.{name}", "data": json.loads(recorded.event.data)}
            response = await self._post("/__motia/emit", json.dumps(emit).encode())
            assert response.status_code == 200, response.text
        today = (await self._next("invoke", recorded.step)).invoke
        assert (today.HasField("http"), today.pool) == (recorded.HasField("http"), recorded.pool)
        self._invokes[recorded.invocation_id] = recorded, today

    async def _post(self, path: str, body: bytes) -> httpx.Response:
        async with httpx.AsyncClient(timeout=WAIT_S) as client:
            return await client.post(self._url + path, content=body, headers={"content-type": "application/json"})

    async def _next(self, kind: str, step: str = "") -> sidecar_pb2.CoreFrame:
        """The next frame of a kind; others before it are passed over."""
        async with asyncio.timeout(WAIT_S):
            while True:
                while self._heard:
                    frame = self._heard.pop(0)
                    if frame.WhichOneof("frame") == kind and frame.invoke.step == step:
                        return frame
                data = await self._stream.read()
                assert isinstance(data, bytes), f"the stream ended before {kind}"
                self._heard.extend(sidecar_pb2.SessionResponse.FromString(data).frames)
