"""A session and the pool, driven by frames without a transport."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from motia_core._gen.motia.v1 import invoke_pb2, lifecycle_pb2, sidecar_pb2
from motia_core.errors import DrainingError, NoSidecarError, ProtocolViolationError, StoreFullError
from motia_core.model.failure import Failure, FailureKind
from motia_core.model.http import BodyFormat, HttpRequest, HttpResponse
from motia_core.model.invocation import CancelReason, Done, EventInput, Invocation, Outcome, Pool
from motia_core.model.step import Step, StepType
from motia_core.model.trace import TraceContext
from motia_core.sidecars.pool import SidecarPool
from motia_core.sidecars.session import Session
from tests.fakes.sidecars import FakeClock, FakeLog

API = Step("Hello", "Hello", "steps/hello.step.ts", StepType.API, "typescript", "node", method="GET", route="/hello")
EVENT = Step("Work", "Work", "steps/work_step.py", StepType.EVENT, "python", "node", subscribes=("t",))
LIMIT = 1_000  # max_payload_bytes
TRACE = TraceContext("AAAAA-0000001", "00-" + "1" * 32 + "-" + "2" * 16 + "-01")


def api(number: int = 1, *, timeout_ms: int = 0) -> Invocation:
    request = HttpRequest("GET", "/hello", ["id", "7"], b"", ["host", "x"], BodyFormat.NONE, b"", b"")
    return Invocation(number, 77, API, 1, 1, Pool.API, timeout_ms, TRACE, request, 0)


def event(number: int = 1) -> Invocation:
    return Invocation(number, 77, EVENT, 2, 4, Pool.BACKGROUND, 0, TRACE, EventInput("t", b"{}", "", 5), 0)


class FakeCalls:
    """Implements what of `ContextCalls` these tests use."""

    def __init__(self) -> None:
        self.answer: Any = b"1"
        self.asked: list[tuple[Any, ...]] = []

    def __getattr__(self, operation: str) -> Any:
        async def answer(invocation: Invocation, *args: object) -> bytes:
            self.asked.append((operation, *args))
            if isinstance(self.answer, Exception):
                raise self.answer
            assert isinstance(self.answer, bytes)
            return self.answer

        return answer


class Peer:
    """The sidecar's side of a session."""

    def __init__(self, pool: SidecarPool, session: Session, calls: FakeCalls, log: FakeLog) -> None:
        self.pool, self.session, self.calls, self.log = pool, session, calls, log

    def say(self, *frames: sidecar_pb2.SidecarFrame) -> None:
        self.session.receive(sidecar_pb2.SessionRequest(frames=frames))

    def grant(self, pool: int, total: int) -> None:
        self.say(sidecar_pb2.SidecarFrame(credit=lifecycle_pb2.Credit(pool=pool, granted=total)))  # type: ignore[arg-type]  # a plain int is what the wire has

    async def hear(self) -> list[sidecar_pb2.CoreFrame]:
        async with asyncio.timeout(1):
            batch = await self.session.outbox.take()
            assert batch is not None
            return list(batch.frames)


def a_session(name: str, pool: SidecarPool, calls: FakeCalls, log: FakeLog) -> Session:
    return Session(name, "node", f"node {name}", pool, calls, FakeClock(), log, max_payload_bytes=LIMIT)


@asynccontextmanager
async def connected(*, slots: int = 10, grace_ms: int = 5_000) -> AsyncIterator[Peer]:
    pool, calls, log = SidecarPool(grace_ms), FakeCalls(), FakeLog()
    session = a_session("s1", pool, calls, log)
    peer = Peer(pool, session, calls, log)
    pool.add(session)
    if slots:
        peer.grant(lifecycle_pb2.POOL_API, slots)
        peer.grant(lifecycle_pb2.POOL_BACKGROUND, slots)
    yield peer
    await session.close()


