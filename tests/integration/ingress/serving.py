"""A served ingress over a fake engine, in the event loop of the test."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from motia_core.ingress.server import Listener, listen, serve
from motia_core.settings import HttpSettings
from tests.unit.ingress.rig import Rig


@dataclass
class Served:
    rig: Rig
    listener: Listener
    stop: asyncio.Event
    server: asyncio.Task[None]
    client: httpx.AsyncClient

    @asynccontextmanager
    async def raw(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A bare connection."""
        tls = None
        if self.listener.url.startswith("https"):
            tls = ssl.create_default_context()
            tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        reader, writer = await asyncio.open_connection("127.0.0.1", self.listener.port, ssl=tls)
        try:
            yield reader, writer
        finally:
            writer.close()
            try:
                async with asyncio.timeout(1):
                    await writer.wait_closed()
            except OSError:  # it was reset, or what was written is taken by nobody
                writer.transport.abort()

    async def exchange(self, sent: bytes, *, until: bytes = b"") -> bytes:
        """What a bare connection gets for some bytes: everything until the server closes it, or up to `until`."""
        async with self.raw() as (reader, writer):
            writer.write(sent)
            if until:
                return await asyncio.wait_for(reader.readuntil(until), 10)
            return await asyncio.wait_for(reader.read(), 10)


@asynccontextmanager
async def serving(settings: HttpSettings, rig: Rig, *, grace_s: float = 5) -> AsyncIterator[Served]:
    """Serve until the block ends; the server must end as well, and without an error."""
    listener = listen(settings)
    stop, ready = asyncio.Event(), asyncio.Event()
    server = asyncio.create_task(serve(rig.app, listener, settings, stop=stop, grace_s=grace_s, ready=ready))
    await asyncio.wait_for(ready.wait(), 10)
    http2 = bool(settings.tls_cert)
    try:
        async with httpx.AsyncClient(base_url=listener.url, verify=False, http2=http2, trust_env=False) as client:
            yield Served(rig, listener, stop, server, client)
    finally:
        stop.set()  # with no connection left nobody is waited for
    await asyncio.wait_for(server, 20)


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1 and its key."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, "-keyout", key, "-out", cert, *names], check=True, capture_output=True)
    return cert, key
