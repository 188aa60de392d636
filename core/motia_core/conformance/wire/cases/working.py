"""How attempts are run."""

from __future__ import annotations

import json

from motia_core._gen.motia.v1 import failure_pb2, invoke_pb2
from motia_core.conformance.wire.case import wire_case
from motia_core.conformance.wire.frames import API, BACKGROUND, core_frame, json_request
from motia_core.conformance.wire.padding import with_unknown_field
from motia_core.conformance.wire.play import Play

MANY = 2000
LARGE = 3 * 1024 * 1024
DIGITS = 9_007_199_254_740_993  # 2^53 + 1: no double


@wire_case(
    "INVOKE-2",
    "INVOKE-4",
    "HTTP-6",
    "PAYLOAD-3",
    "INVOKE-3",
    "HTTP-5",
    "HTTP-7",
    "LOAD-15",
    "LOAD-4",
    "LOAD-5",
    "LOAD-6",
    "PAYLOAD-1",
    "RELOAD-1",
    "SHAPE-2",
)
async def work(play: Play) -> None:
    """Api and event steps are run, their outcomes are of the right kind, and digits survive."""
    await play.ready()
    complete = await play.run("INVOKE-2", "echo", {"n": DIGITS, "ü": ["x", None, 1.5]})
    play.expect("HTTP-5", complete.http.status == 200, f"the status is {complete.http.status}, not 200")
    play.expect("HTTP-6", complete.http.body_kind == invoke_pb2.BODY_KIND_JSON, "an object is not answered as JSON")
    body = play.json("HTTP-6", complete.http.body)
    play.expect("PAYLOAD-3", body == {"n": DIGITS, "ü": ["x", None, 1.5]}, f"the body came back as {body}")
    complete = await play.run("INVOKE-2", "calls", {"n": 1})
    play.expect("INVOKE-4", complete.WhichOneof("outcome") == "done", "an event step did not end with done")


@wire_case("INVOKE-1", "INVOKE-3", "CREDIT-6", "LIVENESS-9", answer_calls=False)
async def side_by_side(play: Play) -> None:
    """Attempts do not wait for each other, nor requests for events; what has started is accepted."""
    await play.ready()
    slots = play.core.limits.background_slots
    ids = play.start_together([play.invoke("hold") for _ in range(slots)])
    calls = [await play.held("INVOKE-1", invocation_id) for invocation_id in ids]
    await play.lives("CREDIT-6")

    def accepted() -> bool:
        return set(ids) <= {each for frame in play.core.of_kind("accepted") for each in frame.invocation_ids}

    await play.until("INVOKE-3", accepted, "handlers have started, and Accepted was not sent for all of them")
    for call_id in reversed(calls):
        play.release(call_id)
    await play.completes("INVOKE-2", ids)


@wire_case("INVOKE-12", "INVOKE-16")
async def over_its_time(play: Play) -> None:
    """The core watches the time of an attempt; the sidecar measures it, and fails nothing by itself."""
    await play.ready()
    complete = await play.run("INVOKE-12", "slow", {"ms": 300}, timeout_ms=50)
    done = complete.WhichOneof("outcome") == "done"
    play.expect("INVOKE-12", done, "an attempt over its timeout_ms failed without a Cancel")
    measured_ms = complete.handler_us / 1000
    play.expect("INVOKE-16", 250 <= measured_ms <= 10_000, f"handler_us says {measured_ms:g} ms; it slept for 300 ms")


@wire_case("CREDIT-1", "CREDIT-3", "CREDIT-4", limits={"api_slots": 1, "background_slots": 1})
async def one_credit(play: Play) -> None:
    """With one slot in each pool, work goes on one by one: each end is granted anew."""
    await play.ready()
    for n in range(10):
        await play.run("CREDIT-3", "echo", {"n": n})
        await play.credit()
        await play.run("CREDIT-3", "calls", {"n": n})
        await play.credit()


@wire_case("SHAPE-3", "SHAPE-5", one_frame_per_message=True)
async def tiny_frames(play: Play) -> None:
    """Every frame in a message of its own."""
    await play.ready()
    await play.completes("SHAPE-5", [play.start("calls", {"n": n}) for n in range(8)])
    await play.lives("SHAPE-5")


