"""The same cases through uvicorn and Hypercorn, with TLS and HTTP/2."""

import asyncio
import gzip
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvloop

from motia_core.errors import AddressInUseError, SettingsError
from motia_core.ingress.interface import Receive, Scope, Send
from motia_core.ingress.reply import CORS
from motia_core.ingress.server import LEAVE_S, listen, server_kind
from motia_core.model.http import BodyFormat, BodyKind, HttpRequest, HttpResponse
from motia_core.settings import HttpSettings
from tests.fakes.requests import Answer, json_response
from tests.integration.ingress.serving import Served, serving
from tests.unit.ingress.rig import MAX_BODY, Rig

Scenario = Callable[[Served], Awaitable[None]]


def run(http: HttpSettings, scenario: Scenario, answer: Answer | None = None, *, grace_s: float = 5) -> None:
    async def main() -> None:
        async with serving(http, Rig(answer), grace_s=grace_s) as served:
            await scenario(served)

    uvloop.run(main())


def test_request_and_response_cross_unharmed(http: HttpSettings) -> None:
    body = b'{"b":1, "a":[98765432109876543210], "t":"gr\xc3\xbc\xc3\x9fe"}'
    cookies = ["Set-Cookie", "a=1", "Set-Cookie", "b=2", "X-Latin", "\xe9"]

    async def scenario(served: Served) -> None:
        response = await served.client.post(
            "/hello?a=1&a=2&b[c]=d", content=body, headers={"Content-Type": "application/json", "X-Up": "Value"}
        )
        assert response.http_version == ("HTTP/2" if http.tls_cert and http.server == "auto" else "HTTP/1.1")
        assert (response.status_code, response.content) == (201, b'{"made":true}')
        assert response.headers.get_list("set-cookie") == ["a=1", "b=2"]
        assert (b"x-latin", b"\xe9") in response.headers.raw
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        assert response.headers["content-length"] == "13"
        assert "server" not in response.headers
        assert len(response.headers.get_list("date")) == 1
        for name, value in CORS:
            assert response.headers[name.decode()] == value.decode()
        request = served.rig.requests.request
        assert (request.body_format, request.body) == (BodyFormat.JSON, body)
        assert request.query_params == b'{"a":["1","2"],"b":{"c":"d"}}'
        headers = dict(zip(request.headers[::2], request.headers[1::2], strict=True))
        assert headers["x-up"] == "Value"
        assert headers["host"] == served.listener.url.partition("//")[2]

    run(http, scenario, json_response(b'{"made":true}', 201, cookies))


def test_bodies_of_all_sizes_cross(http: HttpSettings) -> None:
    async def echo(request: HttpRequest) -> HttpResponse:
        return HttpResponse(200, [], BodyKind.BINARY, request.body)

    async def scenario(served: Served) -> None:
        for size in (0, 1, MAX_BODY):
            data = bytes(i % 256 for i in range(size))
            assert (await served.client.post("/hello", content=data)).content == data

        async def chunks() -> object:
            for _ in range(3):
                yield b"\x00part"

        response = await served.client.post("/hello", content=chunks())  # type: ignore[arg-type]
        assert response.content == b"\x00part" * 3

    run(http, scenario, echo)


def test_large_response_crosses(http: HttpSettings) -> None:
    data = b"0123456789abcdef" * 200_000

    async def scenario(served: Served) -> None:
        responses = await asyncio.gather(*(served.client.get("/hello") for _ in range(4)))
        assert all(response.content == data for response in responses)
        assert (
            await served.client.get("/hello", headers={"if-none-match": responses[0].headers["etag"]})
        ).content == b""

    run(http, scenario, HttpResponse(200, [], BodyKind.TEXT, data))


def test_head_options_and_errors(http: HttpSettings) -> None:
    async def scenario(served: Served) -> None:
        client = served.client
        head = await client.head("/hello")
        assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "11")
        options = await client.options("/anything")
        assert (options.status_code, options.content) == (204, b"")
        assert "content-length" not in options.headers
        cases = [
            (await client.get("/nowhere"), 404),
            (await client.patch("/hello"), 405),
            (await client.get("/users/%ff"), 400),
            (await client.post("/hello", content=b"{", headers={"content-type": "application/json"}), 400),
            (await client.post("/nowhere", content=b"x" * MAX_BODY), 404),
        ]
        for response, status in cases:
            assert response.status_code == status
            assert response.json()["code"]
            assert response.headers["access-control-allow-origin"] == "*"
        etag = (await client.get("/hello")).headers["etag"]
        fresh = await client.get("/hello", headers={"if-none-match": etag})
        assert (fresh.status_code, fresh.content) == (304, b"")

    run(http, scenario)