def complete(invocation: Invocation, **outcome: Any) -> sidecar_pb2.SidecarFrame:
    done = invoke_pb2.Complete(invocation_id=invocation.id, lease_token=invocation.lease_token, **outcome)
    return sidecar_pb2.SidecarFrame(complete=done)


DONE = invoke_pb2.Done()


def test_invocation_travels_whole_and_answer_comes_back() -> None:
    async def scenario() -> None:
        async with connected() as peer:
            outcome = peer.pool.invoke(api())
            [frame] = await peer.hear()
            assert frame.invoke.step == "steps/hello.step.ts"
            assert frame.invoke.trace_id == "AAAAA-0000001"
            assert list(frame.invoke.http.path_params) == ["id", "7"]
            assert not frame.invoke.durable
            answer = invoke_pb2.HttpResponse(status=201, body=b"{}", body_kind=invoke_pb2.BODY_KIND_JSON)
            peer.say(complete(api(), http=answer))
            response = await outcome
            assert isinstance(response, HttpResponse)
            assert (response.status, response.body) == (201, b"{}")

    asyncio.run(scenario())


def test_frames_that_accumulate_travel_as_one_message() -> None:
    async def scenario() -> None:
        async with connected() as peer:
            for number in range(1, 6):
                peer.pool.invoke(api(number))
            assert len(await peer.hear()) == 5

    asyncio.run(scenario())


def test_core_never_exceeds_credit_and_serves_who_waits_when_more_is_granted() -> None:
    async def scenario() -> None:
        async with connected(slots=2) as peer:
            outcomes = [peer.pool.invoke(api(number)) for number in (1, 2, 3)]
            assert len(await peer.hear()) == 2
            peer.say(complete(api(1), http=invoke_pb2.HttpResponse(status=200)))
            peer.grant(lifecycle_pb2.POOL_API, 3)
            [frame] = await peer.hear()
            assert frame.invoke.invocation_id == 3
            assert outcomes[0].done()
            assert not outcomes[2].done()

    asyncio.run(scenario())


def test_background_work_takes_no_slot_of_requests() -> None:
    async def scenario() -> None:
        async with connected(slots=1) as peer:
            for number in range(1, 100):
                peer.pool.invoke(event(number))
            peer.pool.invoke(api(100))
            assert [frame.invoke.invocation_id for frame in await peer.hear()] == [1, 100]

    asyncio.run(scenario())


def test_completion_is_acknowledged_when_the_engine_says_it_is_durable() -> None:
    async def scenario() -> None:
        async with connected() as peer:
            work = event()
            outcome = peer.pool.invoke(work)
            assert (await peer.hear())[0].invoke.durable
            peer.say(complete(work, done=DONE))
            assert await outcome == Done()
            peer.pool.acknowledge(work)
            [frame] = await peer.hear()
            assert list(frame.complete_ack.invocation_ids) == [work.id]

    asyncio.run(scenario())


def test_completion_that_is_repeated_after_a_resume_is_acknowledged_again_and_has_no_effect() -> None:
    async def scenario() -> None:
        async with connected() as peer:
            work = event()
            outcome = peer.pool.invoke(work)
            await peer.hear()
            peer.say(complete(work, done=DONE))
            await outcome
            peer.say(complete(work, failure={"message": "late"}))
            [frame] = await peer.hear()
            assert list(frame.complete_ack.invocation_ids) == [work.id]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "frame",
    [
        sidecar_pb2.SidecarFrame(must_understand=True),
        sidecar_pb2.SidecarFrame(hello=lifecycle_pb2.Hello()),
        sidecar_pb2.SidecarFrame(complete=invoke_pb2.Complete(invocation_id=1, lease_token=1, done=DONE)),
        sidecar_pb2.SidecarFrame(complete=invoke_pb2.Complete(invocation_id=1, lease_token=77)),
        sidecar_pb2.SidecarFrame(credit=lifecycle_pb2.Credit(granted=1)),
        sidecar_pb2.SidecarFrame(credit=lifecycle_pb2.Credit(pool=lifecycle_pb2.POOL_API, granted=1)),
        sidecar_pb2.SidecarFrame(manifest={"digest": "wrong"}),
    ],
    ids=["must_understand", "second_hello", "stale_lease", "no_outcome", "no_pool", "credit_down", "manifest"],
)
def test_frame_that_breaks_a_rule_ends_the_session(frame: sidecar_pb2.SidecarFrame) -> None:
    async def scenario() -> None:
        async with connected() as peer:
            peer.pool.invoke(api())
            with pytest.raises(ProtocolViolationError):
                peer.say(frame)

    asyncio.run(scenario())


