"""Clients of streams over WebSocket, through every server, over a fake feed."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from motia_core.errors import MessageInvalidError, MessageRefusedError, StoreUnavailableError
from motia_core.model.stream import Address, ChangeKind
from motia_core.settings import HttpSettings, StreamSettings
from tests.integration.ingress.serving import Served, serving
from tests.unit.ingress.stream_rig import StreamRig

GROUP = Address("chat", "g")
ITEM = Address("chat", "g", "1")


def dial(served: Served, path: str = "/anywhere", **more: Any) -> connect:
    tls = None
    if served.listener.url.startswith("https"):
        tls = ssl.create_default_context()
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    return connect(served.listener.url.replace("http", "ws", 1) + path, ssl=tls, proxy=None, **more)


class Client:
    """Speaks the wire."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, kind: str, address: Address = GROUP, **more: Any) -> None:
        names = {"streamName": address.stream, "groupId": address.group}
        data = names | ({"id": address.item_id} if address.item_id else {}) | more
        await self.connection.send(json.dumps({"type": kind, "data": data}))

    async def join(self, address: Address = GROUP, name: str = "s", **more: Any) -> None:
        await self.say("join", address, subscriptionId=name, **more)

    async def hear(self) -> Any:
        return json.loads(await asyncio.wait_for(self.connection.recv(), 10))

    async def event(self) -> Any:
        return (await self.hear())["event"]

    async def refusal(self) -> Any:
        event = await self.event()
        assert (event["type"], event["event"]["type"]) == ("event", "error")
        return event["event"]["data"]

    async def closed(self) -> int:
        """The code with which the core ends the connection; what comes before does not matter."""
        try:
            while True:
                await asyncio.wait_for(self.connection.recv(), 20)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


@asynccontextmanager
async def client(served: Served, path: str = "/", **more: Any) -> AsyncIterator[Client]:
    async with dial(served, path, **more) as connection:
        yield Client(connection)


async def until(look: Callable[[], bool], wait_s: float = 10) -> None:
    async with asyncio.timeout(wait_s):
        while not look():  # of objects that tell nobody
            await asyncio.sleep(0.01)


def run(http: HttpSettings, test: Any, settings: StreamSettings | None = None, **more: Any) -> None:
    async def serve() -> None:
        rig = StreamRig(http, settings, **more)
        async with serving(http, rig) as served:
            await test(served, rig)
        assert rig.feed.watching() == 0
        assert not +rig.access.inside
        assert not rig.log.records, rig.log.records

    asyncio.run(serve())


