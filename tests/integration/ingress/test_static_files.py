"""Static files through every server: whole, in ranges, to slow clients and to clients that leave."""

import asyncio
import hashlib
import resource
from dataclasses import replace
from pathlib import Path

import pytest
import uvloop

from motia_core.settings import MIB, CompressionSettings, CorsSettings, HttpSettings
from tests.integration.ingress.serving import serving
from tests.unit.ingress.rig import Rig

SIZE = 64 * MIB


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("public")
    block = bytes(range(256)) * 256
    with (folder / "large.bin").open("wb") as file:
        for _ in range(SIZE // len(block)):
            file.write(block)
    (folder / "index.html").write_text("<p>hello</p>")
    (folder / "app.js").write_text("let a\n" * 1000)
    return folder


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_files_cross_whole_and_in_parts(http: HttpSettings, public: Path) -> None:
    async def main() -> None:
        settings = replace(http, static={"/": public}, compression=CompressionSettings(encodings=("gzip",)))
        rig = Rig(http=settings)
        async with serving(settings, rig) as served:
            client = served.client
            index = await client.get("/")
            assert (index.status_code, index.text) == (200, "<p>hello</p>")
            assert index.headers["date"].endswith("GMT")
            again = await client.get("/", headers={"if-none-match": index.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            part = await client.get("/large.bin", headers={"range": f"bytes={SIZE - 3}-"})
            assert (part.status_code, part.content) == (206, b"\xfd\xfe\xff")
            assert (await client.get("/large.bin", headers={"range": f"bytes={SIZE}-"})).status_code == 416
            head = await client.head("/large.bin")
            assert (head.headers["content-length"], head.content) == (str(SIZE), b"")
            assert (await client.get("/app.js")).headers["content-type"] == "text/javascript; charset=utf-8"
            assert (await client.get("/hello")).json() == {"ok": True}  # a step
            assert (await client.get("/%2e%2e/etc/passwd")).status_code == 404
            assert not rig.log.records

    uvloop.run(main())


def test_large_file_is_read_as_fast_as_the_client_takes_it(plain: HttpSettings, public: Path) -> None:
    async def main() -> None:
        settings = replace(plain, static={"/": public})
        rig = Rig(http=settings)
        async with serving(settings, rig) as served:
            await served.client.get("/")
            before = resident_bytes()
            async with served.raw() as (reader, writer):
                writer.write(b"GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n")
                await reader.readuntil(b"\r\n\r\n")
                await asyncio.sleep(0.3)  # the client takes nothing, and so nothing more is read
                assert (await served.client.get("/hello")).status_code == 200
                assert resident_bytes() - before < 8 * MIB
                digest, left = hashlib.sha256(), SIZE
                while left:
                    some = await reader.read(1 * MIB)
                    digest.update(some)
                    left -= len(some)
            assert digest.digest() == hashlib.sha256(bytes(range(256)) * (SIZE // 256)).digest()
            assert resident_bytes() - before < 16 * MIB
            async with served.raw() as (reader, writer):  # and one that leaves in the middle
                writer.write(b"GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n")
                await reader.readexactly(100_000)
                writer.transport.abort()
            assert (await served.client.get("/hello")).status_code == 200
            await asyncio.wait_for(rig.app.drain(5), 5)
            assert not rig.log.records

    uvloop.run(main())


def test_static_files_have_the_cors_of_the_settings(plain: HttpSettings, public: Path) -> None:
    async def main() -> None:
        settings = replace(plain, static={"/": public}, cors=CorsSettings(allow_origins=("https://a.example",)))
        async with serving(settings, Rig(http=settings)) as served:
            for origin, expected in (("https://a.example", "https://a.example"), ("https://b.example", None)):
                response = await served.client.get("/app.js", headers={"origin": origin})
                assert response.headers.get("access-control-allow-origin") == expected
                assert response.headers["vary"] == "Origin"

    uvloop.run(main())
