"""A request that the app of motia.config sees, over a connection that a test plays."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator

import h11
import orjson
import pytest

from motia_core.ingress import exchange
from motia_core.ingress.body import ParsedBody
from motia_core.ingress.exchange import Exchange, Passed
from motia_core.ingress.going_on import changed_scope, with_headers
from motia_core.ingress.interface import PARSED_BODY, ClientGoneError, Message, Scope
from motia_core.ingress.tap import Tap
from motia_core.ingress.upstream import UpstreamLostError
from motia_core.model.http import BodyFormat

SECRET = "s3cret"
REQUEST = h11.Request(method="POST", target="/a", headers=[("host", "x"), ("content-length", "0")])
DATE = (b"date", b"now")


def head(*headers: tuple[str, str], status: int = 200) -> h11.Response:
    return h11.Response(status_code=status, headers=list(headers))


class PlayedLink:
    """The app's side: answers with a head and chunks, and takes the body or not."""

    def __init__(self, response: h11.Response, chunks: list[bytes], *, takes: bool = True) -> None:
        self.is_body_wanted = asyncio.Event()
        self.response, self.rest, self.takes = response, chunks, takes
        self.got: list[bytes] = []
        self.closed = asyncio.Event()

    async def ask(self, request: h11.Request, body: bytes | None) -> None:
        if body:
            self.got.append(body)

    async def head(self) -> h11.Response:
        return self.response

    async def chunks(self) -> AsyncIterator[tuple[bytes, bool]]:
        for chunk in self.rest:
            yield chunk, False
        if self.closed.is_set():
            raise UpstreamLostError
        yield b"", True

    def send(self, chunk: bytes) -> None:
        self.got.append(chunk)

    def end(self) -> None:
        pass

    async def drain(self) -> None:
        if not self.takes:
            await asyncio.Event().wait()

    def close(self) -> None:
        self.closed.set()


class Client:
    """What the server gives and takes."""

    def __init__(self, *parts: bytes, leaves: bool = False) -> None:
        last = len(parts) - 1
        self.waiting: list[Message] = [
            {"type": "http.request", "body": part, "more_body": leaves or i < last} for i, part in enumerate(parts)
        ]
        self.leaves = leaves
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        if self.waiting:
            return self.waiting.pop(0)
        if not self.leaves:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)


def made(link: PlayedLink, client: Client, *, watches: bool = False, limit: int = 100) -> tuple[Exchange, Tap]:
    tap = Tap(client.receive, limit)
    return Exchange(link, tap, SECRET, watches=watches), tap  # type: ignore[arg-type]  # a played one


def test_request_that_is_passed_on_has_its_body_unread_for_the_step() -> None:
    async def main() -> None:
        client = Client(b"ab", b"cd")
        link = PlayedLink(head(("motia-pass", SECRET), ("x-hook", "yes"), ("content-length", "0")), [])
        exchange, tap = made(link, client)
        passed = await exchange.passed(await exchange.ask(REQUEST, body=None))
        assert passed == Passed([(b"x-hook", b"yes")], {}, "", b"")
        assert not tap.is_touched
        assert (await tap.replay())["body"] == b"ab"
        assert link.got == []

    asyncio.run(main())


def test_body_that_the_app_has_read_is_read_again_by_the_step() -> None:
    async def main() -> None:
        client = Client(b"ab", b"cd")
        link = PlayedLink(head(("motia-pass", SECRET)), [])
        link.is_body_wanted.set()
        exchange, tap = made(link, client)
        answer = await exchange.ask(REQUEST, body=None)
        while not tap.is_ended:
            await asyncio.sleep(0)
        await exchange.passed(answer)
        assert link.got == [b"ab", b"cd"]
        assert await tap.replay() == {"type": "http.request", "body": b"abcd", "more_body": False}

    asyncio.run(main())


def test_body_over_the_limit_is_too_much_for_the_step_as_well() -> None:
    async def main() -> None:
        tap = Tap(Client(*[b"x" * 40] * 5).receive, 100)
        assert await tap.whole() == b""
        message = await tap.replay()
        assert len(message["body"]) == 120
        assert message["more_body"] is False

    asyncio.run(main())


def test_response_with_another_secret_is_a_response() -> None:
    async def main() -> None:
        client = Client(b"")
        exchange, _ = made(PlayedLink(head(("motia-pass", "guessed"), ("x-a", "1")), [b"mine"]), client)
        answer = await exchange.ask(REQUEST, body=b"")
        assert not exchange.passes(answer)
        await exchange.forward(answer, client.send, is_closing=False, date=DATE)
        assert client.sent[0]["headers"] == [(b"x-a", b"1"), DATE]
        assert client.body == b"mine"

    asyncio.run(main())


