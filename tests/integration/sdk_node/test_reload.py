"""What a sidecar tells for reloads, and what it imports ahead of time (RELOAD-1 to RELOAD-5)."""

from __future__ import annotations

import pytest

from motia._gen.motia.v1 import manifest_pb2, sidecar_pb2
from tests.fakes.scripted_core import Limits, ScriptedCore
from tests.integration.sdk_node.conftest import STEP, Play, api

RELOAD = Limits(capabilities=("reload",))
COUNTED = "globalThis.counted = (globalThis.counted ?? 0) + 1; exports.inner = require('./inner')"
PACKAGE = {
    "node_modules/counted/package.json": '{"name": "counted", "version": "1.0.0", "main": "index.js"}',
    "node_modules/counted/index.js": COUNTED,
    "node_modules/counted/inner.js": "module.exports = 1",
}
MODULE = '{"type": "module"}'


def imported(core: ScriptedCore) -> tuple[list[str], list[str]]:
    told: list[manifest_pb2.Imported] = core.of_kind("imported")
    root = str(core.root.resolve())
    files = [file.removeprefix(f"{root}/") for one in told for file in one.files]
    return files, [package.partition(f"{root}/")[2] for one in told for package in one.packages]


@pytest.mark.parametrize("package_json", ["{}", MODULE], ids=["commonjs", "module"])
@pytest.mark.parametrize("step", ["steps/a.step.js", "steps/a.step.ts"])
def test_files_and_packages_are_told_before_the_manifest(package_json: str, step: str, play: Play) -> None:
    source = "import counted from 'counted'\nimport { name } from '../lib/names'\nimport data from '../lib/data.json'\n"
    handler = "export const handler = async () => ({ status: 200, body: { name, data, counted } })"
    files = {
        **PACKAGE,
        "package.json": package_json,
        step: source + api(handler),
        "lib/names.ts": "export const name = 'x'",
        "lib/data.json": "[1]",
        "lib/unused.ts": "",
    }

    async def script(core: ScriptedCore) -> None:
        manifest = await core.load(step)
        assert list(manifest.errors) == []
        kinds = [frame.WhichOneof("frame") for frame in core.frames]
        assert kinds.index("imported") < kinds.index("manifest")
        own, packages = imported(core)
        assert sorted(own) == ["lib/data.json", "lib/names.ts", step]
        assert packages == ["node_modules/counted/index.js"]

    play(files, script, limits=RELOAD)


def test_what_a_handler_imports_is_told_with_a_heartbeat(play: Play) -> None:
    handler = "export const handler = async () => { await import('../lib/late.js'); return { status: 200 } }"

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        await core.call_api(STEP)
        await core.until(lambda: len(core.of_kind("imported")) == 2)
        assert imported(core)[0] == [STEP, "lib/late.js"]

    limits = Limits(heartbeat_interval_ms=50, capabilities=("reload",))
    play({STEP: api(handler), "lib/late.js": ""}, script, limits=limits)


@pytest.mark.parametrize("package_json", ["{}", MODULE], ids=["commonjs", "module"])
def test_packages_are_imported_ahead_once_and_named_again(package_json: str, play: Play) -> None:
    step = "import { inner } from 'counted'\nconst { counted } = globalThis\n"
    step += api("export const handler = async () => ({ status: 200, body: [inner, counted] })")
    names: list[str] = []

    async def learn(core: ScriptedCore) -> None:
        await core.load(STEP)
        names.extend(package for one in core.of_kind("imported") for package in one.packages)

    async def script(core: ScriptedCore) -> None:
        await core.warm(*names, "/no/such/package.js", "file:///no/such/module.js")
        await core.load(STEP)
        assert "node_modules/counted/index.js" in imported(core)[1]
        complete = await core.call_api(STEP)
        assert complete.http.body == b"[1,1]"  # one instance: it was not imported again
        assert not [log for log in core.logs if "no/such" in log.message]

    files = {**PACKAGE, "package.json": package_json, STEP: step}
    play(files, learn, limits=RELOAD)
    play(files, script, limits=RELOAD)


def test_load_that_comes_before_warmed_is_answered_after_it(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.frame("hello")
        core.send(sidecar_pb2.CoreFrame(warm=manifest_pb2.Warm(packages=["/no/such/package.js"])))
        await core.load(STEP)
        kinds = [frame.WhichOneof("frame") for frame in core.frames]
        assert kinds.index("warmed") < kinds.index("loading") < kinds.index("manifest")

    play(api("export const handler = async () => ({ status: 200 })"), script, limits=RELOAD)


def test_nothing_is_told_to_a_core_that_does_not_want_to_know(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert core.of_kind("imported") == []

    play(api("export const handler = async () => ({ status: 200 })"), script)
