"""What a sidecar tells for reloads, and what it imports ahead of time (RELOAD-1 to RELOAD-5)."""

from __future__ import annotations

from motia._gen.motia.v1 import manifest_pb2, sidecar_pb2
from tests.fakes.scripted_core import Limits, ScriptedCore
from tests.integration.sdk_python.conftest import STEP, Play, api

RELOAD = Limits(capabilities=("reload",))


def imported(core: ScriptedCore) -> tuple[list[str], list[str]]:
    told: list[manifest_pb2.Imported] = core.of_kind("imported")
    root = str(core.root.resolve())
    files = [file.removeprefix(f"{root}/") for one in told for file in one.files]
    return files, [package for one in told for package in one.packages]


def test_files_and_packages_are_told_before_the_manifest(play: Play) -> None:
    files = {
        STEP: api("import fractions\nfrom lib.names import NAME\nasync def handler(r, c): return {'status': 200}"),
        "lib/names.py": "NAME = 1",
        "lib/unused.py": "NAME = 2",
    }

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        kinds = [frame.WhichOneof("frame") for frame in core.frames]
        assert kinds.index("imported") < kinds.index("manifest")
        own, packages = imported(core)
        assert sorted(own) == ["lib/names.py", STEP]
        assert "fractions" in packages
        assert not [name for name in packages if name.startswith(("lib", "shop"))]

    play(files, script, limits=RELOAD)


def test_what_a_handler_imports_is_told_with_a_heartbeat(play: Play) -> None:
    handler = "async def handler(r, c):\n    from lib import late\n    return {'status': 200}"

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert imported(core)[0] == [STEP]
        await core.call_api(STEP)
        await core.until(lambda: len(core.of_kind("imported")) == 2)
        assert imported(core)[0] == [STEP, "lib/late.py"]

    play(
        {STEP: api(handler), "lib/late.py": ""},
        script,
        limits=Limits(heartbeat_interval_ms=50, capabilities=("reload",)),
    )


def test_packages_are_imported_ahead_and_named_again(play: Play) -> None:
    step = api("import sys\nWAS_THERE = 'fractions' in sys.modules\nimport fractions\n")
    step += "async def handler(r, c): return {'status': 200, 'body': WAS_THERE}"

    async def script(core: ScriptedCore) -> None:
        await core.warm("fractions", "no_such_package", "fractions")
        await core.load(STEP)
        assert "fractions" in imported(core)[1]
        complete = await core.call_api(STEP)
        assert complete.http.body == b"true"
        assert not [log for log in core.logs if "no_such_package" in log.message]

    play(step, script, limits=RELOAD)


def test_load_that_comes_before_warmed_is_answered_after_it(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.frame("hello")
        core.send(sidecar_pb2.CoreFrame(warm=manifest_pb2.Warm(packages=["decimal", "fractions"])))
        await core.load(STEP)
        kinds = [frame.WhichOneof("frame") for frame in core.frames]
        assert kinds.index("warmed") < kinds.index("loading") < kinds.index("manifest")

    play(api("async def handler(r, c): return {'status': 200}"), script, limits=RELOAD)


def test_nothing_is_told_to_a_core_that_does_not_want_to_know(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert core.of_kind("imported") == []

    play(api("async def handler(r, c): return {'status': 200}"), script)
