"""Opens a rig: a project, or steps that a test gives, in a temporary data directory and on a free port."""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from motia_core.app import built
from motia_core.core import Core
from motia_core.ingress.server import listen, serve
from motia_core.model.project import Project
from motia_core.model.wording import did_you_mean
from motia_core.project.env import project_environment
from motia_core.settings import Settings
from motia_core.settings_load import known, load_settings
from motia_core.testing.clock import VirtualClock
from motia_core.testing.errors import RigError
from motia_core.testing.fakes import fake_of
from motia_core.testing.log import RigLog
from motia_core.testing.rig import Rig
from motia_core.testing.steps import GivenStep, given_project
from motia_core.testing.witness import Witness
from motia_core.web import ingress

DRAIN_S = 2.0  # for what still runs at the end
_environment = threading.Lock()  # the variables of the process are changed while sidecars start


@dataclass(frozen=True, slots=True)
class Options:
    """What a rig is made of.

    Args:
        project: A folder with steps/ or src/; None: only the steps that are given.
        steps: More steps, whose handlers run in the test's process.
        streams: More streams: their configs.
        settings: By name, such as "validation.mode", as in motia.toml.
        env: Variables for the project's code, beside those of the test's process and of .env.
    """

    project: Path | None = None
    steps: Sequence[GivenStep] = ()
    streams: Sequence[Mapping[str, Any]] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)


@asynccontextmanager
async def open_rig(options: Options) -> AsyncIterator[Rig]:
    """A running rig.

    Raises:
        ProjectNotFoundError, SettingsError: The project cannot be served.
        RigError: It has no steps, or steps of the test are wrong.
    """
    clock, witness, log = VirtualClock(), Witness(), RigLog()
    with tempfile.TemporaryDirectory(prefix="motia-test-") as scratch:
        settings = _settings(options, Path(scratch))
        async with built(settings, log, clock=clock, between=witness) as core:
            with _variables(options.env):
                project = await _load(core, options)
            await core.open(project)
            async with _served(core, log) as url:
                rig = Rig(core, project, clock, witness, log, url)
                by_name = {str(given.config.get("name")): given.handler for given in options.steps}
                rig.given = {
                    step.id: fake_of(handler, core.log)
                    for step in project.steps
                    if step.path.startswith("test/") and (handler := by_name.get(step.name)) is not None
                }
                await rig.reset()
                try:
                    yield rig
                finally:
                    core.scheduler.swap([])
                    core.deliveries.swap([])
            await core.drain(DRAIN_S)


async def _load(core: Core, options: Options) -> Project:
    given = given_project(options.steps, options.streams)
    if options.project is None:
        return given
    project = (await core.load()).project
    if not project.steps and not given.steps:
        problems = "\n".join(f"  {problem.file}: {problem.cause}" for problem in project.problems)
        raise RigError(f"there is nothing to test in {core.settings.project}:\n{problems}")
    if twice := {step.name for step in project.steps} & {step.name for step in given.steps}:
        raise RigError(
            f"the project has a step {', '.join(sorted(twice))} already: fake it, or give yours another name"
        )
    return replace(project, steps=(*project.steps, *given.steps), streams=(*project.streams, *given.streams))


@asynccontextmanager
async def _served(core: Core, log: RigLog) -> AsyncIterator[str]:
    settings = core.settings.http
    listener = listen(settings)
    stop, ready = asyncio.Event(), asyncio.Event()
    app = ingress(core, log)
    server = asyncio.create_task(serve(app, listener, settings, stop=stop, grace_s=DRAIN_S, ready=ready))
    waiting = asyncio.create_task(ready.wait())
    try:
        await asyncio.wait({server, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if server.done():
            server.result()
        yield listener.url
    finally:
        waiting.cancel()
        stop.set()
        await asyncio.wait({server})
        listener.close()


def _settings(options: Options, scratch: Path) -> Settings:
    """The project's settings, as far as a test may have them."""
    if unknown := [name for name in options.settings if name not in known()]:
        hints = [f"{name} ({hint})" if (hint := did_you_mean(name, known())) else name for name in unknown]
        raise RigError(f"there is no setting {', '.join(hints)}; docs/configuration.md lists all of them")
    project = options.project or scratch
    environ = project_environment(project) if project.is_dir() else {}
    settings = load_settings(project, environ, dict(options.settings))
    return replace(
        settings,
        data_dir=scratch / "data",
        cron_enabled=False,  # a rig is told when to follow schedules
        http=replace(settings.http, host="127.0.0.1", port=0, tls_cert=None, tls_key=None, admin_token=None),
        sidecars=settings.sidecars.all_launched(),
        store=replace(settings.store, url=None, durability="fast"),
        otlp=replace(settings.otlp, endpoint=None),
    )


@contextmanager
def _variables(env: Mapping[str, str]) -> Iterator[None]:
    """The sidecars, which are starting, get these variables."""
    if not env:
        yield
        return
    with _environment:
        before = {name: os.environ.get(name) for name in env}
        os.environ.update(env)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
