"""Our own clients, in Python and TypeScript, against a core: what those of 0.x cannot say."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from motia.client import Change, StreamClient, StreamError
from tests.conformance.core import RunningCore, running_core
from tests.integration.streams.conftest import PROJECT

SCRIPT = Path(__file__).with_name("own_client.mjs")


def url(core: RunningCore, user: str = "ada") -> str:
    return f"{core.url.replace('http', 'ws', 1)}/?token={user}"


def run(scenario: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(40):
            await scenario

    asyncio.run(bounded())


async def until(look: Callable[[], bool]) -> None:
    while not look():
        await asyncio.sleep(0.01)


async def put(core: RunningCore, place: str, body: object) -> None:
    async with httpx.AsyncClient() as http:
        (await http.post(f"{core.url}/put/{place}", json=body)).raise_for_status()


async def changes(of: Any, count: int) -> list[Change[Any]]:
    found: list[Change[Any]] = []
    async for change in of:
        found.append(change)
        if len(found) == count:
            break
    return found


def test_python_client_sees_members_and_sends_messages(core: RunningCore) -> None:
    async def scenario() -> None:
        async with StreamClient(url(core)) as ada, StreamClient(url(core, "bob")) as bob:
            of_ada = await ada.group("board", "talk", presence=True)
            of_bob = await bob.group("board", "talk", presence={"colour": "blue"})
            await until(lambda: len(of_ada.members) == 2)
            users = sorted(member.info["user"] for member in of_ada.members.values())
            assert users == ["ada", "bob"], "what onJoin says of a member, whatever the client says"
            await of_bob.send("say", {"text": "hello"}, id="first")
            await until(lambda: of_ada.get("first") is not None)
            said = of_ada.get("first")
            assert said is not None
            assert (said["text"], said["by"], said["type"]) == ("hello", "bob", "say")
            for kind, data, code in (("shout", {"text": "x"}, "MESSAGE_REFUSED"), ("say", {}, "MESSAGE_INVALID")):
                with pytest.raises(StreamError) as refused:
                    await of_bob.send(kind, data)
                assert refused.value.code == code
            await of_bob.close()
            await until(lambda: len(of_ada.members) == 1)

    run(scenario())


def test_python_client_is_told_why_it_may_not(core: RunningCore) -> None:
    async def scenario() -> None:
        async with StreamClient(url(core, "bob")) as bob:
            for stream, group in (("board", "secret"), ("nothing", "here")):
                with pytest.raises(StreamError) as refused:
                    await bob.group(stream, group)
                assert refused.value.code == "STREAM_ACCESS_DENIED"
            assert (await bob.group("board", "public")).status == "live"
        async with StreamClient(url(core, "wrong")) as nobody:
            with pytest.raises(StreamError, match="401"):
                await nobody.group("board", "public")

    run(scenario())


@dataclass
class Note:
    id: str
    text: str
    _createdAt: int = field(compare=False, default=0)


def test_python_client_makes_instances_and_watches_one_item(core: RunningCore) -> None:
    async def scenario() -> None:
        async with StreamClient(url(core)) as streams:
            item = await streams.item("board", "models", "1", model=Note)
            assert item.item is None
            await put(core, "board/models/1", {"text": "eins"})
            await put(core, "board/models/2", {"text": "zwei"})
            await put(core, "board/models/1", {"text": "drei"})
            seen = await changes(item, 2)
            assert [(change.kind, change.item) for change in seen] == [
                ("create", Note("1", "eins")),
                ("update", Note("1", "drei")),
            ]

    run(scenario())


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_python_client_misses_nothing_while_the_core_is_gone(ending: signal.Signals, tmp_path: Path) -> None:
    async def scenario() -> None:
        cores = [await asyncio.to_thread(RunningCore, PROJECT, tmp_path, {})]
        try:
            async with StreamClient(lambda: url(cores[-1])) as streams:
                group = await streams.group("board", "away")
                await put(cores[0], "board/away/1", {"n": 1})
                await until(lambda: len(group.items) == 1)
                await asyncio.to_thread(cores[0].stop, ending)
                await until(lambda: group.status == "offline")
                assert [item["n"] for item in group.items] == [1], "what it had it still has"
                cores.append(await asyncio.to_thread(RunningCore, PROJECT, tmp_path, {}))
                await put(cores[1], "board/away/1", {"n": 2})
                await put(cores[1], "board/away/2", {"n": 3})
                await until(lambda: len(group.items) == 2)
                assert [change.kind for change in await changes(group, 4)] == ["sync", "create", "update", "create"]
        finally:
            for core in cores:
                if core.process.poll() is None:
                    await asyncio.to_thread(core.stop)

    run(scenario())


def test_typescript_client_sees_and_says_the_same(tmp_path: Path) -> None:
    with running_core(PROJECT, tmp_path) as core:
        command = ["node", SCRIPT, url(core), url(core, "bob"), core.url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == {
            "members": [{"user": "ada"}, {"user": "bob"}],
            "said": {"text": "hello", "by": "bob", "type": "say"},
            "refused": ["MESSAGE_REFUSED", "MESSAGE_INVALID", "STREAM_ACCESS_DENIED"],
            "heard": [7],
            "afterCut": {"items": ["first", "late"], "syncs": 0, "heard": [7, 8]},
            "left": 1,
        }
