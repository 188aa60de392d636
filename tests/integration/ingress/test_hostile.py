"""Input that no honest client sends: the server answers or hangs up, logs no error, and serves the next request."""

import asyncio
import re
import socket
import struct

import pytest
import uvloop

from motia_core.model.http import HttpRequest, HttpResponse
from motia_core.settings import HttpSettings
from tests.fakes.requests import json_response
from tests.integration.ingress.serving import Served, serving
from tests.unit.ingress.rig import MAX_BODY, Rig

END = b"Host: x\r\nConnection: close\r\n\r\n"


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", answer)]


def exchange(plain: HttpSettings, sent: bytes, rig: Rig | None = None) -> tuple[list[int], bytes, Rig]:
    """The statuses and bytes that one connection gets; then an honest request must succeed."""

    async def main() -> tuple[list[int], bytes, Rig]:
        mine = rig or Rig()
        async with serving(plain, mine) as served:
            answer = await served.exchange(sent)
            assert not mine.log.records
            assert (await served.client.get("/users/honest")).status_code == 200
            return statuses(answer), answer, mine

    return uvloop.run(main())


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /users/% HTTP/1.1\r\n", 400),
        (b"GET /users/%ff%fe HTTP/1.1\r\n", 400),
        (b"GET /users/a?%=%&[=]&[[[=&]=%5B HTTP/1.1\r\n", 200),
        (b"GET /users/" + b"a" * 8000 + b" HTTP/1.1\r\n", 200),
        (b"GET //hello HTTP/1.1\r\n", 404),
        (b"GET /../../etc/passwd HTTP/1.1\r\n", 404),
        (b"GET http://other/hello HTTP/1.1\r\n", 200),
        (b"BREW /hello HTTP/1.1\r\n", None),
        (b"OPTIONS * HTTP/1.1\r\n", None),
        (b"CONNECT example.org:443 HTTP/1.1\r\n", None),
        (b"GET hello HTTP/1.1\r\n", None),
        (b"GET /\xc3\xa9 HTTP/1.1\r\n", None),
        (b"GET /users/a\x00b HTTP/1.1\r\n", None),
        (b"GET /hello HTTP/9.9\r\n", None),
        (b"GET /hello\r\n", None),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", None),
        (b"\x00" * 100 + b"\r\n\r\n", None),
        (b"POST /hello HTTP/1.1\r\nContent-Length: -1\r\n", None),
        (b"POST /hello HTTP/1.1\r\nContent-Length: 1e3\r\n", None),
        (b"POST /hello HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n", None),
        (b"GET /hello HTTP/1.1\r\nX-Bad\x00Name: 1\r\n", None),
        (b"GET /hello HTTP/1.1\r\nX-Latin: \xff\xfe\r\n", None),
        (b"GET /hello HTTP/1.1\r\n X-Folded: 1\r\n", None),
        (b"GET /hello HTTP/1.1\r\nX-Space : 1\r\n", None),
    ],
)
def test_malformed_request_gets_an_answer_or_the_end(plain: HttpSettings, sent: bytes, status: int | None) -> None:
    found, answer, _ = exchange(plain, sent + END)
    assert len(found) <= 1
    assert 500 not in found
    assert b"Traceback" not in answer
    if status is not None:
        assert found == [status]


def test_absolute_target_is_routed_by_its_path(plain: HttpSettings) -> None:
    _, _, rig = exchange(plain, b"GET http://other/users/1?a=b HTTP/1.1\r\n" + END)
    request = rig.requests.asked[0][1]
    assert (request.path, request.query_params) == ("/users/1", b'{"a":"b"}')


@pytest.mark.parametrize(
    "headers",
    [
        b"".join(b"X-H%d: %b\r\n" % (i, b"v" * 100) for i in range(20_000)),
        b"X-Long: " + b"v" * 2_000_000 + b"\r\n",
        b"X-Name-%b: 1\r\n" % (b"n" * 2_000_000),
    ],
    ids=["many", "long value", "long name"],
)
def test_header_bomb_is_cut_off(plain: HttpSettings, headers: bytes) -> None:
    async def main() -> None:
        rig = Rig()
        async with serving(plain, rig) as served, served.raw() as (reader, writer):
            writer.write(b"GET /hello HTTP/1.1\r\n")
            try:
                for start in range(0, len(headers), 16_384):
                    writer.write(headers[start : start + 16_384])
                    await writer.drain()
                    await asyncio.sleep(0)
                answer = await asyncio.wait_for(reader.read(), 10)
            except ConnectionError:
                answer = b""
            assert not answer or statuses(answer)[0] in (400, 431)
            assert not rig.requests.asked
            assert (await served.client.get("/hello")).status_code == 200

    uvloop.run(main())


def test_long_url_is_cut_off(plain: HttpSettings) -> None:
    async def main() -> None:
        rig = Rig()
        async with serving(plain, rig) as served, served.raw() as (reader, writer):
            writer.write(b"GET /")
            try:
                for _ in range(200):
                    writer.write(b"a" * 16_384)
                    await writer.drain()
                    await asyncio.sleep(0)
                answer = await asyncio.wait_for(reader.read(), 10)
            except ConnectionError:
                answer = b""
            assert not answer or statuses(answer)[0] in (400, 414, 431)
            assert (await served.client.get("/hello")).status_code == 200

    uvloop.run(main())


