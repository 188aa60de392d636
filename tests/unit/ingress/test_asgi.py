"""The order of things: routes, errors, mounts, draining, clients that leave."""

import asyncio
import re

import pytest

from motia_core.errors import (
    DrainingError,
    InternalError,
    MotiaError,
    NoSidecarError,
    OverloadedError,
    SidecarLostError,
    StepFailedError,
    StepNotLoadedError,
    StepTimeoutError,
    UnauthorizedError,
)
from motia_core.ingress.interface import Message, Receive, Scope, Send
from motia_core.ingress.reply import CORS
from motia_core.model.http import HttpRequest, HttpResponse
from motia_core.model.trace import ALPHABET
from tests.fakes.requests import json_response
from tests.unit.ingress.rig import Response, Rig, ask

GENERIC = b'{"error":"Internal server error"}'


def has_cors(response: Response) -> bool:
    return all(response.one(name.decode()) == value.decode() for name, value in CORS)


@pytest.mark.parametrize("target", ["/hello", "/nowhere", "/users/%", "*", "/emit"])
def test_options_is_204_whatever_the_path(target: str) -> None:
    response, rig = ask("OPTIONS", target)
    assert (response.status, response.body) == (204, b"")
    assert has_cors(response)
    assert not rig.requests.asked


def test_unknown_route_is_404() -> None:
    response, rig = ask("GET", "/nowhere/%zz")
    assert response.status == 404
    assert response.json() == {"error": "No step serves GET /nowhere/%zz.", "code": "ROUTE_NOT_FOUND"}
    assert has_cors(response)
    assert not rig.log.records


def test_unknown_method_is_405_with_allow() -> None:
    response, _ = ask("PATCH", "/hello")
    assert (response.status, response.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert response.one("allow") == "DELETE, GET, HEAD, POST, OPTIONS"
    assert has_cors(response)


def test_malformed_percent_encoding_is_400() -> None:
    for path in ("/users/%", "/users/%ff", "/users/%2"):
        response, rig = ask("GET", path)
        assert (response.status, response.json()["code"]) == (400, "PATH_INVALID")
        assert "'id'" in response.json()["error"]
        assert not rig.requests.asked


def test_head_is_served_by_the_get_step() -> None:
    response, rig = ask("HEAD", "/hello")
    assert (response.status, response.body) == (200, b"")
    assert rig.requests.request.method == "HEAD"
    assert rig.requests.asked[0][0].method == "GET"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (StepTimeoutError("The step 'x' did not answer in 5 s.", step="x", timeout_ms=5000), 504),
        (SidecarLostError(), 502),
        (NoSidecarError(), 503),
        (OverloadedError(), 503),
        (StepNotLoadedError(), 503),
        (UnauthorizedError(), 401),
    ],
)
def test_error_says_what_it_is(error: MotiaError, status: int) -> None:
    response, rig = ask("GET", "/hello", answer=error)
    assert response.status == status
    expected = {"error": error.message, "code": error.code}
    assert response.json() == ({**expected, "details": error.details} if error.details else expected)
    assert response.all("retry-after") == (["1"] if status == 503 else [])
    assert has_cors(response)
    assert response.one("x-trace-id") == rig.requests.asked[0][2].trace_id
    assert not rig.log.records


@pytest.mark.parametrize("error", [StepFailedError("secret"), InternalError("secret"), ValueError("secret")])
def test_failure_tells_the_caller_nothing(error: Exception) -> None:
    for method, body in (("GET", GENERIC), ("HEAD", b"")):
        response, rig = ask(method, "/hello", answer=error)
        assert (response.status, response.body) == (500, body)
        assert response.one("content-length") == str(len(GENERIC))
        assert response.one("content-type") == "application/json; charset=utf-8"
        assert has_cors(response)
        assert len(rig.log.records) == isinstance(error, ValueError)
        if rig.log.records:
            level, message, fields = rig.log.records[0]
            assert level == "error"
            assert "ValueError: secret" in message
            assert b"Traceback" in fields


def test_trace_is_new_or_continues_that_of_the_caller() -> None:
    response, rig = ask("GET", "/hello")
    trace = rig.requests.asked[0][2]
    assert response.one("x-trace-id") == trace.trace_id
    assert re.fullmatch(rf"[{ALPHABET}]{{5}}-\d{{7}}", trace.trace_id)
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", trace.traceparent)
    parent = f"00-{'a' * 32}-{'b' * 16}-01"
    headers = [("traceparent", parent), ("tracestate", "v=1"), ("baggage", "user=1")]
    _, rig = ask("GET", "/hello", headers=headers)
    trace = rig.requests.asked[0][2]
    assert trace.traceparent.startswith(f"00-{'a' * 32}-")
    assert (trace.tracestate, trace.baggage) == ("v=1", "user=1")


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-app", scope["path"].encode())]})
    await send({"type": "http.response.body", "body": scope["method"].encode()})


