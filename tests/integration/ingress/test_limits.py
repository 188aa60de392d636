"""What clients may send, how slowly, and over how many connections: the same through uvicorn and Hypercorn, where they
can do the same."""

import asyncio
import gzip
import json
import resource
import socket
import zlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import uvloop

from motia_core.model.http import BodyKind, HttpRequest, HttpResponse
from motia_core.settings import KIB, HttpSettings
from tests.fakes.requests import Answer, json_response
from tests.integration.ingress.serving import Served, serving
from tests.unit.ingress.rig import MAX_BODY, Rig

GET = b"GET /hello HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /hello HTTP/1.1\r\nHost: x\r\n"
CLOSE = b"Connection: close\r\n\r\n"
QUICK = {"header_timeout_ms": 250, "body_timeout_ms": 250}
PATIENT = {"header_timeout_ms": 1000, "body_timeout_ms": 1000}  # for what must not run into them on a busy machine

Scenario = Callable[[Served], Awaitable[None]]


def run(http: HttpSettings, scenario: Scenario, answer: Answer | None = None) -> None:
    """Afterwards an honest request is served, nothing was logged, and nothing runs."""

    async def main() -> None:
        rig = Rig(answer, http=http)
        async with serving(http, rig) as served:
            await scenario(served)
            if answer is not None:
                rig.requests.answer = json_response()
            assert (await served.client.get("/users/honest")).status_code == 200
            assert not rig.log.records
            await asyncio.wait_for(rig.app.drain(5), 5)

    uvloop.run(main())