def test_a_group_and_an_item_are_watched(http: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        rig.feed.set(ITEM, b'{"text":"h\xc3\xa9llo"}')
        async with client(served, "/any/path?token=7") as one, client(served) as other:
            await one.join()
            sync = await one.hear()
            assert sync["event"] == {"type": "sync", "data": [{"text": "héllo", "id": "1", "_createdAt": 0}]}
            assert (sync["streamName"], sync["groupId"]) == ("chat", "g")
            assert "id" not in sync
            await other.join(Address("chat", "g", "2"))  # there is none: nothing is sent
            await other.join(ITEM, "b", acknowledge=True)
            assert (await other.event())["data"] == {"text": "héllo", "id": "1", "_createdAt": 0}
            joined = await other.event()
            assert joined == {"type": "joined", "subscriptionId": "b", "sequence": rig.feed.sequence, "resumed": False}
            rig.feed.set(Address("chat", "g", "2"), b"{}")
            rig.feed.set(Address("chat", "elsewhere", "2"), b"{}")
            large = json.dumps({"text": "x" * 200_000}).encode()
            rig.feed.set(ITEM, large)
            for member in (one, other):
                created, updated = await member.hear(), await member.hear()
                assert (created["event"]["type"], created["id"]) == ("create", "2")
                assert updated["event"]["type"] == "update"
                assert len(updated["event"]["data"]["text"]) == 200_000
                assert updated["sequence"] > created["sequence"]
            await one.say("leave", subscriptionId="s")
            await one.say("ping")
            await one.join(ITEM, "again")
            assert (await one.event())["type"] == "sync"
            rig.feed.set(Address("chat", "g", "2"), b"{}")
            rig.feed.set(ITEM, b'{"last":true}')
            assert (await one.event())["data"]["last"]
        url, headers = rig.access.asked[0]
        assert url == "/any/path?token=7"
        assert headers[headers.index("upgrade") + 1] == "websocket"

    run(http, test)


def test_an_address_is_watched_as_long_as_one_of_its_subscriptions(plain: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        async with client(served) as one:
            for name in ("a", "b", "b"):
                await one.join(name=name)
                assert (await one.event())["type"] == "sync"
            assert rig.access.inside[GROUP] == 2
            await one.say("leave", subscriptionId="a")
            await one.say("leave", subscriptionId="never joined")
            await one.say("leave")
            await one.join(ITEM, "marker", acknowledge=True)
            assert (await one.event())["type"] == "joined"
            rig.feed.set(ITEM, b"{}")
            assert (await one.event())["type"] == "create"
            await one.say("leave", subscriptionId="b")
            await until(lambda: rig.access.inside[GROUP] == 0)
            assert rig.feed.watching() == 1  # the item
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(one.connection.recv(), 0.05)  # nothing came twice
        await until(lambda: rig.feed.watching() == 0)

    run(plain, test)


def test_who_comes_back_gets_what_it_missed(plain: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        rig.feed.missed = [rig.feed.change(ITEM, ChangeKind.EVENT, b'{"type":"x","data":1}')]
        async with client(served) as one:
            await one.join(sequence=17, acknowledge=True)
            assert await one.event() == {"type": "event", "event": {"type": "x", "data": 1}}
            joined = await one.event()
            assert (joined["type"], joined["resumed"]) == ("joined", True)
        assert rig.feed.joined == [(GROUP, 17)]

    run(plain, test)


def test_members_see_each_other(plain: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        async with client(served) as one, client(served) as other:
            await one.join(acknowledge=True, presence={"name": "Ann"})
            await one.event()
            joined = await one.event()
            assert joined["members"] == [{"memberId": joined["memberId"], "info": {"name": "Ann"}}]
            rig.access.shown = b'{"name":"Bob"}'
            await other.join(acknowledge=True, presence=True)
            await other.event()
            assert [member["info"] for member in (await other.event())["members"]] == [{"name": "Ann"}, {"name": "Bob"}]
            refused = [
                ({"presence": True}, GROUP),
                ({"presence": True, "acknowledge": True}, ITEM),
                ({"presence": True, "acknowledge": True}, Address("plain", "g")),
                ({"presence": "yes", "acknowledge": True}, GROUP),
                ({"presence": {"x": "x" * 5000}, "acknowledge": True}, GROUP),
            ]
            for more, address in refused:
                await one.join(address, "refused", **more)
                refusal = await one.refusal()
                assert (refusal["code"], refusal["subscriptionId"]) == ("INVALID_FRAME", "refused")
        await until(lambda: not rig.feed.members)

    run(plain, test)


def test_messages_reach_the_project(plain: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        async with client(served) as one:
            message = {"type": "typing", "data": {"n": [1, None]}}
            await one.say("send", message=message, messageId="early")
            refusal = await one.refusal()
            assert (refusal["code"], refusal["messageId"]) == ("MESSAGE_REFUSED", "early")
            await one.join()
            await one.event()
            await one.say("send", message=message, messageId="m1")
            assert await one.event() == {"type": "sent", "messageId": "m1"}
            await one.say("send", ITEM, message={"type": "bare"})
            await until(lambda: len(rig.access.messages) == 2)
            assert rig.access.messages[0] == (GROUP, b'{"user":1}', ("typing", b'{"n":[1,null]}'))
            assert rig.access.messages[1] == (ITEM, b'{"user":1}', ("bare", None))
            errors = [{"in": "message", "path": "/n", "message": "x"}]
            for error, code in (
                (MessageInvalidError("no", errors=errors), "MESSAGE_INVALID"),
                (MessageRefusedError("no"), "MESSAGE_REFUSED"),
                (StoreUnavailableError("no"), "UNAVAILABLE"),
            ):
                rig.access.on_send = error
                await one.say("send", message=message, messageId="m2")
                refusal = await one.refusal()
                assert (refusal["code"], refusal["message"], refusal["messageId"]) == (code, "no", "m2")
                assert refusal.get("errors") == (errors if code == "MESSAGE_INVALID" else None)

    run(plain, test)


def test_what_is_refused_leaves_the_connection(plain: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        async with client(served) as one:
            await one.join(Address("unknown", "g"))
            refusal = await one.refusal()
            assert refusal == {
                "code": "STREAM_ACCESS_DENIED",
                "message": "Stream unknown not found",
                "subscriptionId": "s",
            }
            await one.join(Address("chat", "secret"))
            assert (await one.refusal())["message"] == "Access denied"
            rig.feed.error = StoreUnavailableError()
            await one.join()
            assert (await one.refusal())["code"] == "UNAVAILABLE"
            rig.feed.error = ZeroDivisionError("on purpose")
            await one.join()
            assert (await one.refusal())["code"] == "UNAVAILABLE"
            assert "on purpose" in rig.stream_log.records[-1][1]
            assert not +rig.access.inside
            rig.feed.error = None
            for name in ("a", "b", "c"):
                await one.join(name=name)
            assert [(await one.event())["type"] for _ in range(2)] == ["sync", "sync"]
            assert (await one.refusal())["code"] == "TOO_MANY_SUBSCRIPTIONS"
            await one.join(name="a")
            assert (await one.event())["type"] == "sync"

    run(plain, test, StreamSettings(max_subscriptions=2))


MALFORMED = [
    "",
    "nonsense",
    "[]",
    "7",
    "null",
    b"\xff\xfe\x00",
    b'{"type":"join","data":{"streamName":"chat","groupId":"g","subscriptionId":"s"}}',
    "[" * 100_000,
    '{"type":"join"}',
    '{"type":"join","data":[]}',
    '{"type":"join","data":{"streamName":"chat"}}',
    '{"type":"join","data":{"streamName":7,"groupId":"g"}}',
    '{"type":"join","data":{"streamName":"chat","groupId":"g","id":{}}}',
    '{"type":"join","data":{"streamName":"chat","groupId":"g","subscriptionId":"s","sequence":"1"}}',
    '{"type":"join","data":{"streamName":"chat","groupId":"g","subscriptionId":"s","sequence":true}}',
    '{"type":"join","data":{"streamName":"chat","groupId":"g","subscriptionId":"s","sequence":-1}}',
    '{"type":"join","data":{"streamName":"chat","groupId":"g","subscriptionId":"s","sequence":1e400}}',
    '{"type":"join","data":{"streamName":"chat","groupId":"g","subscriptionId":"s","acknowledge":1}}',
    '{"type":"join","data":{"streamName":"chat","groupId":"\\ud800"}}',
    '{"type":"join","data":{"streamName":"chat","groupId":"%s"}}' % ("g" * 2000),
    '{"type":"send","data":{"streamName":"chat","groupId":"g"}}',
    '{"type":"send","data":{"streamName":"chat","groupId":"g","message":"x"}}',
    '{"type":"send","data":{"streamName":"chat","groupId":"g","message":{"type":1}}}',
    '{"type":"leave","data":{"groupId":"g","subscriptionId":"s"}}',
]
IGNORED = ["{}", '{"type":"ping"}', '{"type":7}', '{"type":"leave"}', '{"type":["join"],"data":{}}']


def test_malformed_frames_are_refused(plain: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        async with client(served) as one:
            for message in MALFORMED:
                await one.connection.send(message)
                assert (await one.refusal())["code"] == "INVALID_FRAME", message
            for message in IGNORED:
                await one.connection.send(message)
            await one.connection.send('{"type":"join","data":{"streamName":"chat","groupId":"g","x":[],"id":null}}')
            assert (await one.event())["type"] == "sync"

    run(plain, test)


def test_the_project_says_who_may_connect(http: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        with pytest.raises(InvalidStatus) as refused:
            await dial(served, "/?token=wrong")
        assert refused.value.response.status_code == 401
        assert json.loads(refused.value.response.body or b"") == {
            "error": "Authentication failed",
            "code": "STREAM_AUTH",
        }
        async with dial(served, subprotocols=["Authorization", "eyJhbGciOi"]) as connection:
            assert connection.subprotocol == "Authorization"
        async with dial(served) as connection:
            assert connection.subprotocol is None

    run(http, test)


def test_without_streams_nothing_is_served(plain: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        with pytest.raises(InvalidStatus) as refused:
            await dial(served)
        assert refused.value.response.status_code == 403

    run(plain, test, has_streams=False)


def test_there_are_only_so_many_connections(plain: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        async with dial(served), dial(served):
            with pytest.raises(InvalidStatus) as refused:
                await dial(served)
            assert refused.value.response.status_code == 503
            with pytest.raises(InvalidStatus) as refused:
                await dial(served, "/step")
            assert refused.value.response.status_code == 503
            response = await served.client.get("/__motia/streams/chat/g")
            assert (response.status_code, response.json()["code"]) == (503, "OVERLOADED")
        await until(lambda: not served.rig.app._streams.tasks)  # type: ignore[union-attr]
        async with dial(served):
            pass

    run(replace(plain, max_sockets=2), test)


def test_frames_are_handled_in_order(plain: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        async def slowly(address: Address) -> None:
            await asyncio.sleep(0.2 if address.group == "slow" else 0)

        rig.access.on_admit = slowly
        async with client(served) as one:
            await one.join(Address("chat", "slow"))
            await one.join()
            assert [(await one.hear())["groupId"] for _ in range(2)] == ["slow", "g"]

    run(plain, test)


def test_who_sends_too_much_is_told_once_a_second(plain: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        async with client(served) as one:
            for _ in range(60):
                await one.connection.send("nonsense")
            codes = [(await one.refusal())["code"] for _ in range(21)]
            assert codes == ["INVALID_FRAME"] * 20 + ["RATE_LIMITED"]
            await asyncio.sleep(0.3)
            await one.join()
            assert (await one.event())["type"] == "sync"

    run(plain, test, StreamSettings(max_frames_per_s=10))


def test_a_flood_ends_the_connection(http: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        async with client(served) as calm, client(served, max_queue=None) as one:
            with pytest.raises(ConnectionClosed):
                while True:
                    await one.connection.send("nonsense")
                    await asyncio.sleep(0)  # or the client would not look at what it is told
            assert await one.closed() == 1008
            await calm.join()
            assert (await calm.event())["type"] == "sync"

    run(http, test, StreamSettings(max_frames_per_s=10))


def test_what_a_client_sends_waits_with_the_client(plain: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        going_on = asyncio.Event()

        async def slowly(address: Address) -> None:
            await going_on.wait()

        rig.access.on_admit = slowly
        async with client(served, compression=None, close_timeout=1) as one:
            await one.join()
            sent = 0
            with pytest.raises(TimeoutError):
                while sent < 100:
                    async with asyncio.timeout(1):
                        await one.connection.send("x" * 900_000)
                    sent += 1
            assert sent < 50  # buffers of both sides
            going_on.set()
            assert (await one.event())["type"] == "sync"
            assert (await one.refusal())["code"] == "INVALID_FRAME"

    run(plain, test)


def test_messages_that_are_too_large_end_the_connection(plain: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        async with client(served) as one:
            await one.connection.send("x" * 200_000)
            assert await one.closed() == 1009

    run(replace(plain, max_message_bytes=100_000), test)


def test_clients_hear_that_the_core_shuts_down(http: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        async with client(served) as one, client(served) as other:
            await one.join()
            await one.event()
            served.stop.set()
            assert await one.closed() == 1001
            assert await other.closed() == 1001

    run(http, test)


def test_a_client_that_vanishes_is_forgotten(http: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        async with client(served) as one:
            await one.join()
            await one.event()
            one.connection.transport.abort()
            await until(lambda: rig.feed.watching() == 0)

    run(http, test)


def test_nothing_runs_for_a_client_that_has_left(http: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        before = len(asyncio.all_tasks())
        async with client(served) as one:
            await one.join()
            await one.event()
            assert len(asyncio.all_tasks()) > before
        await until(lambda: len(asyncio.all_tasks()) == before)  # and not only after the next ping

    run(http, test)


async def deaf(served: Served) -> socket.socket:
    """A client that has joined, and reads nothing more."""
    loop = asyncio.get_running_loop()
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.setblocking(False)
    await loop.sock_connect(one, ("127.0.0.1", served.listener.port))
    text = b'{"type":"join","data":{"streamName":"chat","groupId":"g","subscriptionId":"s"}}'
    head = (
        b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    await loop.sock_sendall(one, head)
    assert b" 101 " in await loop.sock_recv(one, 1000)
    await loop.sock_sendall(one, b"\x81" + bytes([0x80 | len(text)]) + bytes(4) + text)  # masked with zeros
    assert b"sync" in await loop.sock_recv(one, 1000)
    return one


def test_a_client_that_does_not_read_is_sent_away(plain: HttpSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("motia_core.ingress.stream_connection.CLOSE_S", 0.5)
    monkeypatch.setattr("motia_core.ingress.websocket_connection.CLOSE_S", 0.5)

    async def test(served: Served, rig: StreamRig) -> None:
        one = await deaf(served)
        async with client(served) as reader:
            await reader.join()
            await reader.event()
            item = b'{"x":"%b"}' % (b"x" * 100_000)
            count = 0
            async with asyncio.timeout(20):
                while rig.feed.watching() == 2:
                    rig.feed.set(ITEM, item)
                    count += 1
                    assert (await reader.event())["type"] in ("create", "update")
                    await asyncio.sleep(0.005)
            assert count > 10
            await until(lambda: len(served.rig.app._streams.tasks) == 1)  # type: ignore[union-attr]
        assert "reads too slowly" in rig.stream_log.records[-1][1]
        one.close()

    run(plain, test)


def test_a_burst_that_a_client_reads_is_no_reason_to_send_it_away(plain: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        rig.feed.set(ITEM, b'{"x":"%b"}' % (b"x" * 3_000_000))  # and a large group is what was asked for
        async with client(served, max_size=None) as one:
            await one.join()
            assert (await one.event())["type"] == "sync"
            for _ in range(40):
                rig.feed.set(ITEM, b'{"x":"%b"}' % (b"x" * 100_000))
            assert [(await one.event())["type"] for _ in range(40)] == ["update"] * 40

    run(plain, test)
