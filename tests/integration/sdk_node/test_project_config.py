"""The sidecar's part of motia.config, in frames: docs/protocol.md#load, docs/protocol.md#app-hook."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path

from motia._gen.motia.v1 import manifest_pb2
from tests.fakes.scripted_core import DIGEST, ScriptedCore, core_frame
from tests.integration.sdk_node.conftest import STEP, Play, api

FILES = {
    STEP: api("export const handler = async () => ({ status: 200 })"),
    "motia.config.ts": """
export default {
  plugins: [1],
  app: async (app) => {
    app.post('/read', (req, res) => req.on('data', () => {}).on('end', () => res.send('read')))
    app.get('/seen', (req, res) => res.json([req.ip, req.protocol, req.headers, req.rawHeaders]))
    app.use((req, res, next) => { req.url = '/b'; res.set('X-Hook', 'yes'); next() })
  },
}
""",
}
FRONT = json.dumps({"secret": "s", "scheme": "https", "client": ["10.0.0.9", 5]})


async def loaded(core: ScriptedCore, config_file: str) -> manifest_pb2.Manifest:
    await core.frame("hello")
    step = manifest_pb2.SourceFile(path=STEP, kind=manifest_pb2.FILE_KIND_STEP)
    load = manifest_pb2.Load(project_root=str(core.root), files=[step], digest=DIGEST, config_file=config_file)
    core.send(core_frame(load=load))
    return (await core.frame("manifest")).manifest


def test_config_is_announced_first_and_its_app_served(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        manifest = await loaded(core, "motia.config.ts")
        assert [frame.path for frame in core.of_kind("loading")] == ["motia.config.ts", STEP]
        assert not manifest.errors
        assert manifest.config.path == "motia.config.ts"
        assert [warning.split(":")[0] for warning in manifest.config.warnings] == ["plugins does nothing"]
        socket = Path(manifest.config.app_hook.address.removeprefix("unix://"))
        assert socket.parent == core.socket.parent
        assert stat.S_IMODE(socket.stat().st_mode) == 0o600
        core.drain()
        assert await core.exit_code() == 0
        assert not socket.exists()

    play(FILES, script)


def test_load_without_a_config_file_has_no_config(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        manifest = await loaded(core, "")
        assert not manifest.HasField("config")
        assert len(manifest.steps) == 1

    play(FILES, script)


def test_app_is_asked_over_http(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        address = (await loaded(core, "motia.config.ts")).config.app_hook.address
        reader, writer = await asyncio.open_unix_connection(address.removeprefix("unix://"))

        async def ask(line: str, *headers: str, front: str = FRONT) -> str:
            writer.write(
                "\r\n".join([f"{line} HTTP/1.1", "Host: x", f"Motia-Front: {front}", *headers, "", ""]).encode()
            )
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = head.partition("content-length: ")[2].partition("\r")[0]
            return head + (await reader.readexactly(int(length or 0))).decode()

        seen = json.loads((await ask("GET /seen", "X-Own: 1")).partition("\r\n\r\n")[2])
        assert seen == ["10.0.0.9", "https", {"host": "x", "x-own": "1"}, ["Host", "x", "X-Own", "1"]]
        passed = await ask("GET /a")
        assert "motia-pass: s\r\n" in passed and "x-hook: yes\r\n" in passed
        assert "motia-changes: eyj1cmwioiivyij9\r\n" in passed  # {"url":"/b"}
        expecting = ("Content-Length: 100000", "Expect: 100-continue")
        assert (await ask("POST /read", *expecting)).startswith("http/1.1 100")
        writer.write(b"x" * 100_000)
        assert b"read" in await reader.readuntil(b"read")
        passed = await ask("POST /a", *expecting)
        assert passed.startswith("http/1.1 200")
        assert "connection: close" in passed
        writer.close()

    play(FILES, script)