@wire_case("SHAPE-3", "SHAPE-5", "INVOKE-2", limits={"api_slots": MANY, "background_slots": MANY})
async def large_batches(play: Play) -> None:
    """Thousands of attempts in one message, requests and events mixed."""
    await play.ready()
    await play.until("CREDIT-3", lambda: min(play.free(API), play.free(BACKGROUND)) > 0, "no credit")
    number = min(play.free(API), play.free(BACKGROUND), MANY) // 2
    invokes = [play.invoke(name, {"n": n}) for n in range(number) for name in ("echo", "calls")]
    await play.completes("SHAPE-5", play.start_together(invokes), wait_s=4 * play.wait_s)


@wire_case("LIMIT-1", "LIMIT-3", limits={"max_payload_bytes": 4096, "max_message_bytes": 8192})
async def tiny_limits(play: Play) -> None:
    """Messages are split at the core's limit; a payload that is too large fails, and is not sent."""
    await play.ready("echo", "calls", "hold")
    text = "x" * 3000
    ids = play.start_together([play.invoke("echo", {"text": text}) for _ in range(8)])
    await play.completes("LIMIT-1", ids)
    complete = await play.run("LIMIT-3", "echo", {"text": "x" * 5000})
    kind = complete.failure.kind
    is_too_large = complete.WhichOneof("outcome") == "failure" and kind == failure_pb2.FAILURE_KIND_PAYLOAD_TOO_LARGE
    play.expect("LIMIT-3", is_too_large, "a response over the limit is not a failure of kind PAYLOAD_TOO_LARGE")
    await play.run("LIMIT-3", "calls", {"text": "x" * 5000})
    await play.lives("LIMIT-3")


@wire_case("LAUNCH-7", "LIMIT-1")
async def large_payloads(play: Play) -> None:
    """Two requests of several megabytes in one message, answered with as much."""
    await play.ready("echo")
    invokes = [play.invoke("echo", {"text": letter * LARGE}) for letter in "xy"]
    ids = play.start_together(invokes)
    await play.completes("LAUNCH-7", ids, wait_s=2 * play.wait_s)
    for invoke, invocation_id in zip(invokes, ids, strict=True):
        complete = await play.complete("LAUNCH-7", invocation_id)
        same = complete.http.body_kind == invoke_pb2.BODY_KIND_JSON and json.loads(complete.http.body) == json.loads(
            invoke.http.body
        )
        play.expect("PAYLOAD-3", same, "a large body did not come back as it was")


@wire_case("FAILURE-1", "FAILURE-3", "ERROR-5", "FAILURE-2", "LIMIT-4")
async def failures(play: Play) -> None:
    """What a handler raises is a failure with its class, its message and where it was raised; the session goes on."""
    await play.ready()
    complete = await play.run("FAILURE-1", "fail")
    failure = complete.failure
    play.expect("FAILURE-1", complete.WhichOneof("outcome") == "failure", "a handler that raises did not fail")
    play.expect("FAILURE-1", "wire: no" in failure.message, f"the failure's message is {failure.message!r}")
    play.expect("FAILURE-1", bool(failure.type), "the failure has no type")
    play.expect("FAILURE-1", "fail" in failure.stack, "the failure's stack does not name the file")
    is_users = failure.kind == failure_pb2.FAILURE_KIND_APPLICATION
    play.expect("FAILURE-3", is_users, "what user code raised is not of kind APPLICATION")
    unspecified = failure.retry == failure_pb2.RETRY_UNSPECIFIED
    play.expect("FAILURE-2", unspecified, "an ordinary exception decides about the retry")
    await play.lives("ERROR-5")


@wire_case("INVOKE-10")
async def unknown_step(play: Play) -> None:
    """A step that the sidecar does not know is a failure of that attempt."""
    await play.ready()
    complete = await play.complete("INVOKE-10", play.core.start("steps/wire-no-such.step"))
    kind = complete.failure.kind
    play.expect("INVOKE-10", kind == failure_pb2.FAILURE_KIND_LOAD_ERROR, "the failure is not of kind LOAD_ERROR")
    await play.lives("INVOKE-10")