def test_unknown_frame_is_ignored() -> None:
    async def scenario() -> None:
        async with connected() as peer:
            peer.say(sidecar_pb2.SidecarFrame())

    asyncio.run(scenario())


def test_call_is_answered() -> None:
    async def scenario() -> None:
        async with connected() as peer:
            work = event()
            peer.pool.invoke(work)
            await peer.hear()
            call = {"call_id": 9, "invocation_id": 1, "lease_token": 77, "state_get": {"group_id": "g", "key": "k"}}
            peer.say(sidecar_pb2.SidecarFrame(call=call))
            [frame] = await peer.hear()
            assert (frame.call_reply.call_id, frame.call_reply.value) == (9, b"1")
            peer.calls.answer = StoreFullError()
            peer.say(sidecar_pb2.SidecarFrame(call=call))
            [frame] = await peer.hear()
            assert "disk is full" in frame.call_reply.failure.message
            peer.say(complete(work, done=DONE), sidecar_pb2.SidecarFrame(call=call))
            [frame] = await peer.hear()
            assert "has ended" in frame.call_reply.failure.message

    asyncio.run(scenario())


def test_lost_sidecar_fails_what_it_ran() -> None:
    async def scenario() -> None:
        async with connected() as peer:
            outcome = peer.pool.invoke(api())
            peer.pool.remove(peer.session)
            failure = await outcome
            assert isinstance(failure, Failure)
            assert failure.kind is FailureKind.SIDECAR_LOST
            peer.pool.no_sidecar("node", "it keeps ending")
            with pytest.raises(NoSidecarError):
                peer.pool.invoke(api(2))

    asyncio.run(scenario())


def test_work_that_was_not_started_comes_back_and_runs_elsewhere() -> None:
    async def scenario() -> None:
        async with connected(slots=1) as peer:
            work = event()
            outcome = peer.pool.invoke(work)
            await peer.hear()
            peer.pool.pause(peer.session)
            peer.say(sidecar_pb2.SidecarFrame(returned=lifecycle_pb2.Returned(invocation_ids=[1])))
            assert not outcome.done()
            other = a_session("s2", peer.pool, peer.calls, peer.log)
            peer.pool.add(other)
            other.receive(
                sidecar_pb2.SessionRequest(
                    frames=[{"credit": {"pool": lifecycle_pb2.POOL_BACKGROUND, "granted": 1}}]  # type: ignore[list-item]  # a dict is a message
                )
            )
            batch = await other.outbox.take()
            assert batch is not None
            assert batch.frames[0].invoke.invocation_id == 1

    asyncio.run(scenario())


def test_timeout_of_a_request_answers_at_once_and_ignores_what_comes_later() -> None:
    async def scenario() -> None:
        async with connected() as peer:
            request = api(timeout_ms=1_500)
            outcome = peer.pool.invoke(request)
            peer.pool.cancel(request, CancelReason.TIMEOUT)
            failure = await outcome
            assert isinstance(failure, Failure)
            assert failure.message == "Step execution timed out after 1.5 seconds"
            frames = await peer.hear()
            assert frames[1].cancel.reason == invoke_pb2.CANCEL_REASON_TIMEOUT
            peer.say(complete(request, http=invoke_pb2.HttpResponse(status=200)))

    asyncio.run(scenario())


