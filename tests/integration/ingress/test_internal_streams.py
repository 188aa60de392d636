"""Clients of internal streams, through every server, over a fake of them that asks for a word."""

from __future__ import annotations

from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from motia_core.model.stream import Address, Stream
from motia_core.settings import HttpSettings
from tests.integration.ingress.serving import Served
from tests.integration.ingress.test_stream_sockets import Client, dial, run, until
from tests.unit.ingress.stream_rig import StreamRig

INSIDE = Address("inside", "g")
WORD = "/?word=sesame"


def test_they_are_for_those_who_may_use_the_management_api(http: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        rig.internal.set(INSIDE._replace(item_id="1"), b'{"n":1}')
        async with dial(served) as connection:
            client = Client(connection)
            await client.join(INSIDE)
            refusal = await client.refusal()
            assert (refusal["code"], refusal["message"]) == ("STREAM_ACCESS_DENIED", "Say the word.")
            await client.join()
            assert (await client.event())["type"] == "sync", "streams of the project go on"
        async with dial(served, WORD) as connection:
            client = Client(connection)
            await client.join(INSIDE)
            assert [item["id"] for item in (await client.event())["data"]] == ["1"]
            rig.internal.set(INSIDE._replace(item_id="2"), b'{"n":2}')
            assert (await client.event())["data"]["n"] == 2
            assert rig.access.inside[INSIDE] == 0, "the project is not asked"
            assert not rig.feed.watching()
        await until(lambda: not rig.internal.watching())
        assert rig.access.inside[INSIDE] == 0, "nor told"

    run(http, test)


def test_they_can_be_left_and_neither_sent_to_nor_be_seen_in(plain: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        async with dial(served, WORD) as connection:
            client = Client(connection)
            await client.join(INSIDE, acknowledge=True, presence=True)
            assert (await client.refusal())["code"] == "INVALID_FRAME"
            await client.join(INSIDE, acknowledge=True, sequence=7)
            assert (await client.event())["type"] == "sync"
            joined = await client.event()
            assert (joined["type"], joined["resumed"]) == ("joined", False)
            assert rig.internal.joined == [(INSIDE, 0)]
            await client.say("leave", INSIDE, subscriptionId="s")
            await until(lambda: not rig.internal.watching())

    run(plain, test)


def test_a_stream_of_the_project_with_such_a_name_is_what_clients_get(plain: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        own = Stream("inside", "inside.stream.ts", "typescript", "node")
        rig.streams.streams = {**rig.streams.streams, "inside": own}
        async with dial(served) as connection:
            client = Client(connection)
            await client.join(INSIDE)
            assert (await client.event())["type"] == "sync"
            assert rig.feed.joined == [(INSIDE, 0)]
            assert rig.access.inside[INSIDE] == 1

    run(plain, test)


def test_without_streams_of_the_project_only_those_who_may_read_them_get_in(plain: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        with pytest.raises(InvalidStatus) as refused:
            await dial(served)
        assert refused.value.response.status_code == 403
        with pytest.raises(InvalidStatus) as refused:
            await dial(served, f"/no-such-step{WORD[1:]}")
        assert refused.value.response.status_code == 403
        async with dial(served, WORD) as connection:
            client = Client(connection)
            await client.join(INSIDE)
            assert (await client.event())["type"] == "sync"

    run(plain, test, has_streams=False)


def test_they_are_event_streams_too(plain: HttpSettings) -> None:
    async def test(served: Served, rig: StreamRig) -> None:
        path = "/__motia/streams/inside/g"
        refused: Any = await served.client.get(path)
        assert (refused.status_code, refused.json()["code"]) == (401, "UNAUTHORIZED")
        async with served.client.stream("GET", f"{path}?word=sesame") as response:
            assert response.status_code == 200
            lines = response.aiter_lines()
            while (line := await anext(lines)) != "event: sync":
                assert line in ("", ":")

    run(plain, test)
