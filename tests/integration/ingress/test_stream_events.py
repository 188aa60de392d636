"""Streams as server-sent events, through every server, over a fake feed."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any

import httpx
import pytest

from motia_core.errors import StoreUnavailableError
from motia_core.model.stream import Address, ChangeKind
from motia_core.settings import CorsSettings, HttpSettings, StreamSettings
from tests.integration.ingress.serving import Served
from tests.integration.ingress.test_stream_sockets import GROUP, ITEM, run, until
from tests.unit.ingress.stream_rig import StreamRig

URL = "/__motia/streams/chat/g"


async def events(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """What an EventSource makes of it; comments as well."""
    event: dict[str, Any] = {}
    async for line in response.aiter_lines():
        if not line:
            yield event
            event = {}
        elif line.startswith(":"):
            event["comment"] = line
        else:
            name, _, value = line.partition(": ")
            assert name not in event
            event[name] = json.loads(value) if name == "data" else value


async def heard(stream: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
    """The next event that is not a comment."""
    async with asyncio.timeout(10):
        while "comment" in (event := await anext(stream)):
            pass
        return event


def test_a_group_is_followed(http: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        rig.feed.set(ITEM, b'{\n"text":\r\n"x"}')
        async with served.client.stream("GET", f"{URL}?token=7") as response:
            assert response.status_code == 200
            assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
            assert response.headers["access-control-allow-origin"] == "*"
            assert "date" in response.headers
            async with aclosing(events(response)) as stream:
                sync = await heard(stream)
                assert (sync["event"], sync["id"]) == ("sync", str(rig.feed.sequence))
                assert sync["data"]["event"]["data"] == [{"text": "x", "id": "1", "_createdAt": 0}]
                rig.feed.set(ITEM, b'{"n":2}')
                update = await heard(stream)
                assert (update["event"], update["id"]) == ("update", str(rig.feed.sequence))
                assert update["data"]["event"]["data"]["n"] == 2
                rig.feed.tell(rig.feed.change(GROUP, ChangeKind.EVENT, b'{"type":"x"}'))
                assert (await heard(stream))["event"] == "event"
                await response.aclose()
        assert rig.access.asked[0][0] == f"{URL}?token=7"

    run(http, test)


def test_an_item_with_any_id_is_followed(plain: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        item = Address("chat", "a/b c", "ü%2F")
        rig.feed.set(item, b"{}")
        url = "/__motia/streams/chat/a%2Fb%20c/%C3%BC%252F"
        async with served.client.stream("GET", url) as response, aclosing(events(response)) as stream:
            assert (await heard(stream))["data"]["event"]["data"]["id"] == "ü%2F"
            await response.aclose()

    run(plain, test)


def test_the_first_comment_comes_at_once_and_others_when_nothing_happens(
    plain: HttpSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("motia_core.ingress.stream_events.COMMENT_S", 0.05)

    async def test(served: Served, rig: StreamRig) -> None:
        url = f"{URL}/nothing"  # of which nothing is sent
        async with served.client.stream("GET", url) as response, aclosing(events(response)) as stream:
            for _ in range(3):
                assert await asyncio.wait_for(anext(stream), 5) == {"comment": ":"}
            rig.feed.set(Address("chat", "g", "nothing"), b"{}")
            assert (await heard(stream))["event"] == "create"
            await response.aclose()

    run(plain, test)


@pytest.mark.parametrize(
    ("url", "headers", "after"),
    [
        (f"{URL}?sequence=17", {}, 17),
        (URL, {"last-event-id": "18"}, 18),
        (f"{URL}?sequence=17", {"last-event-id": "18"}, 18),
        (f"{URL}?sequence=17", {"last-event-id": "nonsense"}, 17),
    ],
)
def test_who_comes_back_gets_what_it_missed(plain: HttpSettings, url: str, headers: dict[str, str], after: int) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        missed = rig.feed.change(ITEM, ChangeKind.UPDATE, b"{}")
        rig.feed.missed = [missed]
        asking = served.client.stream("GET", url, headers=headers)
        async with asking as response, aclosing(events(response)) as stream:
            joined = await heard(stream)
            assert joined["event"] == "joined"
            # a client that is lost now has not got what it missed: it must not come back as if it had
            assert "id" not in joined
            assert joined["data"]["event"]["resumed"] is True
            update = await heard(stream)
            assert (update["event"], update["id"]) == ("update", str(missed.sequence))
            await response.aclose()
        assert rig.feed.joined == [(GROUP, after)]

    run(plain, test)


def test_what_is_refused_is_a_problem(http: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        for url, status, code in (
            (f"{URL}?token=wrong", 401, "STREAM_AUTH"),
            ("/__motia/streams/chat/secret", 403, "STREAM_ACCESS_DENIED"),
            ("/__motia/streams/unknown/g", 404, "NOT_AVAILABLE"),
            ("/__motia/streams/chat", 404, "ROUTE_NOT_FOUND"),
            ("/__motia/streams", 404, "ROUTE_NOT_FOUND"),
            ("/__motia/streams/chat//1", 404, "ROUTE_NOT_FOUND"),
            ("/__motia/streams/chat/g/1/2", 404, "ROUTE_NOT_FOUND"),
            ("/__motia/streams/chat/%ff", 400, "PATH_INVALID"),
            (f"{URL}?sequence=x", 400, "QUERY_INVALID"),
            (f"{URL}?sequence=%D9%A3", 400, "QUERY_INVALID"),
            (f"{URL}?sequence=-1", 400, "QUERY_INVALID"),
        ):
            response = await asyncio.wait_for(served.client.get(url), 0.9)  # nobody waits for a body
            assert (response.status_code, response.json()["code"]) == (status, code), url
            assert response.headers["access-control-allow-origin"] == "*"
        rig.feed.error = StoreUnavailableError()
        assert (await served.client.get(URL)).status_code == 503
        response = await served.client.post(URL, content=b"x" * 10_000)
        assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
        assert (await served.client.options(URL)).status_code == 204
        assert (await served.client.get("/hello")).status_code == 200

    run(http, test)


def test_head_has_the_headers_only(http: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        response = await served.client.head(URL)
        assert (response.status_code, response.content) == (200, b"")
        assert response.headers["content-type"].startswith("text/event-stream")
        assert (await served.client.head("/__motia/streams/unknown/g")).status_code == 404
        assert (await served.client.get("/hello")).status_code == 200  # on the same connection

    run(http, test)


def test_cors_is_that_of_the_settings(plain: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        origin = {"origin": "https://a.example"}
        async with served.client.stream("GET", URL, headers=origin) as response:
            assert response.headers["access-control-allow-origin"] == "https://a.example"
            assert "origin" in response.headers["vary"].lower()
            await response.aclose()

    run(replace(plain, cors=CorsSettings(allow_origins=("https://a.example",))), test)


def test_a_client_that_leaves_is_forgotten_at_once(http: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        # of its HTTP/2 connections httpx does not say that it reads no further
        async with httpx.AsyncClient(base_url=served.listener.url, verify=False, trust_env=False) as client:
            async with client.stream("GET", URL) as response:
                await until(lambda: rig.feed.watching() == 1)
                await response.aclose()
            await until(lambda: rig.feed.watching() == 0, 2)

    run(http, test)


def test_a_core_that_stops_ends_the_stream(http: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        async with served.client.stream("GET", URL) as response, aclosing(events(response)) as stream:
            await heard(stream)
            rig.feed.set(ITEM, b"{}")
            served.stop.set()
            assert (await heard(stream))["event"] == "create"
            with pytest.raises(StopAsyncIteration):  # a complete response
                await heard(stream)
        await asyncio.wait_for(asyncio.shield(served.server), 10)

    run(http, test)


def test_a_client_that_does_not_read_is_cut_off(plain: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        loop = asyncio.get_running_loop()
        with socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.setblocking(False)
            await loop.sock_connect(one, ("127.0.0.1", served.listener.port))
            await loop.sock_sendall(one, f"GET {URL} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            await until(lambda: rig.feed.watching() == 1)
            item = b'{"x":"%b"}' % (b"x" * 100_000)
            async with asyncio.timeout(20):
                while rig.feed.watching():
                    rig.feed.set(ITEM, item)
                    await asyncio.sleep(0.01)
            await until(lambda: bool(rig.stream_log.records))
            assert "too slowly" in rig.stream_log.records[-1][1]
            one.setblocking(True)
            one.settimeout(10)
            with suppress(ConnectionError):
                received = b""
                while chunk := await asyncio.to_thread(one.recv, 1 << 20):
                    received += chunk
                assert not received.endswith(b"0\r\n\r\n")  # it must not be taken for complete

    run(plain, test, StreamSettings(max_waiting_bytes=500_000))