def test_large_unread_body_is_not_taken_for_headers() -> None:
    async def main() -> None:
        async with serving(HttpSettings(port=0), Rig()) as served, served.raw() as (reader, writer):
            size = 500_000
            writer.write(b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size)
            assert b" 404 " in await asyncio.wait_for(reader.readuntil(b"\r\n"), 10)
            for _ in range(size // 10_000):
                writer.write(b"x" * 10_000)
                await writer.drain()
            writer.write(b"GET /hello HTTP/1.1\r\n" + END)
            assert statuses(await asyncio.wait_for(reader.read(), 10)) == [200]

    uvloop.run(main())


def test_pipelined_requests_are_answered_in_order(plain: HttpSettings) -> None:
    async def slower_first(request: HttpRequest) -> HttpResponse:
        await asyncio.sleep(0.02 if request.path == "/users/0" else 0)
        return json_response(b'"%b"' % request.path.encode())

    get = b"GET /users/%d HTTP/1.1\r\nHost: x\r\n\r\n"
    sent = get % 0 + get % 1 + b"POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}" + get % 2
    found, answer, _ = exchange(plain, sent + b"GET /nowhere HTTP/1.1\r\n" + END, Rig(slower_first))
    assert found == [200, 200, 200, 200, 404]
    assert re.findall(rb'"(/[a-z]+/?\d?)"', answer) == [b"/users/0", b"/users/1", b"/hello", b"/users/2"]


@pytest.mark.parametrize(
    "shape",
    [
        b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
        b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nG",
        b"Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}",
        b"Content-Length: 2, 40\r\n\r\n{}",
        b"Content-Length: +2\r\n\r\n{}",
        b"Content-Length : 2\r\n\r\n{}",
        b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_smuggling_shape_never_becomes_a_second_request(plain: HttpSettings, shape: bytes) -> None:
    sent = b"POST /hello HTTP/1.1\r\nHost: x\r\n" + shape + b"GET /users/smuggled HTTP/1.1\r\n" + END

    async def main() -> None:
        rig = Rig()
        async with serving(plain, rig) as served:
            async with served.raw() as (reader, writer):
                writer.write(sent)
                writer.write_eof()
                found = statuses(await asyncio.wait_for(reader.read(), 10))
            assert 500 not in found
            # either the shape is refused, or its body has one clear end and what follows is a request of its own
            assert len(found) <= 1 or found == [200, 200]
            assert (await served.client.get("/hello")).status_code == 200

    uvloop.run(main())


REFUSED = {
    "both lengths": b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
    "two lengths": b"Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}",
    "length with a sign": b"Content-Length: +2\r\n\r\n{}",
    "length with an underscore": b"Content-Length: 1_0\r\n\r\n{}",
    "length in hex": b"Content-Length: 0x2\r\n\r\n{}",
    "no length": b"Content-Length: \r\n\r\n{}",
    "length in other digits": "Content-Length: ٢\r\n\r\n{}".encode(),
    "space before the colon": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "chunked and not": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "chunked twice": b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "other coding": b"Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}",
    "vertical tab": b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    "bare CR": b"X-A: b\rContent-Length: 40\r\nContent-Length: 2\r\n\r\n{}",
    "bare CR before chunked": b"X-A: b\rTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "bare LF before chunked": b"X-A: b\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "NUL": b"X-A: b\0c\r\nContent-Length: 2\r\n\r\n{}",
    "chunk size in hex notation": b"Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n",
    "chunk size with a sign": b"Transfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n",
    "negative chunk size": b"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
    "chunk size over 64 bits": b"Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n0\r\n\r\n",
    "chunks with bare LF": b"Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n",
    "bare LF in a chunk's extension": b"Transfer-Encoding: chunked\r\n\r\n2;a\nx\r\n{}\r\n0\r\n\r\n",
    "chunk that does not end": b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}xx0\r\n\r\n",
    "chunk without a size": b"Transfer-Encoding: chunked\r\n\r\n\r\n{}\r\n0\r\n\r\n",
    "two hosts": b"Host: y\r\nContent-Length: 2\r\n\r\n{}",
}


@pytest.mark.parametrize("shape", REFUSED.values(), ids=REFUSED)
def test_request_with_two_meanings_has_none_and_ends_the_connection(plain: HttpSettings, shape: bytes) -> None:
    sent = b"POST /hello HTTP/1.1\r\nHost: x\r\n" + shape + b"GET /users/smuggled HTTP/1.1\r\n" + END

    async def main() -> None:
        rig = Rig()
        async with serving(plain, rig) as served:
            async with served.raw() as (reader, writer):
                writer.write(sent)
                writer.write_eof()
                found = statuses(await asyncio.wait_for(reader.read(), 10))
            assert found in ([400], [501], [])
            assert not rig.requests.asked
            assert not rig.log.records
            assert (await served.client.get("/hello")).status_code == 200

    uvloop.run(main())


@pytest.mark.parametrize("is_split", [False, True])
def test_offer_of_another_protocol_loses_no_body_and_no_request(plain: HttpSettings, is_split: bool) -> None:
    """What Java's HTTP client sends by default, and curl with --http2."""
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"
    json = b"Host: x\r\nContent-Type: application/json\r\n" + offer
    sized = b"POST /hello HTTP/1.1\r\n" + json + b'Content-Length: 7\r\n\r\n{"a":1}'
    chunked = b"POST /hello HTTP/1.1\r\n" + json + b'Transfer-Encoding: chunked\r\n\r\n7\r\n{"a":2}\r\n0\r\n\r\n'
    empty = b"GET /users/1 HTTP/1.1\r\nHost: x\r\n" + offer + b"\r\n"
    if plain.server == "hypercorn":  # which takes it when there is no body
        empty = b"GET /users/1 HTTP/1.1\r\nHost: x\r\n\r\n"
    sent = sized + chunked + empty + sized + b"GET /users/last HTTP/1.1\r\n" + END

    async def main() -> None:
        rig = Rig()
        async with serving(plain, rig) as served, served.raw() as (reader, writer):
            step = 5 if is_split else len(sent)
            for start in range(0, len(sent), step):
                writer.write(sent[start : start + step])
                await asyncio.sleep(0.001)
            assert statuses(await asyncio.wait_for(reader.read(), 10)) == [200] * 5
            asked = [(request.path, request.body) for _, request, _ in rig.requests.asked]
        bodies = [b'{"a":1}', b'{"a":2}', b"", b'{"a":1}', b""]
        assert asked == list(zip(["/hello", "/hello", "/users/1", "/hello", "/users/last"], bodies, strict=True))

    uvloop.run(main())


def test_many_offers_at_once(plain: HttpSettings) -> None:
    offer = b"GET /hello HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"
    found, _, rig = exchange(plain, offer * 900 + b"GET /hello HTTP/1.1\r\n" + END)
    assert found == [200] * 901
    assert len(rig.requests.asked) == 902


def test_client_that_leaves_in_its_body_leaves_nothing_behind(plain: HttpSettings) -> None:
    async def leave(served: Served, sent: bytes, *, reset: bool) -> None:
        async with served.raw() as (_, writer):
            for byte in sent:
                writer.write(bytes([byte]))
                await writer.drain()
            if reset:
                sock = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close sends RST

    async def main() -> None:
        rig = Rig()
        async with serving(plain, rig) as served:
            for reset in (False, True):
                head = b"POST /hello HTTP/1.1\r\nHost: x\r\n"
                await leave(served, head + b'Content-Length: 100\r\n\r\n{"a":', reset=reset)
                await leave(served, head + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", reset=reset)
                await leave(served, head, reset=reset)
            assert (await served.client.get("/hello")).status_code == 200
            await asyncio.wait_for(rig.app.drain(5), 5)  # nothing runs any more
            assert [request.method for _, request, _ in rig.requests.asked] == ["GET"]
            assert not rig.log.records

    uvloop.run(main())


def test_bodies_at_the_limits(plain: HttpSettings) -> None:
    chunk = b"%x\r\n%b\r\n" % (MAX_BODY, b"x" * MAX_BODY)
    chunked = b"POST /hello HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + END
    assert exchange(plain, chunked + chunk + b"0\r\n\r\n")[0] == [200]
    assert exchange(plain, chunked + chunk + b"1\r\nx\r\n0\r\n\r\n")[0] == [413]
    assert exchange(plain, chunked + chunk * 100 + b"0\r\n\r\n")[0] == [413]
    said = b"POST /hello HTTP/1.1\r\nContent-Length: %d\r\n"
    assert exchange(plain, said % MAX_BODY + END + b"x" * MAX_BODY)[0] == [200]
    assert exchange(plain, said % (MAX_BODY + 1) + END)[0] == [413]


def test_expect_100_continue(plain: HttpSettings) -> None:
    async def main() -> None:
        async with serving(plain, Rig()) as served:
            post = b"POST /hello HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
            async with served.raw() as (reader, writer):
                writer.write(post % 2)
                assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
                writer.write(b"{}")
                assert b" 200 " in await reader.readuntil(b"\r\n")
            async with served.raw() as (reader, writer):
                writer.write(post % (MAX_BODY + 1))
                found = statuses(await asyncio.wait_for(reader.read(), 10))
                # uvicorn refuses without asking for the body; Hypercorn asks before the application can say no
                assert found == ([413] if plain.server == "uvicorn" else [100, 413])

    uvloop.run(main())


def test_http_1_0_client(plain: HttpSettings) -> None:
    found, answer, _ = exchange(plain, b"GET /hello HTTP/1.0\r\n\r\n")
    assert found == [200]
    assert answer.endswith(b'{"ok":true}')
    assert b"connection: close" in answer.lower()