def test_mount_serves_its_prefix_before_any_step() -> None:
    async def run() -> None:
        rig = Rig(routes=("GET /__motia/x", "GET /:any", "GET /__motiax"), mounts={"/__motia": echo})
        for path in ("/__motia", "/__motia/", "/__motia/x"):
            assert (await rig.ask("GET", path)).one("x-app") == path
        assert (await rig.ask("OPTIONS", "/__motia/x")).body == b"OPTIONS"  # it decides itself who may call it
        assert not rig.requests.asked
        assert (await rig.ask("GET", "/__motiax")).status == 200
        assert len(rig.requests.asked) == 1

    asyncio.run(run())


def test_fallback_serves_when_no_step_does() -> None:
    async def run(routes: tuple[str, ...], *, served_by_step: bool) -> None:
        rig = Rig(routes=routes, fallbacks={"/emit": echo})
        assert bool((await rig.ask("POST", "/emit")).all("x-app")) is not served_by_step
        assert len(rig.requests.asked) == served_by_step
        assert (await rig.ask("POST", "/emit/x")).status == 404

    asyncio.run(run((), served_by_step=False))
    asyncio.run(run(("GET /emit",), served_by_step=False))
    asyncio.run(run(("POST /emit",), served_by_step=True))


def test_error_in_a_mount_is_logged_and_left_to_the_server() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("broken")

    async def run() -> None:
        rig = Rig(mounts={"/__motia": broken})
        with pytest.raises(ValueError, match="broken"):
            await rig.ask("GET", "/__motia")
        assert "/__motia" in rig.log.records[0][1]

    asyncio.run(run())


def test_swapped_router_serves_the_next_request() -> None:
    async def run() -> None:
        rig = Rig(routes=("GET /old",))
        assert (await rig.ask("GET", "/new")).status == 404
        rig.catalog.router = Rig(routes=("GET /new",)).catalog.router
        assert (await rig.ask("GET", "/new")).status == 200
        assert (await rig.ask("GET", "/old")).status == 404

    asyncio.run(run())


async def forever(request: HttpRequest) -> HttpResponse:
    await asyncio.Event().wait()
    return json_response()


def test_handler_is_cancelled_when_the_client_leaves() -> None:
    async def run() -> None:
        rig = Rig(forever)
        assert (await rig.ask("GET", "/hello", leaves=True)).status == 0
        assert rig.requests.cancelled.is_set()
        assert not rig.log.records

    asyncio.run(run())


def test_handler_does_not_start_when_the_client_leaves_in_the_body() -> None:
    async def run() -> None:
        rig = Rig()
        for chunks in ([b"{"], [b"{", b'"a"']):
            assert (await rig.ask("POST", "/hello", chunks, leaves=True)).status == 0
        assert not rig.requests.asked
        assert not rig.log.records

    asyncio.run(run())


def test_draining_refuses_new_requests_and_lets_running_ones_end() -> None:
    async def run() -> None:
        may_end = asyncio.Event()

        async def slow(request: HttpRequest) -> HttpResponse:
            await may_end.wait()
            return json_response()

        rig = Rig(slow, mounts={"/__motia": echo})
        running = asyncio.create_task(rig.ask("GET", "/hello"))
        await rig.requests.started.wait()
        drained = asyncio.create_task(rig.app.drain(30))
        await asyncio.sleep(0)
        refused = await rig.ask("GET", "/hello")
        assert (refused.status, refused.json()["code"]) == (503, "DRAINING")
        assert (refused.one("connection"), refused.one("retry-after")) == ("close", "1")
        assert not (await rig.ask("GET", "/hello", http_version="2")).all("connection")
        assert (await rig.ask("GET", "/__motia/health")).status == 200
        assert not drained.done()
        may_end.set()
        assert (await running).status == 200
        await drained

    asyncio.run(run())


def test_draining_cuts_requests_off_when_the_grace_is_over() -> None:
    async def run() -> None:
        rig = Rig(forever)
        running = asyncio.create_task(rig.ask("GET", "/hello"))
        await rig.requests.started.wait()
        await rig.app.drain(0.01)
        response = await running
        assert (response.status, response.json()["code"]) == (503, DrainingError.code)
        assert rig.requests.cancelled.is_set()

    asyncio.run(run())


def test_websocket_is_refused() -> None:
    async def run() -> None:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "websocket.connect"}

        async def send(message: Message) -> None:
            sent.append(message)

        await Rig().app({"type": "websocket", "path": "/", "raw_path": b"/"}, receive, send)
        assert [(message["type"], message["code"]) for message in sent] == [("websocket.close", 1008)]

    asyncio.run(run())