@wire_case("INVOKE-9")
async def wrong_digest(play: Play) -> None:
    """An Invoke for another manifest ends the session: it was meant for other files."""
    await play.ready()
    play.start("calls", {}, manifest_digest="wire: another")
    await play.error("INVOKE-9", failure_pb2.PROTOCOL_ERROR_CODE_DIGEST)


@wire_case("SHAPE-7", "SHAPE-6")
async def unknown_fields(play: Play) -> None:
    """Frames, fields and enum values of later revisions are ignored."""
    core = play.core
    await play.ready()
    core.send_raw(b"")
    core.send_raw(UNKNOWN_FRAME)
    core.send(core_frame())
    await play.lives("SHAPE-6")
    invoke = core_frame(invoke=play.invoke("calls", {"n": 1}))
    invoke.ParseFromString(with_unknown_field(invoke.SerializeToString()))
    invoke.invoke.ParseFromString(with_unknown_field(invoke.invoke.SerializeToString()))
    core.send(invoke)
    await play.complete("SHAPE-7", invoke.invoke.invocation_id)
    request = json_request({"n": 1})
    request.body_format = 77  # type: ignore[assignment]  # of a later revision
    complete = await play.complete("SHAPE-7", core.start(play.step("echo"), http=request))
    play.expect("SHAPE-7", complete.WhichOneof("outcome") is not None, "an unknown body format has no outcome")
    held = play.start("slow", {"ms": 50})
    core.cancel(held, 66)
    await play.complete("SHAPE-7", held)
    await play.lives("SHAPE-6")


UNKNOWN_FRAME = b"\x0a\x06\xf2\x76\x03abc"  # a SessionResponse with one frame, whose oneof has an unknown member


@wire_case("SHAPE-6", "ERROR-1", "ERROR-2")
async def must_understand(play: Play) -> None:
    """An unknown frame that must be understood ends the session."""
    await play.ready()
    frame = core_frame(must_understand=True)
    play.core.send(frame)
    await play.error("SHAPE-6", failure_pb2.PROTOCOL_ERROR_CODE_NOT_UNDERSTOOD)


@wire_case(
    "STREAM-1",
    "STREAM-2",
    "STREAM-3",
    "STREAM-5",
    needs=("pieces",),
    for_capability="streamed-responses",
    limits={"chunk_window_bytes": 4000},
)
async def streamed(play: Play) -> None:
    """A response in pieces keeps to the core's window, and ends with done."""
    core = play.core
    await play.ready()
    running = play.start("pieces")
    await play.frame("STREAM-2", "response_start")
    total = 0

    def more() -> bool:
        return sum(len(each.data) for each in core.of_kind("response_chunk")) > total or bool(core.of_kind("complete"))

    while not core.of_kind("complete"):
        await play.until("STREAM-3", more, "no further chunk came after ChunkAck")
        total = sum(len(each.data) for each in core.of_kind("response_chunk"))
        core.send(core_frame(chunk_ack=invoke_pb2.ChunkAck(invocation_id=running, total_bytes=total)))
    complete = await play.complete("STREAM-5", running)
    play.expect("STREAM-5", complete.WhichOneof("outcome") == "done", "a streamed response did not end with done")
    play.expect("STREAM-1", total == 16_000, f"{total} bytes came, not 16000")


@wire_case(
    "STREAM-7", "CANCEL-4", needs=("pieces",), for_capability="streamed-responses", limits={"chunk_window_bytes": 4000}
)
async def stream_left(play: Play) -> None:
    """A client that leaves a streamed response: no more pieces are made, and the attempt ends with done."""
    core = play.core
    await play.ready()
    running = play.start("pieces")
    await play.frame("STREAM-2", "response_chunk")
    core.cancel(running, invoke_pb2.CANCEL_REASON_CLIENT_GONE, signal_only=True)
    complete = await play.complete("STREAM-7", running)
    done = complete.WhichOneof("outcome") == "done"
    play.expect("STREAM-7", done, "a response whose client has left did not end with done")
    sent = sum(len(each.data) for each in core.of_kind("response_chunk"))
    play.expect("STREAM-3", sent <= 5000, f"{sent} bytes were sent, and nobody had read any")
