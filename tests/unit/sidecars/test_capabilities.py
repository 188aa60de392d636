"""A sidecar is not asked for what it has not said it can do."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from motia_core.model.failure import Failure
from motia_core.model.http import BodyFormat, HttpRequest, SocketEvent, SocketEventKind, UploadedFile
from motia_core.model.invocation import Invocation, Outcome, Pool
from motia_core.model.step import Step, StepType
from motia_core.model.stream import Address, StreamHook, StreamHookKind
from motia_core.model.trace import TraceContext
from motia_core.sidecars.capabilities import SOCKETS, STREAM_HOOKS, UPLOADS
from motia_core.sidecars.pool import SidecarPool
from motia_core.sidecars.session import Session
from tests.fakes.sidecars import FakeClock, FakeLog

STEP = Step("Hello", "Hello", "steps/hello.step.ts", StepType.API, "typescript", "node", method="GET", route="/hello")
TRACE = TraceContext("AAAAA-0000001", "00-" + "1" * 32 + "-" + "2" * 16 + "-01")
REQUEST = HttpRequest("POST", "/hello", [], b"", [], BodyFormat.NONE, b"", b"")
UPLOAD = replace(REQUEST, files=[UploadedFile("photo", "cat.jpg", "image/jpeg", 1, data=b"x")])
CONNECT = replace(REQUEST, socket=SocketEvent(SocketEventKind.CONNECT, "c"))
HOOK = StreamHook(StreamHookKind.CAN_ACCESS, Address("tasks", "today", ""))


def sent_to(trigger: HttpRequest | StreamHook, *capabilities: str) -> Outcome | None:
    """How an attempt ended at once; None: it was sent."""

    async def send() -> Outcome | None:
        session = Session(
            "1", "node", "node 7", SidecarPool(0), None, FakeClock(), FakeLog(),  # type: ignore[arg-type]  # nobody calls
            max_payload_bytes=1_000, capabilities=frozenset(capabilities),
        )  # fmt: skip
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        session.send(Invocation(1, 77, STEP, 1, 1, Pool.API, 0, TRACE, trigger, 0), outcome)
        return outcome.result() if outcome.done() else None

    return asyncio.run(send())


@pytest.mark.parametrize(("trigger", "needed"), [(UPLOAD, UPLOADS), (CONNECT, SOCKETS), (HOOK, STREAM_HOOKS)])
def test_what_needs_a_capability_is_sent_only_to_a_sidecar_that_has_it(
    trigger: HttpRequest | StreamHook, needed: str
) -> None:
    assert sent_to(trigger, needed) is None
    others = {UPLOADS, SOCKETS, STREAM_HOOKS} - {needed}
    refused = sent_to(trigger, *others)
    assert isinstance(refused, Failure)
    assert "upgrade the SDK" in refused.message
    assert "node 7" in refused.message
    assert needed in refused.message


def test_a_plain_request_needs_none() -> None:
    assert sent_to(REQUEST) is None
