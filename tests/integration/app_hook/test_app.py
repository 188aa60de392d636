"""What the Express app answers reaches the client as Express sent it, on both servers."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import time
from collections.abc import Callable

import httpx
import pytest

from tests.conformance.core import RunningCore

MIB = 1024 * 1024


async def open_connection(core: RunningCore) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", httpx.URL(core.url).port)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def left(client: httpx.Client, path: str) -> None:
    """Wait until the app has heard that a client of this path left."""
    until(lambda: path in client.get("/left").json())


def test_route_sees_the_client_and_answers(client: httpx.Client) -> None:
    answer = client.get("/health", headers={"X-Forwarded-Proto": "https", "Motia-Front": "{}", "X-Twice": "a"})
    seen = answer.json()
    assert (seen["ok"], seen["ip"], seen["protocol"], seen["host"]) == (True, "127.0.0.1", "http", "127.0.0.1")
    assert not {name for name in seen["headers"] if name.startswith("motia")}
    assert seen["headers"]["x-twice"] == "a"
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert answer.headers["etag"].startswith('W/"')
    assert not {name for name in answer.headers if name.startswith("motia")}
    assert client.get("/health", headers={"If-None-Match": answer.headers["etag"]}).status_code in (200, 304)


def test_static_files_are_served_with_head_and_conditions(client: httpx.Client) -> None:
    answer = client.get("/files/hello.txt")
    assert (answer.status_code, answer.text) == (200, "hello from a file\n")
    assert client.get("/files/hello.txt", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    head = client.head("/files/hello.txt")
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "18", b"")
    part = client.get("/files/hello.txt", headers={"Range": "bytes=6-9"})
    assert (part.status_code, part.text) == (206, "from")
    assert client.get("/files/../motia.config.ts").status_code == 404


def test_preflight_is_answered_by_cors(client: httpx.Client) -> None:
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "PUT"}
    answer = client.options("/steps/look", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert answer.headers["access-control-allow-methods"] == "GET,HEAD,PUT,PATCH,POST,DELETE"


@pytest.mark.parametrize("size", [0, 10, 70_000, 5 * MIB])
def test_upload_reaches_multer(client: httpx.Client, size: int) -> None:
    data = os.urandom(size)
    answer = client.post("/upload", files={"file": ("cat.jpg", data)}, data={"title": "Cat"})
    assert answer.status_code == 201
    digest = hashlib.sha256(data).hexdigest()
    expected = {"originalname": "cat.jpg", "size": size, "digest": digest, "fields": {"title": "Cat"}}
    assert answer.json() == expected


def test_upload_over_the_apps_limit_is_the_apps_error(client: httpx.Client) -> None:
    answer = client.post("/upload", files={"file": ("big", os.urandom(9 * MIB))})
    assert answer.status_code == 500
    assert "File too large" in answer.text
    assert client.get("/health").status_code == 200


def test_body_flows_in_both_directions_at_once(core: RunningCore) -> None:
    size, part = 20 * MIB, b"x" * MIB  # more than all buffers between us and the app take

    async def main() -> int:
        reader, writer = await open_connection(core)
        writer.write(b"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % size)
        head = await reader.readuntil(b"\r\n\r\n")  # before the body is sent
        assert b" 200 " in head
        received = asyncio.create_task(reader.read())
        for _ in range(size // MIB):
            writer.write(part)
            await writer.drain()
        body = await received
        writer.close()
        return body.count(b"x")

    assert asyncio.run(main()) == size


def test_client_that_reads_nothing_and_leaves_is_noticed(
    core: RunningCore, client: httpx.Client, request: pytest.FixtureRequest
) -> None:
    if request.node.callspec.params["core"] == "hypercorn":
        pytest.skip("it tells only those who read: given up after STALL_S, see tests/unit/ingress/test_exchange.py")

    async def main() -> None:
        _, writer = await open_connection(core)
        writer.write(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (50 * MIB))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                for _ in range(49):
                    writer.write(b"x" * MIB)
                    await writer.drain()
        writer.transport.abort()

    asyncio.run(main())
    left(client, "/echo")


def test_download_arrives_whole(client: httpx.Client) -> None:
    assert client.get(f"/download/{30 * MIB + 7}").content == b"x" * (30 * MIB + 7)


def test_answer_without_reading_the_body_arrives(client: httpx.Client) -> None:
    for size in (100, 2 * MIB):
        answer = client.post("/refused", content=os.urandom(size))
        assert (answer.status_code, answer.text) == (413, "not read")
    assert client.get("/health").status_code == 200


def test_error_in_a_middleware_is_a_500_of_express(client: httpx.Client, core: RunningCore) -> None:
    for path, message in (("/boom", "boom"), ("/late-boom", "late boom")):
        answer = client.get(path)
        assert answer.status_code == 500
        assert f"Error: {message}" in answer.text
    assert client.get("/handled-boom").status_code == 418
    until(lambda: any("Error: late boom" in line for line in core.log_lines()))


def test_events_arrive_one_by_one_and_leaving_is_noticed(client: httpx.Client) -> None:
    with client.stream("GET", "/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = answer.iter_lines()
        assert [next(events) for _ in range(3)] == ["data: 0", "", "data: 1"]
    left(client, "/events")


def test_head_of_a_silent_stream_arrives_at_once(client: httpx.Client) -> None:
    with client.stream("GET", "/silent", timeout=5) as answer:
        assert answer.status_code == 200
    left(client, "/silent")


def test_client_that_does_not_wait_is_noticed(core: RunningCore, client: httpx.Client) -> None:
    def is_noticed() -> bool:
        with pytest.raises(httpx.ReadTimeout):  # on a busy machine before the app hears of the request
            httpx.get(f"{core.url}/never", timeout=httpx.Timeout(20, read=0.3))
        return "/never" in client.get("/left").json()

    until(is_noticed)


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        (b"GET http://other/health HTTP/1.1\r\n", [200]),
        (b"GET http://other/__motia/health HTTP/1.1\r\n", [200, 403]),
        (b"GET /\xc3\xa9 HTTP/1.1\r\n", [404, 400]),
        (b"GET /steps/% HTTP/1.1\r\n", [400]),
        (b"GET //health HTTP/1.1\r\n", [404]),
        (b"OPTIONS * HTTP/1.1\r\n", [204, 400, 404]),
        (b"GET /health HTTP/1.1\r\nMotia-Pass: x\r\nMotia-Body: json\r\n", [200]),
        (b"GET /health HTTP/1.1\r\nX-Latin: \xff\xfe\r\n", [200, 400]),
        (b"GET /health HTTP/1.1\r\nConnection: x-frame-options, host\r\n", [200]),
        (b"GET /health HTTP/1.1\r\nX-Long: " + b"v" * 40_000 + b"\r\n", [200]),
        (b"POST /a/look HTTP/1.1\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n", [400]),
        (b"POST /a/look HTTP/1.1\r\nContent-Length: +2\r\n", [400]),
    ],
)
def test_hostile_request_gets_an_answer_and_smuggles_nothing(
    core: RunningCore, client: httpx.Client, sent: bytes, statuses: list[int]
) -> None:
    async def main() -> bytes:
        reader, writer = await open_connection(core)
        body = b"0\r\n\r\nGET /steps/smuggled HTTP/1.1\r\nHost: x\r\n\r\n" if b"POST" in sent else b""
        writer.write(sent + b"Host: x\r\nConnection: close\r\n\r\n" + body)
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        return answer

    answer = asyncio.run(main())
    assert answer.count(b"HTTP/1.1 ") == 1
    assert int(answer.split(b" ")[1]) in statuses
    assert b"smuggled" not in answer
    assert client.get("/health").status_code == 200


def test_app_never_sees_the_management_api(client: httpx.Client) -> None:
    assert "x-hook" not in client.get("/__motia/health").headers
    assert "x-hook" in client.get("/__motiax").headers
