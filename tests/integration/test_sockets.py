"""WebSocket steps in both languages and through both servers, with real clients."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.conformance.core import RunningCore, running_core

CHAT_TS = """
const guard = async (event: any, ctx: any, next: any) => {
  if (event.queryParams.token === 'wrong') return { status: 401, body: { error: 'who are you?' } }
  return next()
}

export const config = {
  type: 'api', name: 'chat ts', method: 'WEBSOCKET', path: '/ts/chat/:room', emits: ['said'], middleware: [guard],
}

export const handler = async (event: any, { sockets, state, emit, traceId }: any) => {
  const path = `/ts/chat/${event.pathParams.room}`
  if (event.type === 'connect') {
    await state.set('chat-ts', event.connectionId, 'connected')
    if (event.queryParams.token === 'full') return { status: 503, body: 'full' }
    return { status: 101, headers: { 'sec-websocket-protocol': 'chat', 'x-room': event.pathParams.room } }
  }
  if (event.type === 'close') {
    await state.set('chat-ts', event.connectionId, `closed ${event.code} ${event.reason}`)
    return
  }
  if (typeof event.data !== 'string') return event.data
  const [word, ...rest] = event.data.split(' ')
  if (word === 'id') return { id: event.connectionId }
  const others = { except: [event.connectionId] }
  if (word === 'all') return { reached: await sockets.broadcast(path, rest.join(' '), others) }
  if (word === 'to') return { ok: await sockets.send(rest[0], { from: event.connectionId }) }
  if (word === 'kick') return { ok: await sockets.close(rest[0], 4001, 'kicked') }
  if (word === 'later') return await emit({ topic: 'said', data: { to: event.connectionId } })
  if (word === 'slow') { await new Promise((r) => setTimeout(r, 200)); return `slow ${rest[0]}` }
  if (word === 'fail') throw new Error('on purpose')
  if (word === 'flood') for (let n = 0; n < 200; n += 1) await sockets.send(rest[0], 'x'.repeat(100_000))
  if (word === 'quiet') return
  return `echo ${event.data}`
}
"""
CHAT_PY = """
import asyncio


async def guard(event, ctx, next_fn):
    if event["queryParams"].get("token") == "wrong":
        return {"status": 401, "body": {"error": "who are you?"}}
    return await next_fn()


config = {
    "type": "api", "name": "chat py", "method": "WEBSOCKET", "path": "/py/chat/:room", "emits": ["said"],
    "middleware": [guard],
}


async def handler(event, ctx):
    path = f"/py/chat/{event.pathParams.room}"
    if event.type == "connect":
        await ctx.state.set("chat-py", event.connectionId, "connected")
        if event.queryParams.get("token") == "full":
            return {"status": 503, "body": "full"}
        return {"status": 101, "headers": {"sec-websocket-protocol": "chat", "x-room": event.pathParams.room}}
    if event.type == "close":
        await ctx.state.set("chat-py", event.connectionId, f"closed {event.code} {event.reason}")
        return None
    if not isinstance(event.data, str):
        return event.data
    word, *rest = event.data.split(" ")
    if word == "id":
        return {"id": event.connectionId}
    if word == "all":
        return {"reached": await ctx.sockets.broadcast(path, " ".join(rest), except_=[event.connectionId])}
    if word == "to":
        return {"ok": await ctx.sockets.send(rest[0], {"from": event.connectionId})}
    if word == "kick":
        return {"ok": await ctx.sockets.close(rest[0], 4001, "kicked")}
    if word == "later":
        return await ctx.emit({"topic": "said", "data": {"to": event.connectionId}})
    if word == "slow":
        await asyncio.sleep(0.2)
        return f"slow {rest[0]}"
    if word == "fail":
        raise ValueError("on purpose")
    if word == "flood":
        for _ in range(200):
            await ctx.sockets.send(rest[0], "x" * 100_000)
    if word == "quiet":
        return None
    return f"echo {event.data}"
"""
SAID_PY = """
config = {"type": "event", "name": "said", "subscribes": ["said"], "emits": []}


async def handler(data, ctx):
    await ctx.sockets.send(data["to"], "from an event")