def test_body_over_the_limit_is_413_for_a_client_that_keeps_sending(http: HttpSettings) -> None:
    async def scenario(served: Served) -> None:
        too_much = b"x" * (MAX_BODY * 50)
        response = await served.client.post("/hello", content=too_much)
        assert response.status_code == 413

        async def chunks() -> object:
            for _ in range(50):
                yield b"y" * MAX_BODY

        response = await served.client.post("/hello", content=chunks())  # type: ignore[arg-type]
        assert response.status_code == 413
        assert not served.rig.requests.asked
        assert (await served.client.get("/hello")).status_code == 200

    run(http, scenario)


def test_compressed_body(http: HttpSettings) -> None:
    async def scenario(served: Served) -> None:
        headers = {"content-type": "application/json", "content-encoding": "gzip"}
        await served.client.post("/hello", content=gzip.compress(b'{"a":1}'), headers=headers)
        assert served.rig.requests.request.body == b'{"a":1}'

    run(http, scenario)


HANDSHAKE = (
    b"GET %b HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


async def forever(request: HttpRequest) -> HttpResponse:
    await asyncio.Event().wait()
    return json_response()


def test_handler_is_cancelled_when_the_client_leaves(http: HttpSettings) -> None:
    async def scenario(served: Served) -> None:
        client = httpx.AsyncClient(
            base_url=served.listener.url, verify=False, http2=bool(http.tls_cert), trust_env=False
        )
        call = asyncio.create_task(client.post("/hello", content=b"{}"))
        await served.rig.requests.started.wait()
        call.cancel()
        await asyncio.wait([call])
        await client.aclose()
        await asyncio.wait_for(served.rig.requests.cancelled.wait(), 5)
        assert not served.rig.log.records
        served.rig.requests.answer = json_response()
        assert (await served.client.get("/hello")).status_code == 200

    run(http, scenario, forever)


def test_many_requests_at_once(http: HttpSettings) -> None:
    async def slow(request: HttpRequest) -> HttpResponse:
        await asyncio.sleep(0.001)
        return json_response(b'"%b"' % request.path.encode())

    async def scenario(served: Served) -> None:
        responses = await asyncio.gather(*(served.client.get(f"/users/{i}") for i in range(100)))
        assert [response.json() for response in responses] == [f"/users/{i}" for i in range(100)]

    run(http, scenario, slow)


def test_stop_lets_requests_end_and_sends_clients_elsewhere(http: HttpSettings) -> None:
    async def scenario(served: Served) -> None:
        may_end = asyncio.Event()

        async def slow(request: HttpRequest) -> HttpResponse:
            await may_end.wait()
            return json_response()

        def client() -> httpx.AsyncClient:
            return httpx.AsyncClient(base_url=served.listener.url, verify=False, trust_env=False)

        async with client() as here, client() as later, client() as new:
            for connected in (here, later):
                assert (await connected.get("/hello")).headers.get("connection") != "close"
            served.rig.requests.answer = slow
            served.rig.requests.started.clear()
            running = asyncio.create_task(served.client.get("/hello"))
            await served.rig.requests.started.wait()
            served.stop.set()
            await asyncio.sleep(0.05)
            with pytest.raises(httpx.ConnectError):  # which a balancer may try elsewhere, whatever the request is
                await new.get("/hello")
            served.rig.requests.answer = json_response()
            last = await here.get("/hello")
            assert (last.status_code, last.headers["connection"]) == (200, "close")
            await asyncio.sleep(LEAVE_S)
            refused = await later.get("/hello")
            assert (refused.status_code, refused.headers["connection"]) == (503, "close")
            assert not served.server.done()
            may_end.set()
            assert (await running).status_code == 200
        await asyncio.wait_for(asyncio.shield(served.server), 10)
        with pytest.raises(httpx.TransportError):
            await served.client.get("/hello")

    run(http, scenario)


def test_stop_cuts_requests_off_after_the_grace(http: HttpSettings) -> None:
    async def scenario(served: Served) -> None:
        running = asyncio.create_task(served.client.get("/hello"))
        await served.rig.requests.started.wait()
        served.stop.set()
        response = await running
        assert (response.status_code, response.json()["code"]) == (503, "DRAINING")
        await asyncio.wait_for(asyncio.shield(served.server), 10)

    run(http, scenario, forever, grace_s=0.05)


def test_stop_cuts_off_a_client_that_takes_nothing_of_its_response(plain: HttpSettings) -> None:
    size = 30_000_000  # more than the system holds for it

    async def scenario(served: Served) -> None:
        loop = asyncio.get_running_loop()
        with socket.socket() as deaf:
            deaf.setblocking(False)
            await loop.sock_connect(deaf, ("127.0.0.1", served.listener.port))
            await loop.sock_sendall(deaf, b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
            await served.rig.requests.started.wait()
            served.stop.set()
            await asyncio.wait_for(asyncio.shield(served.server), 10)
            taken = 0
            with suppress(ConnectionError):
                while some := await asyncio.wait_for(loop.sock_recv(deaf, 65_536), 5):
                    taken += len(some)
            assert taken < size  # the connection was not left behind with the rest

    run(plain, scenario, HttpResponse(200, [], BodyKind.BINARY, b"x" * size), grace_s=0.05)


def test_mounted_application_is_served_and_ends_with_the_server(http: HttpSettings) -> None:
    started = asyncio.Event()

    async def feed(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        started.set()
        await asyncio.Event().wait()

    async def main() -> None:
        async with (
            serving(http, Rig(mounts={"/__motia": feed})) as served,
            served.client.stream("GET", "/__motia/live") as response,
        ):
            assert response.status_code == 200
            await started.wait()
            served.stop.set()
            await asyncio.wait_for(asyncio.shield(served.server), 10)

    uvloop.run(main())


def test_websocket_is_refused_and_the_server_lives(plain: HttpSettings) -> None:
    async def scenario(served: Served) -> None:
        assert (await served.exchange(HANDSHAKE % b"/streams")).startswith(b"HTTP/1.1 403")
        assert (await served.client.get("/hello")).status_code == 200

    run(plain, scenario)


def test_http2_without_tls_when_the_settings_say_so() -> None:
    async def main() -> None:
        async with serving(HttpSettings(port=0, http2=True), Rig()) as served:
            client = httpx.AsyncClient(base_url=served.listener.url, http1=False, http2=True, trust_env=False)
            async with client:
                response = await client.get("/hello")
            assert (response.http_version, response.status_code) == ("HTTP/2", 200)

    uvloop.run(main())


def test_server_is_chosen_by_what_is_configured() -> None:
    cert = Path("cert.pem")
    assert server_kind(HttpSettings()) == "uvicorn"
    assert server_kind(HttpSettings(tls_cert=cert)) == "hypercorn"
    assert server_kind(HttpSettings(http2=True)) == "hypercorn"
    assert server_kind(HttpSettings(server="hypercorn")) == "hypercorn"
    assert server_kind(HttpSettings(server="uvicorn", http2=True)) == "uvicorn"


def test_port_in_use_says_what_to_do() -> None:
    taken = listen(HttpSettings(port=0))
    try:
        assert taken.url == f"http://127.0.0.1:{taken.port}"
        with pytest.raises(AddressInUseError) as error:
            listen(HttpSettings(port=taken.port))
        assert f"127.0.0.1:{taken.port}" in error.value.message
        assert "--port" in error.value.message
        assert error.value.details["port"] == taken.port
    finally:
        taken.close()
    again = listen(HttpSettings(port=taken.port))
    again.close()


def test_host_with_several_addresses_has_one_port() -> None:
    listener = listen(HttpSettings(host="localhost", port=0))
    ports = {sock.getsockname()[1] for sock in listener.sockets}
    listener.close()
    assert ports == {listener.port}


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_address_of_another_machine_is_a_settings_error(host: str) -> None:
    with pytest.raises(SettingsError, match="Cannot listen on"):
        listen(HttpSettings(host=host, port=0))


def test_connections_are_accepted_before_serve_runs() -> None:
    listener = listen(HttpSettings(port=0))
    with socket.create_connection(("127.0.0.1", listener.port), timeout=5):
        pass
    listener.close()


def test_idle_connection_is_closed_and_a_busy_one_is_not(plain: HttpSettings) -> None:
    get = b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"

    async def slow(request: HttpRequest) -> HttpResponse:
        await asyncio.sleep(0.8)
        return json_response()

    async def scenario(served: Served) -> None:
        async with served.raw() as (reader, writer):
            writer.write(get)
            await reader.readuntil(b'{"ok":true}')
            writer.write(get)  # kept alive
            await reader.readuntil(b'{"ok":true}')
            assert await asyncio.wait_for(reader.read(), 5) == b""
        served.rig.requests.answer = slow
        assert (await served.exchange(get)).endswith(b'{"ok":true}')

    run(replace(plain, keep_alive_ms=500), scenario)


def test_silent_connection_is_closed(plain: HttpSettings) -> None:
    async def scenario(served: Served) -> None:
        assert await served.exchange(b"") == b""

    run(replace(plain, keep_alive_ms=100), scenario)


def test_websocket_of_a_mount_is_served_and_not_idle(plain: HttpSettings) -> None:
    async def late(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await asyncio.sleep(0.8)
        await send({"type": "websocket.send", "text": "late"})
        await send({"type": "websocket.close", "code": 1000})

    async def main() -> None:
        settings = replace(plain, keep_alive_ms=500)
        async with serving(settings, Rig(mounts={"/__motia": late})) as served, served.raw() as (reader, writer):
            writer.write(HANDSHAKE % b"/__motia/live")
            assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
            # Hypercorn pings at once; the message comes behind that
            assert await asyncio.wait_for(reader.readuntil(b"late"), 5)

    uvloop.run(main())
