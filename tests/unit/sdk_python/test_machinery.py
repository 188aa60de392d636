"""The small parts between the threads: frames, outbox, threads, ledger, telemetry, lag, settings."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motia._gen.motia.v1 import call_pb2, invoke_pb2, lifecycle_pb2, manifest_pb2, sidecar_pb2, telemetry_pb2
from motia.attaching import plainly
from motia.attempt import Attempt
from motia.imports import Imports
from motia.lag import LagProbe, memory_bytes
from motia.ledger import Ledger
from motia.loaded_step import Step
from motia.loading import Loading
from motia.outbox import Outbox, take
from motia.settings import SettingsError, read_settings
from motia.telemetry import Telemetry
from motia.threads import Threads
from motia.transport import messages
from motia.wire import pack

STEP = Step("steps/a_step.py", (), None, False)


def frame_with(size: int) -> sidecar_pb2.SidecarFrame:
    return sidecar_pb2.SidecarFrame(call=call_pb2.Call(call_id=size, emit=call_pb2.Emit(data=b"x" * size)))


def attempt(invocation_id: int, pool: int = lifecycle_pb2.POOL_API, durable: bool = False) -> Attempt:
    invoke = invoke_pb2.Invoke(invocation_id=invocation_id, pool=pool, durable=durable)  # type: ignore[arg-type]
    ended = Attempt(invoke, STEP)
    ended.frame = b"frame %d" % invocation_id
    return ended


@given(st.lists(st.sampled_from([0, 1, 100, 127, 128, 16_384, 3_000_000]), min_size=1, max_size=5))
def test_packed_frames_joined_are_one_message(sizes: list[int]) -> None:
    frames = [frame_with(size) for size in sizes]
    joined = b"".join(map(pack, frames))
    assert list(sidecar_pb2.SessionRequest.FromString(joined).frames) == frames


@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1), st.integers(min_value=0, max_value=100))
def test_messages_keep_order_and_size(frames: list[bytes], limit: int) -> None:
    parts = messages(frames, limit)
    assert b"".join(parts) == b"".join(frames)
    if limit >= 40:
        assert all(len(part) <= limit for part in parts)


def test_outbox_wakes_for_what_any_thread_adds() -> None:
    async def scenario() -> list[bytes]:
        outbox = Outbox()
        outbox.send(b"early")
        outbox.bind(asyncio.get_running_loop())
        threads = [threading.Thread(target=lambda n=n: [outbox.send(b"%d" % n) for _ in range(500)]) for n in range(4)]  # type: ignore[misc]
        for thread in threads:
            thread.start()
        taken: list[bytes] = []
        while len(taken) < 2001:
            await asyncio.wait_for(outbox.wait(), 5)
            taken += take(outbox.frames)
        return taken

    assert len(asyncio.run(scenario())) == 2001


def test_threads_run_at_most_so_many_jobs_at_once() -> None:
    threads = Threads("test", limit=3)
    release, started, done = threading.Event(), threading.Semaphore(0), threading.Semaphore(0)

    def job() -> None:
        started.release()
        release.wait(5)
        done.release()

    for _ in range(10):
        threads.submit(job)
    for _ in range(3):
        assert started.acquire(timeout=5)
    assert not started.acquire(timeout=0.05)
    release.set()
    for _ in range(10):
        assert done.acquire(timeout=5)


def test_threads_are_reused() -> None:
    threads = Threads("test", limit=50)
    names = []
    for _ in range(20):
        finished = threading.Event()

        def job(finished: threading.Event = finished) -> None:
            names.append(threading.current_thread().name)
            finished.set()

        threads.submit(job)
        assert finished.wait(5)
        time.sleep(0.001)  # the thread notes that it is idle after the job
    assert len(set(names)) < 20


def test_ledger_grants_cumulatively_and_keeps_durable_completes() -> None:
    def granted(frames: list[bytes]) -> list[tuple[int, int]]:
        request = sidecar_pb2.SessionRequest.FromString(b"".join(frames))
        return [(frame.credit.pool, frame.credit.granted) for frame in request.frames]

    ledger = Ledger()
    ledger.open(api_slots=2, background_slots=1)
    assert granted(ledger.credit_frames()) == [(1, 2), (2, 1)]
    assert ledger.credit_frames() == []
    ledger.end(attempt(1))
    ledger.end(attempt(2, lifecycle_pb2.POOL_BACKGROUND, durable=True))
    assert granted(ledger.credit_frames()) == [(1, 3), (2, 2)]
    assert ledger.unconfirmed == {2: b"frame 2"}
    ledger.confirm([1, 2, 99])
    assert ledger.unconfirmed == {}
    ledger.stop_granting()
    ledger.end(attempt(3))
    assert ledger.credit_frames() == []
    assert granted(ledger.all_credit_frames()) == [(1, 3), (2, 2)]


def test_telemetry_is_bounded_by_number_and_by_bytes() -> None:
    def batch(telemetry: Telemetry) -> telemetry_pb2.TelemetryRequest:
        return telemetry_pb2.TelemetryRequest.FromString(telemetry.take_batch())

    few = Telemetry(max_records=3)
    for n in range(5):
        few.add(telemetry_pb2.LogRecord(message=str(n)))
    taken = batch(few)
    assert [log.message for log in taken.logs] == ["0", "1", "2"]
    assert taken.dropped == 2
    few.add(telemetry_pb2.LogRecord(message="again"))
    assert [log.message for log in batch(few).logs] == ["again"]
    small = Telemetry(max_bytes=1000)
    for _ in range(20):
        small.add(telemetry_pb2.LogRecord(message="x" * 90))
    taken = batch(small)
    assert len(taken.logs) + taken.dropped == 20
    assert 0 < len(taken.logs) <= 11


def test_lag_grows_while_the_loop_is_blocked_and_falls_afterwards() -> None:
    loop = asyncio.new_event_loop()
    probe = LagProbe(loop)
    probe.ask()
    time.sleep(0.03)
    first = probe.take_ms()
    time.sleep(0.03)
    assert 30 <= first < probe.take_ms()
    loop.call_soon(loop.stop)
    loop.run_forever()
    assert probe.take_ms() >= 60  # what it was, once more
    assert probe.take_ms() == 0
    loop.close()


def test_memory_is_that_of_a_python_process() -> None:
    assert 5_000_000 < memory_bytes() < 10_000_000_000


def test_settings_take_the_token_away() -> None:
    environ = {"MOTIA_SIDECAR_ADDRESS": "a:1", "MOTIA_SIDECAR_TOKEN": "t", "MOTIA_SIDECAR_LANGUAGE": "python"}
    settings = read_settings(environ)
    assert (settings.address, settings.token, settings.language) == ("a:1", "t", "python")
    assert "MOTIA_SIDECAR_TOKEN" not in environ
    with pytest.raises(SettingsError, match="motia-core serve"):
        read_settings({})


def test_settings_of_an_external_sidecar() -> None:
    base = {"MOTIA_SIDECAR_ADDRESS": "core:7", "MOTIA_SIDECAR_TOKEN": "t", "MOTIA_SIDECAR_EXTERNAL": "1"}
    plain = read_settings({**base, "MOTIA_SIDECAR_NAME": "web-1"})
    assert (plain.is_external, plain.name, plain.ca, plain.tls) == (True, "web-1", b"", None)


@pytest.mark.parametrize(
    ("environ", "what"),
    [
        ({"MOTIA_SIDECAR_TOKEN": ""}, "MOTIA_SIDECAR_TOKEN is not set"),
        ({"MOTIA_SIDECAR_CA": "/nowhere"}, "cannot be read"),
        ({"MOTIA_SIDECAR_CA": "/dev/null"}, "which is no PEM file"),
    ],
)
def test_settings_of_an_external_sidecar_that_are_wrong(environ: dict[str, str], what: str) -> None:
    base = {"MOTIA_SIDECAR_ADDRESS": "core:7", "MOTIA_SIDECAR_TOKEN": "t", "MOTIA_SIDECAR_EXTERNAL": "1"}
    with pytest.raises(SettingsError, match=what):
        read_settings({**base, **environ})


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (
            "UNAVAILABLE: failed to connect to all addresses; last error: UNKNOWN: ipv4:1:2: refused",
            "ipv4:1:2: refused",
        ),
        ("last error: UNAVAILABLE: ipv4:1:2: Socket closed", "ipv4:1:2: Socket closed; if it has sidecars.tls_cert"),
        ("the core closed the stream", "the core closed the stream"),
    ],
)
def test_why_a_core_cannot_be_reached_is_said_plainly(reason: str, said: str) -> None:
    assert plainly(reason).startswith(said)


def test_a_later_session_hears_what_was_loaded_and_imports_nothing() -> None:
    first, second = Outbox(), Outbox()
    loading = Loading(first, Imports())
    loading.ask(manifest_pb2.Load(digest="d"))
    assert loading.requests.get_nowait().digest == "d"  # type: ignore[union-attr]  # a Load
    loading.send(manifest_pb2.Manifest(digest="d"))
    loading.outbox = second
    loading.ask(manifest_pb2.Load(digest="d"))
    assert loading.requests.empty()
    assert take(second.frames) == take(first.frames)


@pytest.mark.parametrize("has_asked", [False, True], ids=["before its Load", "after its Load"])
def test_an_import_that_outlives_its_session_is_told_once_and_only_where_it_was_asked_for(has_asked: bool) -> None:
    first, second = Outbox(), Outbox()
    loading = Loading(first, Imports())
    loading.ask(manifest_pb2.Load(digest="d"))
    loading.outbox = second
    if has_asked:
        loading.ask(manifest_pb2.Load(digest="d"))
    loading.acks.put("steps/a_step.py")
    loading.announce("steps/a_step.py")
    loading.send(manifest_pb2.Manifest(digest="d"))
    assert len(take(second.frames)) == (2 if has_asked else 0)
    if not has_asked:
        loading.ask(manifest_pb2.Load(digest="d"))
        assert take(second.frames) == [take(first.frames)[-1]]