def test_timeout_of_background_work_waits_for_the_handler_but_not_longer_than_the_grace() -> None:
    async def scenario() -> None:
        async with connected(grace_ms=20) as peer:
            work = event()
            outcome = peer.pool.invoke(work)
            hung: list[int] = []
            peer.pool.on_hung = lambda session, running: hung.append(running.invocation.id)
            peer.pool.cancel(work, CancelReason.TIMEOUT)
            assert not outcome.done()
            failure = await asyncio.wait_for(outcome, 1)
            assert isinstance(failure, Failure)
            assert failure.kind is FailureKind.TIMEOUT
            assert hung == [work.id]

    asyncio.run(scenario())


def test_attempt_whose_caller_left_is_still_reported() -> None:
    async def scenario() -> None:
        async with connected() as peer:
            seen: list[Outcome] = []
            peer.pool.on_abandoned(lambda invocation, outcome: seen.append(outcome))
            outcome = peer.pool.invoke(api())
            assert isinstance(outcome, asyncio.Future)
            outcome.cancel()
            peer.say(complete(api(), http=invoke_pb2.HttpResponse(status=204)))
            assert isinstance(seen[0], HttpResponse)

    asyncio.run(scenario())


def test_attempt_whose_caller_left_is_reported_when_it_never_began() -> None:
    async def scenario() -> None:
        async with connected(slots=0) as peer:
            seen: list[tuple[int, Outcome]] = []
            peer.pool.on_abandoned(lambda invocation, outcome: seen.append((invocation.id, outcome)))
            left, stays = api(), api(2)
            outcome, other = peer.pool.invoke(left), peer.pool.invoke(stays)
            outcome.cancel()
            peer.pool.cancel(left, CancelReason.CLIENT_GONE, signal_only=True)
            [(number, failure)] = seen
            assert number == left.id
            assert isinstance(failure, Failure)
            assert failure.kind is FailureKind.CANCELLED
            assert not other.done()

    asyncio.run(scenario())


def test_attempt_whose_caller_left_is_reported_when_its_process_goes_away() -> None:
    async def scenario() -> None:
        async with connected() as peer:
            seen: list[Outcome] = []
            peer.pool.on_abandoned(lambda invocation, outcome: seen.append(outcome))
            peer.pool.invoke(api()).cancel()
            peer.pool.remove(peer.session)
            [failure] = seen
            assert isinstance(failure, Failure)
            assert failure.kind is FailureKind.SIDECAR_LOST

    asyncio.run(scenario())


def test_draining_refuses_new_work_and_what_waits() -> None:
    async def scenario() -> None:
        async with connected(slots=0) as peer:
            waiting = peer.pool.invoke(event())
            peer.pool.start_draining()
            with pytest.raises(DrainingError):
                await waiting
            with pytest.raises(DrainingError):
                peer.pool.invoke(event(2))

    asyncio.run(scenario())


def test_large_payloads_are_spread_over_messages() -> None:
    async def scenario() -> None:
        async with connected() as peer:
            for number in (1, 2, 3):
                big = api(number)
                assert isinstance(big.trigger, HttpRequest)
                big.trigger.body, big.trigger.body_format = b"x" * 3_000_000, BodyFormat.BINARY
                peer.pool.invoke(big)
            assert [len(await peer.hear()) for _ in range(3)] == [1, 1, 1]

    asyncio.run(scenario())


def test_ended_outbox_gives_what_is_left_and_then_nothing() -> None:
    async def scenario() -> None:
        async with connected() as peer:
            peer.session.outbox.frame().protocol_error.message = "over"
            peer.session.outbox.end()
            assert [frame.protocol_error.message for frame in await peer.hear()] == ["over"]
            assert await peer.session.outbox.take() is None

    asyncio.run(scenario())
