"""The management API with fakes behind it, asked over ASGI."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx

from motia_core.engine.catalog import Catalog
from motia_core.engine.live import Live
from motia_core.engine.logs import RecordedLog
from motia_core.engine.meters import Meters
from motia_core.engine.services import CronInfo
from motia_core.engine.state import State
from motia_core.engine.stats import Stats
from motia_core.engine.stream_expiry import StreamExpiry
from motia_core.engine.streams import Streams
from motia_core.engine.tracing import Tracer
from motia_core.engine.validation import Validation
from motia_core.errors import UnknownStepError
from motia_core.model.description.info import Info
from motia_core.model.event import EmitOptions
from motia_core.model.ids import IdSource
from motia_core.model.project import Problem, Project
from motia_core.model.step import Step, StepType
from motia_core.model.tab import Tab
from motia_core.settings import HttpSettings, Settings
from motia_core.workbench.mount import Management, ManagementApp
from tests.fakes.inspection import FakeInspection
from tests.fakes.projects import a_project
from tests.fakes.sidecars import FakeClock
from tests.fakes.store import FakeStore
from tests.fakes.values import a_delivery, a_failure


@dataclass
class FakeAdmin:
    """Implements `Administration`; remembers what was asked."""

    store: FakeStore
    emitted: list[tuple[str, bytes, EmitOptions]] = field(default_factory=list)
    redriven: list[list[int]] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)
    failing: Exception | None = None

    async def emit(self, topic: str, data: bytes, options: EmitOptions) -> tuple[str, int]:
        if self.failing:
            raise self.failing
        self.emitted.append((topic, data, options))
        return "Q7KPD-4821907", 2

    async def redrive(self, delivery_ids: Sequence[int], data: bytes | None = None) -> int:
        self.redriven.append(list(delivery_ids))
        return len(await self.store.dead_letters.redrive(delivery_ids, data))

    async def redrive_all(self, *, topic: str = "", step_id: str = "", data: bytes | None = None) -> int:
        return await self.redrive(await self._all(topic, step_id), data)

    async def discard_all(self, *, topic: str = "", step_id: str = "") -> int:
        return await self.store.dead_letters.discard(await self._all(topic, step_id))

    async def _all(self, topic: str, step_id: str) -> list[int]:
        return await self.store.dead_letters.ids(topic=topic, step_id=step_id, after_id=0, limit=10_000)

    async def run_cron(self, step_id: str) -> str:
        if step_id != "Tick":
            raise UnknownStepError(f"There is no cron step '{step_id}'; there are 'Tick'.")
        self.ran.append(step_id)
        return "Q7KPD-4821907"

    def waiting(self) -> Counter[str]:
        return Counter()

    def cron(self) -> list[CronInfo]:
        step = Step("Tick", "Tick", "steps/tick.step.js", StepType.CRON, "javascript", "node", cron="0 9 * * *")
        return [CronInfo(step, (1_700_000_000_000, 1_700_086_400_000), 0)]

    paused: frozenset[str] = frozenset()

    async def pause(self, step_id: str) -> None:
        if step_id not in ("Work", "Tick"):
            raise UnknownStepError(f"There is no event or cron step '{step_id}'.")
        self.paused |= {step_id}

    async def resume(self, step_id: str) -> None:
        self.paused -= {step_id}

    async def restart_sidecars(self, group: str) -> int:
        self.ran.append(group)
        return 1

    def sidecars(self) -> list[dict[str, object]]:
        return []

    def health(self) -> dict[str, object]:
        return {"status": "ok", "steps": 3, "problems": 1, "eventsRunning": 0, "durability": "normal", "sidecars": []}


class FakeReplayer:
    """Repeats nothing."""


@dataclass
class FakeLog:
    """Implements `Log`."""

    records: list[tuple[str, str]] = field(default_factory=list)

    def record(self, level: str, message: str, **facts: Any) -> None:
        self.records.append((level, message))


@dataclass
class Api:
    """A client and what is behind it."""

    store: FakeStore
    admin: FakeAdmin
    log: FakeLog
    app: ManagementApp
    bundled: list[str]  # files of components
    failing: Exception | None = None  # when one is bundled

    async def bundle(self, file: str) -> str:
        self.bundled.append(file)
        if self.failing:
            raise self.failing
        return f"// {file}"

    def ask(self, method: str, path: str, *, url: str = "http://127.0.0.1:3000", **options: Any) -> httpx.Response:
        async def run() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url=url) as client:
                return await client.request(method, path, **options)

        return asyncio.run(run())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("GET", path, **options)

    def post(self, path: str, body: object, **options: Any) -> httpx.Response:
        return self.ask("POST", path, json=body, **options)

    def bury(self, *numbers: int, topic: str = "work", step_id: str = "Work", data: bytes = b'{"n":1}') -> None:
        """Put dead letters into the store."""

        async def run() -> None:
            for number in numbers:
                delivery = a_delivery(number, topic=topic, step_id=step_id, data=data)
                await self.store.queue.enqueue([delivery])
                await self.store.queue.bury(delivery, a_failure(), 1_700_000_001_000)

        asyncio.run(run())


def make_api(http: HttpSettings | None = None, *, max_payload_bytes: int = 10_000, project: Path | None = None) -> Api:
    """An API whose core listens as these settings say."""
    store, log = FakeStore(), FakeLog()
    admin = FakeAdmin(store)
    problem = Problem("error", "steps/bad.step.ts", "compile", "unexpected token", 7, remedy="fix it", stack="at x")
    loaded = a_project(
        {
            "steps/get.step.ts": {"type": "api", "name": "Get", "path": "/x/:id", "method": "get", "emits": ["work"]},
            "steps/work_step.py": {"type": "event", "name": "Work", "subscribes": ["work"]},
            "steps/tick.step.js": {"type": "cron", "name": "Tick", "cron": "0 9 * * *"},
            "steps/chat.stream.ts": {"name": "chat"},
        },
        problems=(problem,),
    )
    settings = Settings(http=http or HttpSettings(), max_payload_bytes=max_payload_bytes)
    if project is not None:
        settings = replace(settings, project=project)
    management = asyncio.run(_management(settings, store, admin, loaded, log))
    api = Api(store, admin, log, ManagementApp(management), [])
    api.app = ManagementApp(replace(management, bundle=api.bundle))
    return api


async def _nothing(file: str) -> str:
    return ""


async def _no_tabs() -> list[Tab]:
    return []


async def _of_tab(tab: Tab) -> str:
    return f"// {tab.component} of {tab.package}"


async def _management(
    settings: Settings, store: FakeStore, admin: FakeAdmin, project: Project, log: FakeLog
) -> Management:
    clock, catalog = FakeClock(), Catalog()
    ids = IdSource(clock)
    catalog.swap(project)
    tracer = Tracer(store.traces)
    recorded = RecordedLog(log, store.traces, ids, clock.now_ms, is_on=True)
    expiry = StreamExpiry(store.streams, settings.streams, clock, log)
    streams = Streams(store.streams, catalog, clock, Validation("off", log), expiry)
    return Management(
        settings=settings,
        admin=admin,
        dead_letters=store.dead_letters,
        traces=store.traces,
        inspection=FakeInspection(store),
        state=State(store.state, ids, clock, log, max_value_bytes=settings.max_payload_bytes),
        streams=streams,
        tracer=tracer,
        recorded_log=recorded,
        stats=Stats(),
        live=Live(),
        replayer=FakeReplayer(),  # type: ignore[arg-type]  # nothing is repeated here
        watchers=lambda stream: 0,
        meters=lambda: Meters(0, (), 0, 0, 0),
        project=lambda: project,
        info=lambda: Info("shop"),
        bundle=_nothing,
        tabs=_no_tabs,
        bundle_tab=_of_tab,
        clock=clock,
        log=log,
    )