def test_client_that_leaves_ends_the_exchange() -> None:
    async def main() -> None:
        client = Client(b"", leaves=True)
        link = PlayedLink(head(("motia-pass", SECRET)), [])
        exchange, tap = made(link, client, watches=True)
        tap.is_ended = True
        answer = await exchange.ask(REQUEST, body=b"")
        await link.closed.wait()
        with pytest.raises(ClientGoneError):
            await exchange.passed(answer)

    asyncio.run(main())


def test_body_and_response_that_both_stand_still_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "STALL_S", 0.01)

    async def main() -> None:
        client = Client(b"more", b"than the app takes")
        link = PlayedLink(head(), [b"what nobody reads"], takes=False)

        async def send(message: Message) -> None:
            if message["type"] == "http.response.body":
                await link.closed.wait()

        stuck, _ = made(link, client)
        link.is_body_wanted.set()
        answer = await stuck.ask(REQUEST, body=None)
        with pytest.raises(UpstreamLostError):
            await stuck.forward(answer, send, is_closing=False, date=DATE)

    asyncio.run(main())


SCOPE: Scope = {
    "type": "http",
    "method": "POST",
    "path": "/a",
    "raw_path": b"/a",
    "query_string": b"q=1",
    "headers": [(b"content-type", b"application/json"), (b"x-out", b"1"), (b"x-new", b"old"), (b"x-new", b"older")],
}


async def nothing() -> Message:
    return {"type": "http.request", "body": b"[1]", "more_body": False}


def test_changes_of_the_request_make_a_new_scope() -> None:
    changes = {"method": "put", "url": "/b/ä?x=%201&y", "headers": {"x-out": None, "x-new": "new"}}
    scope = changed_scope(SCOPE, Passed([], changes, "", b""), Tap(nothing, 10))
    assert (scope["method"], scope["raw_path"], scope["path"]) == ("PUT", b"/b/%C3%A4", "/b/ä")
    assert scope["query_string"] == b"x=%201&y"
    assert scope["headers"] == [(b"content-type", b"application/json"), (b"x-new", b"new")]
    assert PARSED_BODY not in scope
    assert SCOPE["method"] == "POST"


@pytest.mark.parametrize("url", ["http://elsewhere/", "", "no/slash"])
def test_url_that_is_no_path_is_left_alone(url: str) -> None:
    assert changed_scope(SCOPE, Passed([], {"url": url}, "", b""), Tap(nothing, 10))["raw_path"] == b"/a"


def test_parsed_body_comes_with_the_text_that_was_parsed() -> None:
    async def main() -> None:
        tap = Tap(nothing, 10)
        await tap.whole()
        parsed = changed_scope(SCOPE, Passed([], {}, "json", b"[2]"), tap)[PARSED_BODY]
        assert parsed == ParsedBody(BodyFormat.JSON, b"[2]", b"[1]")
        text = changed_scope(SCOPE, Passed([], {}, "text", b"hi"), tap)[PARSED_BODY]
        assert text == ParsedBody(BodyFormat.TEXT, b"hi", b"")

    asyncio.run(main())


def test_headers_of_the_app_are_added_to_those_of_the_response() -> None:
    async def main() -> None:
        client = Client()
        cookies = [(b"set-cookie", b"a"), (b"set-cookie", b"b")]
        more = [(b"x-hook", b"1"), (b"etag", b"its own"), (b"vary", b"Origin"), *cookies]
        send = with_headers(client.send, more)
        own = [(b"etag", b"the step's"), (b"vary", b"Accept")]
        await send({"type": "http.response.start", "status": 200, "headers": own})
        expected = [own[0], more[0], *cookies, (b"vary", b"Accept, Origin")]
        assert client.sent[0]["headers"] == expected
        assert own == [(b"etag", b"the step's"), (b"vary", b"Accept")]

    asyncio.run(main())


def test_what_the_sidecar_encodes_is_understood() -> None:
    async def main() -> None:
        changes = {"url": "/b?c", "headers": {"x": None}}
        encoded = base64.urlsafe_b64encode(orjson.dumps(changes)).rstrip(b"=").decode()
        link = PlayedLink(
            head(("motia-pass", SECRET), ("motia-changes", encoded), ("motia-body", "json")), [b"[", b"]"]
        )
        asked, _ = made(link, Client(b""))
        passed = await asked.passed(await asked.ask(REQUEST, body=b""))
        assert passed == Passed([], changes, "json", b"[]")

    asyncio.run(main())