"""
TYPED_TS = """
export const config = {
  type: 'api', name: 'typed', method: 'WEBSOCKET', path: '/typed', emits: [],
  messageSchema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
}
export const handler = async (event: any) => event.type === 'message' ? { twice: event.data.n * 2 } : undefined
"""
PLAIN_TS = """
export const config = { type: 'api', name: 'plain', method: 'GET', path: '/ts/chat/:room', emits: [] }
export const handler = async (req: any) => ({ status: 200, body: req.pathParams })
"""
SEEN_TS = """
export const config = { type: 'api', name: 'seen', method: 'GET', path: '/seen/:lang/:id', emits: [] }
export const handler = async ({ pathParams: { lang, id } }: any, { state }: any) =>
  ({ status: 200, body: [await state.get(`chat-${lang}`, id)] })
"""
STEPS = {
    "chat.step.ts": CHAT_TS,
    "chat_step.py": CHAT_PY,
    "said_step.py": SAID_PY,
    "typed.step.ts": TYPED_TS,
    "plain.step.ts": PLAIN_TS,
    "seen.step.ts": SEEN_TS,
}
LANGUAGES = ("ts", "py")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sockets")
    (folder / "steps").mkdir()
    for name, source in STEPS.items():
        (folder / "steps" / name).write_text(source)
    return folder


@pytest.fixture(scope="module", params=["uvicorn", "hypercorn"])
def core(
    project: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[RunningCore]:
    settings = {
        "MOTIA_HTTP_SERVER": request.param,
        "MOTIA_VALIDATION_MODE": "strict",
        "MOTIA_HTTP_MAX_MESSAGE_BYTES": "100kB",
    }
    with running_core(project, tmp_path_factory.mktemp("data"), settings) as running:
        yield running


def opened(core: RunningCore, path: str, **options: Any) -> ClientConnection:
    """A client that nobody closes in order."""
    return dial(core, path, **options).__enter__()


def dial(core: RunningCore, path: str, **options: Any) -> ClientConnection:
    return connect(f"{core.url.replace('http', 'ws', 1)}{path}", open_timeout=20, close_timeout=5, **options)


def ask(client: ClientConnection, message: str | bytes) -> Any:
    client.send(message)
    answer = client.recv(timeout=10)
    return json.loads(answer) if isinstance(answer, str) and answer.startswith("{") else answer


def eventually(look: Callable[[], Any], wanted: Any) -> None:
    deadline = time.monotonic() + 10
    while (found := look()) != wanted:
        assert time.monotonic() < deadline, found
        time.sleep(0.03)


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_are_answered_in_order(core: RunningCore, language: str) -> None:
    with dial(core, f"/{language}/chat/7?token=x", subprotocols=["chat"]) as client:
        assert client.response is not None
        assert client.response.headers["x-room"] == "7"
        assert client.subprotocol == "chat"
        assert ask(client, "hällo") == "echo hällo"
        assert ask(client, b"\x00\xff") == b"\x00\xff"
        client.send("quiet")
        client.send("slow 1")
        assert [ask(client, "slow 2"), client.recv(timeout=10)] == ["slow 1", "slow 2"]
        name = ask(client, "id")["id"]
        assert httpx.get(f"{core.url}/seen/{language}/{name}").json() == ["connected"]
        client.close(4000, "done")
    seen = lambda: httpx.get(f"{core.url}/seen/{language}/{name}").json()  # noqa: E731
    is_told = core.settings.get("MOTIA_HTTP_SERVER") == "uvicorn"  # Hypercorn keeps code and reason to itself
    eventually(seen, ["closed 4000 done" if is_told else "closed 1006 "])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_connect_may_be_refused(core: RunningCore, language: str) -> None:
    for token, status, body in (("wrong", 401, b'{"error":"who are you?"}'), ("full", 503, b"full")):
        with pytest.raises(InvalidStatus) as refused:
            dial(core, f"/{language}/chat/7?token={token}")
        assert refused.value.response.status_code == status
        assert refused.value.response.body == body
    with pytest.raises(InvalidStatus):
        dial(core, "/nowhere")


@pytest.mark.parametrize("language", LANGUAGES)
def test_steps_send_to_others(core: RunningCore, language: str) -> None:
    path = f"/{language}/chat/hall"
    with dial(core, path) as one, dial(core, path) as other, dial(core, f"/{language}/chat/else") as elsewhere:
        first, second = ask(one, "id")["id"], ask(other, "id")["id"]
        assert ask(one, "all hi there") == {"reached": 1}
        assert other.recv(timeout=10) == "hi there"
        assert ask(one, f"to {second}") == {"ok": True}
        assert json.loads(other.recv(timeout=10)) == {"from": first}
        assert ask(one, "to nobody") == {"ok": False}
        one.send("later")
        assert one.recv(timeout=10) == "from an event"
        assert ask(one, f"kick {second}") == {"ok": True}
        with pytest.raises(ConnectionClosed) as closed:
            other.recv(timeout=10)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4001, "kicked")
        assert ask(elsewhere, "x") == "echo x"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_goes_wrong_ends_one_connection_only(core: RunningCore, language: str) -> None:
    with dial(core, f"/{language}/chat/7") as other:
        for message, code in (("fail", 1011), ("x" * 200_000, 1009)):
            with dial(core, f"/{language}/chat/7") as client:
                client.send(message)
                with pytest.raises(ConnectionClosed) as closed:
                    client.recv(timeout=10)
                assert closed.value.rcvd is not None
                assert closed.value.rcvd.code == code
        client = opened(core, f"/{language}/chat/7")
        name = ask(client, "id")["id"]
        client.socket.shutdown(socket.SHUT_RDWR)  # it vanishes
        client.close()
        look = lambda: httpx.get(f"{core.url}/seen/{language}/{name}").json()[0]  # noqa: E731
        eventually(lambda name=name: look() in ("closed 1006 ", "closed 1005 "), True)
        assert ask(other, "x") == "echo x"


def test_messages_are_compared_with_their_schema(core: RunningCore) -> None:
    with dial(core, "/typed") as client:
        assert ask(client, '{"n": 4}') == {"twice": 8}
        refused = ask(client, '{"n": "x"}')
        assert refused["code"] == "REQUEST_SCHEMA"
        assert [(error["in"], error["path"]) for error in refused["details"]["errors"]] == [("message", "/n")]
        assert ask(client, "no json")["code"] == "BODY_INVALID"
        assert ask(client, '{"n": 5}') == {"twice": 10}


def test_other_requests_to_the_path_are_not_confused(core: RunningCore) -> None:
    assert httpx.get(f"{core.url}/ts/chat/7").json() == {"room": "7"}
    assert httpx.get(f"{core.url}/py/chat/7").status_code == 404
    assert httpx.request("WEBSOCKET", f"{core.url}/py/chat/7").status_code in (400, 404)


def deaf(core: RunningCore, path: str) -> tuple[socket.socket, str]:
    """A client that reads its own name, and then nothing more."""
    url = httpx.URL(core.url)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect((url.host, url.port))
    client.sendall(
        f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    assert b" 101 " in client.recv(1000)
    client.sendall(b"\x81\x82\0\0\0\0id")  # a text frame, masked with zeros
    frame = b""
    while not frame.endswith(b"}"):
        frame += client.recv(1000)
    return client, json.loads(frame[frame.index(b"{") :])["id"]


def test_a_client_that_does_not_read_is_sent_away(core: RunningCore) -> None:
    with dial(core, "/ts/chat/7") as flooder:
        slow, name = deaf(core, "/ts/chat/7")
        flooder.send(f"flood {name}")
        assert flooder.recv(timeout=20) == f"echo flood {name}"
        assert ask(flooder, f"to {name}") == {"ok": False}
        slow.close()
    eventually(lambda: any("reads too slowly" in line for line in core.log_lines()), True)


def test_a_core_that_stops_says_goodbye(project: Path, tmp_path: Path) -> None:
    with running_core(project, tmp_path / "data", {}) as core:
        client = opened(core, "/py/chat/7")
        name = ask(client, "id")["id"]
        client.send("slow 1")
        time.sleep(0.05)
        received: list[Any] = []
        thread = threading.Thread(target=lambda: received.extend(_until_closed(client)))
        thread.start()
        assert core.stop() == 0
        thread.join(5)
        client.close()
        assert received[-1] == 1001
    with running_core(project, tmp_path / "data", {}) as core:
        assert httpx.get(f"{core.url}/seen/py/{name}").json() == ["closed 1001 the core is shutting down"]


def _until_closed(client: ClientConnection) -> Iterator[Any]:
    try:
        while True:
            yield client.recv(timeout=10)
    except ConnectionClosed as closed:
        yield closed.rcvd.code if closed.rcvd else None


def test_there_are_only_so_many(project: Path, tmp_path: Path) -> None:
    with running_core(project, tmp_path, {"MOTIA_HTTP_MAX_SOCKETS": "1"}) as core, dial(core, "/py/chat/7"):
        with pytest.raises(InvalidStatus) as refused:
            dial(core, "/py/chat/7")
        assert refused.value.response.status_code == 503
