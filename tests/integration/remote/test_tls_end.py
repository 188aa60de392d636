"""Where external sidecars dial over TLS: bytes pass both ways, and who is refused is told of once."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import uvloop

from motia_core.sidecars.tls_end import TlsEnd
from tests.fakes.sidecars import FakeLog
from tests.integration.remote.certificates import Authority

MUCH = bytes(range(256)) * 40_000  # ten megabytes: more than all buffers on the way


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Greets, as a server of HTTP/2 does before it hears anything, and says everything again."""
    writer.write(b"hello")
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def serving(folder: Path, log: FakeLog) -> AsyncIterator[tuple[int, ssl.SSLContext]]:
    """The port, and what trusts it."""
    authority = Authority(folder, "ours")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.sign("core"))
    inner = await asyncio.start_unix_server(echo, folder / "core.sock")
    end = TlsEnd(lambda: context, folder / "core.sock", log)
    try:
        port = int(end.listen("127.0.0.1:0").rpartition(":")[2])
        yield port, ssl.create_default_context(cafile=str(authority.certificate))
    finally:
        await end.close()
        inner.close()


def run(folder: Path, scenario: Callable[[int, ssl.SSLContext, FakeLog], Awaitable[None]]) -> FakeLog:
    async def whole() -> None:
        async with serving(folder, log) as (port, trusting):
            await scenario(port, trusting, log)

    log = FakeLog()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(whole())
    return log


async def ended(port: int, words: bytes) -> None:
    """Dial without TLS, say something, and wait to be hung up on."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(words)
    if not words:
        writer.write_eof()
    with suppress(ConnectionResetError):
        await reader.read()
    writer.close()


def test_much_passes_both_ways_unchanged_when_its_reader_is_slow(tmp_path: Path) -> None:
    async def scenario(port: int, trusting: ssl.SSLContext, _: FakeLog) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting)
        assert await reader.readexactly(5) == b"hello"
        writer.write(MUCH)
        assert await reader.readexactly(len(MUCH)) == MUCH
        writer.close()
        await writer.wait_closed()

    assert run(tmp_path, scenario).records == []


def test_the_same_of_the_same_host_is_said_once(tmp_path: Path) -> None:
    async def scenario(port: int, _: ssl.SSLContext, log: FakeLog) -> None:
        for _again in range(3):
            await ended(port, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")

    (said,) = run(tmp_path, scenario).messages("error")
    assert said.startswith("a sidecar at 127.0.0.1:") and "it does not speak TLS" in said


def test_who_only_looks_whether_the_port_is_open_is_not_told_of(tmp_path: Path) -> None:
    async def scenario(port: int, _: ssl.SSLContext, __: FakeLog) -> None:
        await ended(port, b"")

    assert run(tmp_path, scenario).records == []