def problem_of(answer: bytes) -> tuple[int, str]:
    """Status and code of a whole response."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in head.lower()
    return int(head.split(b" ")[1]), json.loads(body)["code"] if body else ""


@pytest.mark.alone
def test_headers_that_do_not_end_are_408(plain: HttpSettings) -> None:
    async def scenario(served: Served) -> None:
        async def slowly(begun: bytes) -> bytes:
            async with served.raw() as (reader, writer):
                writer.write(begun)
                answer = asyncio.create_task(reader.read())
                while not answer.done():
                    writer.write(b"X-Slow: 1\r\n")  # it is the whole that must end in time, not one header
                    await asyncio.sleep(0.05)
                return await answer

        began_s = asyncio.get_running_loop().time()
        answers = await asyncio.gather(*(slowly(begun) for begun in (GET[:22], GET, GET + b"X-A: b\r\n")))
        assert [problem_of(answer) for answer in answers] == [(408, "REQUEST_TIMEOUT")] * 3
        assert 0.2 < asyncio.get_running_loop().time() - began_s < 3
        assert not served.rig.requests.asked

    run(replace(plain, **QUICK), scenario)


def test_second_request_on_a_connection_is_timed_from_its_first_byte(plain: HttpSettings) -> None:
    async def scenario(served: Served) -> None:
        async with served.raw() as (reader, writer):
            for _ in range(2):
                writer.write(GET + b"\r\n")
                await asyncio.wait_for(reader.readuntil(b'{"ok":true}'), 5)
                await asyncio.sleep(1.1)  # longer than headers may take: nothing has begun
            for part in (GET, b"X-A: b\r\n", b"\r\n"):
                writer.write(part)
                await asyncio.sleep(0.02)
            await asyncio.wait_for(reader.readuntil(b'{"ok":true}'), 5)
            writer.write(GET)
            assert problem_of(await asyncio.wait_for(reader.read(), 5)) == (408, "REQUEST_TIMEOUT")

    run(replace(plain, **PATIENT), scenario)


@pytest.mark.alone
@pytest.mark.parametrize(
    "part",
    [b"Content-Length: 5000\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n", b"Content-Length: 9\r\n\r\n"],
)
def test_body_that_stops_coming_is_408(plain: HttpSettings, part: bytes) -> None:
    async def scenario(served: Served) -> None:
        chunk = b"1\r\n \r\n" if b"chunked" in part else b" "
        for is_dripping in (False, True):
            async with served.raw() as (reader, writer):
                writer.write(POST + part)
                answer = asyncio.create_task(reader.read())
                for _ in range(8):
                    if is_dripping and not answer.done():
                        writer.write(chunk)
                    await asyncio.sleep(0.03)
                assert problem_of(await asyncio.wait_for(answer, 5)) == (408, "REQUEST_TIMEOUT")
        assert not served.rig.requests.asked

    run(replace(plain, **QUICK), scenario)


def test_slow_body_that_makes_progress_is_taken(plain: HttpSettings) -> None:
    async def main() -> None:
        rig = Rig(http=plain, max_body=100_000)
        async with serving(replace(plain, **PATIENT), rig) as served, served.raw() as (reader, writer):
            writer.write(POST + b"Content-Length: 50000\r\nContent-Type: application/octet-stream\r\n\r\n")
            for _ in range(10):
                await asyncio.sleep(0.12)
                writer.write(b"x" * 5000)
            await asyncio.wait_for(reader.readuntil(b'{"ok":true}'), 5)
            assert rig.requests.request.body == b"x" * 50_000

    uvloop.run(main())


def test_step_may_take_longer_than_bodies(plain: HttpSettings) -> None:
    async def slow(request: HttpRequest) -> HttpResponse:
        await asyncio.sleep(0.4)
        return json_response()

    async def scenario(served: Served) -> None:
        for sent in (GET + CLOSE, POST + b"Content-Length: 2\r\n" + CLOSE + b"{}"):
            assert b" 200 " in await served.exchange(sent)

    run(replace(plain, **QUICK), scenario, slow)


@pytest.mark.parametrize("size", [2000, 4000, 8000, 100_000])
@pytest.mark.parametrize("is_split", [False, True])
def test_headers_over_their_size_are_431(plain: HttpSettings, size: int, is_split: bool) -> None:
    async def scenario(served: Served) -> None:
        sent = GET + b"X-Long: " + b"v" * (size - len(GET) - len(CLOSE) - 10) + b"\r\n" + CLOSE
        async with served.raw() as (reader, writer):
            middle = len(sent) // 2 if is_split else 0
            writer.write(sent[:middle])
            await asyncio.sleep(0.02)
            writer.write(sent[middle:])
            try:
                answer = await asyncio.wait_for(reader.read(), 5)
            except ConnectionError:  # it was still sending when the connection was closed
                assert size == 100_000
                return
        assert answer.startswith(b"HTTP/1.1 %d " % (200 if size <= 4 * KIB else 431))
        assert len(served.rig.requests.asked) == (size <= 4 * KIB)

    run(replace(plain, max_header_bytes=4 * KIB), scenario)


def test_too_many_headers_are_431_and_a_long_url_is_414(http: HttpSettings) -> None:
    async def scenario(served: Served) -> None:
        headers = {f"x-{i}": "1" for i in range(40)}
        response = await served.client.get("/hello", headers=headers)
        assert (response.status_code, response.json()["code"]) == (431, "HEADERS_TOO_LARGE")
        assert "http.max_headers" in response.json()["error"]
        for path in ("/users/" + "a" * 1000, "/hello?a=" + "a" * 1000):
            response = await served.client.get(path)
            assert (response.status_code, response.json()["code"]) == (414, "URL_TOO_LONG")
        assert not served.rig.requests.asked
        assert (await served.client.get("/users/" + "a" * 900)).status_code == 200

    run(replace(http, max_headers=30, max_url_bytes=1000), scenario)


def test_pipelined_requests_with_bodies_are_not_taken_for_large_headers(plain: HttpSettings) -> None:
    async def scenario(served: Served) -> None:
        body = b'"%b"' % (b"x" * 3000)
        post = POST + b"Content-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        sent = post * 10 + GET + CLOSE
        async with served.raw() as (reader, writer):
            writer.write(sent[: len(post) - 2000])
            for start in range(len(post) - 2000, len(sent), len(post)):
                await asyncio.sleep(0.005)
                writer.write(sent[start : start + 2060])  # the end of a body and the beginning of headers
                await asyncio.sleep(0.005)
                writer.write(sent[start + 2060 : start + len(post)])
            answer = await asyncio.wait_for(reader.read(), 10)
        assert answer.count(b"HTTP/1.1 200 ") == 11

    run(replace(plain, max_header_bytes=2 * KIB), scenario)


def test_connections_beyond_the_limit_are_503_and_have_room_again_later(plain: HttpSettings) -> None:
    async def scenario(served: Served) -> None:
        async with served.raw() as first, served.raw() as second:
            for reader, writer in (first, second):
                writer.write(GET + b"\r\n")
                await reader.readuntil(b'{"ok":true}')
            assert problem_of(await served.exchange(b"")) == (503, "OVERLOADED")
            first[1].write(GET + b"\r\n")
            await first[0].readuntil(b'{"ok":true}')
        await asyncio.sleep(0.05)

    run(replace(plain, max_connections=2), scenario)


def test_default_limit_of_connections_leaves_room_for_other_files() -> None:
    from motia_core.ingress.limits import RESERVED_FILES, Limits

    room = Limits(HttpSettings()).max_connections
    assert 0 < room <= resource.getrlimit(resource.RLIMIT_NOFILE)[0] - RESERVED_FILES


def test_client_that_takes_nothing_of_its_response_is_dropped() -> None:
    async def scenario(served: Served) -> None:
        loop = asyncio.get_running_loop()
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.setblocking(False)
            await loop.sock_connect(sock, ("127.0.0.1", served.listener.port))
            await loop.sock_sendall(sock, GET + CLOSE)
            await asyncio.sleep(0.5)
            taken = 0
            while some := await asyncio.wait_for(loop.sock_recv(sock, 65_536), 5):
                taken += len(some)
            assert 0 < taken < size  # what the system holds is still sent, the rest was dropped

    size = 30_000_000
    large = HttpResponse(200, [], BodyKind.BINARY, b"x" * size)
    run(HttpSettings(port=0, keep_alive_ms=100), scenario, large)


# --- memory


def resident_bytes() -> int:
    with open("/proc/self/statm") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * resource.getpagesize()


@contextmanager
def flat_memory(most_bytes: int) -> Iterator[None]:
    before = resident_bytes()
    yield
    grown = resident_bytes() - before
    assert grown < most_bytes, f"{grown / 1e6:.1f} MB more"


@pytest.mark.parametrize(
    "endless",
    [
        b"X-Trailer: " + b"v" * 1000 + b"\r\n",
        b"v" * 1000,
    ],
    ids=["trailers", "one trailer"],
)
@pytest.mark.parametrize("path", [b"/hello", b"/nowhere"])
def test_endless_trailers_are_cut_off(plain: HttpSettings, endless: bytes, path: bytes) -> None:
    async def scenario(served: Served) -> None:
        async with served.raw() as (reader, writer):
            head = b"POST %b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-First: 1\r\n"
            writer.write(head % path + (b"X-Endless: " if endless.startswith(b"v") else b""))
            sent = 0
            with flat_memory(16_000_000):
                try:
                    while sent < 50_000_000 and not reader.at_eof():
                        writer.write(endless * 50)
                        sent += len(endless) * 50
                        await writer.drain()
                        await asyncio.sleep(0)
                except ConnectionError:
                    pass
            assert sent < 20_000_000

    run(plain, scenario)


def test_endless_chunk_extensions_are_cut_off(plain: HttpSettings) -> None:
    async def scenario(served: Served) -> None:
        async with served.raw() as (reader, writer):
            writer.write(POST + b"Transfer-Encoding: chunked\r\n\r\n1;")
            sent = 0
            try:
                while sent < 50_000_000 and not reader.at_eof():
                    writer.write(b"a=b;" * 10_000)
                    sent += 40_000
                    await writer.drain()
                    await asyncio.sleep(0)
            except ConnectionError:
                pass
            assert sent < 20_000_000

    run(plain, scenario)


def test_one_byte_chunks_are_taken(plain: HttpSettings) -> None:
    async def scenario(served: Served) -> None:
        body = b"1\r\n \r\n" * (MAX_BODY - 2) + b"1\r\n[\r\n1\r\n]\r\n0\r\nX-Trailer: 1\r\n\r\n"
        sent = POST + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n" + CLOSE + body
        assert b" 200 " in await served.exchange(sent)

    run(plain, scenario)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_zip_bomb_is_refused_before_it_is_large(plain: HttpSettings, encoding: str) -> None:
    zeros = bytes(50_000_000)
    bomb = (gzip.compress if encoding == "gzip" else zlib.compress)(b"[" + zeros, 6)
    del zeros
    assert len(bomb) < 300_000
    limit = 400_000

    async def main() -> None:
        rig = Rig(http=plain, max_body=limit)
        async with serving(plain, rig) as served:
            headers = {"content-type": "application/json", "content-encoding": encoding}
            assert (await served.client.post("/hello", content=b"x", headers=headers)).status_code == 400
            with flat_memory(16_000_000):
                for _ in range(3):
                    response = await served.client.post("/hello", content=bomb, headers=headers)
                    assert (response.status_code, response.json()["code"]) == (413, "BODY_TOO_LARGE")
            nested = gzip.compress(gzip.compress(b"[]"))
            headers["content-encoding"] = "gzip, gzip"
            assert (await served.client.post("/hello", content=nested, headers=headers)).status_code == 415
            headers["content-encoding"] = "br"
            assert (await served.client.post("/hello", content=b"x", headers=headers)).status_code == 415
            assert not rig.requests.asked
            assert (await served.client.get("/hello")).status_code == 200

    uvloop.run(main())


def test_deep_json_and_text_that_is_no_utf_8_are_400(plain: HttpSettings) -> None:
    async def scenario(served: Served) -> None:
        headers = {"content-type": "application/json"}
        for body in (b"[" * 4900 + b"]" * 4900, b'{"a":' * 1800, b'{"a":"\xff\xfe"}', b'["\xed\xa0\x80"]', b"\xff"):
            response = await served.client.post("/hello", content=body, headers=headers)
            assert (response.status_code, response.json()["code"]) == (400, "BODY_INVALID"), body[:20]
        text = await served.client.post("/hello", content=b"\xff", headers={"content-type": "text/plain"})
        assert text.status_code == 400
        assert not served.rig.requests.asked

    run(plain, scenario)


def test_uploads_that_are_aborted_leave_no_memory_behind(plain: HttpSettings) -> None:
    async def scenario(served: Served) -> None:
        async def abort() -> None:
            async with served.raw() as (_, writer):
                writer.write(POST + b"Content-Length: 9999\r\n\r\n" + b"x" * 9000)
                await writer.drain()
                await asyncio.sleep(0.01)
                writer.transport.abort()

        for turn in range(12):
            if turn == 2:
                before = resident_bytes()
            await asyncio.gather(*(abort() for _ in range(50)))
        await asyncio.sleep(0.05)
        assert resident_bytes() - before < 8_000_000
        assert not served.rig.requests.asked

    run(plain, scenario)
