"""`motia` as tests have it: what they do with a project, and what they ask about it. Plain calls that wait; from async
tests too, whose own loop waits meanwhile."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx

from motia_core.testing.activity import Waiting
from motia_core.testing.data import State, Stream
from motia_core.testing.errors import RigError
from motia_core.testing.fakes import fake_of
from motia_core.testing.log import Line
from motia_core.testing.operations import emit_options, to_ms, to_time_ms
from motia_core.testing.results import Called, Event, Letter, Response, Run
from motia_core.testing.rig import PATIENCE_S
from motia_core.testing.thread import RigThread

REQUEST_S = 30.0
__tracebackhide__ = True  # pytest shows the test, not what is in here


class Motia:
    """A running project, alone with its test."""

    def __init__(self, thread: RigThread) -> None:
        self._thread = thread
        self._do = thread.do
        self._rig = thread.rig
        self._http = httpx.Client(base_url=thread.rig.url, timeout=REQUEST_S, trust_env=False)
        self.url = thread.rig.url
        self.clock = Clock(thread)
        self.state = State(thread)
        self.streams = Streams(thread)
        self.aio: Any = Awaitable(self)

    # --- requests

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        body: str | bytes | None = None,
        form: Mapping[str, Any] | None = None,
        files: Any = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Response:
        """Send a request to a route, and wait for the answer.

        Args:
            json: The body, as JSON.
            body: The body as it is.
            form: Fields of a form; with `files`, as httpx takes them, of a multipart form.
            query: Parameters of the URL.
        """
        answer = self._http.request(
            method,
            path,
            json=json,
            content=body,
            data=dict(form) if form else None,
            files=files,
            headers=dict(headers or {}),
            params=dict(query) if query else None,
        )
        self._http.cookies.clear()  # each request is that of a new client
        return Response(answer.status_code, dict(answer.headers), answer.content)

    def get(self, path: str, **options: Any) -> Response:
        """`request("GET", …)`."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Response:
        """`request("POST", …)`."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> Response:
        """`request("PUT", …)`."""
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Response:
        """`request("PATCH", …)`."""
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Response:
        """`request("DELETE", …)`."""
        return self.request("DELETE", path, **options)

    # --- events and steps

    def emit(self, topic: str, data: Any = None, **options: Any) -> str:
        """Publish an event; the trace id of the run that it starts.

        Args:
            options: As of `ctx.emit`: delay, at, message_group_id, idempotency_key, idempotency_window, priority.
        """
        return self._do(self._rig.emit(topic, data, emit_options(options)))

    def call(self, step: str, given: Any = None, *, deliver: bool = False) -> Called:
        """Run the handler of a step once, and see what it does. State and streams are written.

        Args:
            given: The data of an event; for an api step a dict of body, headers, pathParams, queryParams.
            deliver: Whether what it emits is delivered.
        """
        outcome = self._do(self._rig.call(step, given, deliver=deliver))
        return Called.of(outcome, lambda: self.logs(trace_id=outcome.trace_id))

    def run_cron(self, step: str) -> str:
        """Run a cron step now, whatever its schedule says; the trace id."""
        return self._do(self._rig.run_cron(step))

    def follow_cron(self, follow: bool = True) -> None:
        """Run cron steps when time passes, until the end of the test. Otherwise their due times pass unheeded."""

        async def do() -> None:
            self._rig.follow_cron(follow=follow)

        self._do(do())

    def drain(self, *, timeout: float = PATIENCE_S, retries: bool = True, allow_failures: bool = False) -> None:
        """Wait until nothing runs and nothing is due.

        Args:
            timeout: Seconds, of real time.
            retries: Whether time passes until what has failed is tried again.
            allow_failures: Whether events may be given up.

        Raises:
            StillBusyError: It takes longer; says what still goes on.
            UnexpectedFailureError: An event was given up; says why.
        """
        self._do(self._rig.drain(timeout_s=timeout, retries=retries, allow_failures=allow_failures))

    def fake(self, step: str, handler: Callable[..., Any]) -> None:
        """Run a function in the place of a step's handler, until the end of the test.

        Args:
            handler: Takes what the step's handler takes, or less; a `Mock` will do. It runs in the test's process.
        """

        async def do() -> None:
            self._rig.fake(step, fake_of(handler, self._rig.core.log))

        self._do(do())

    def unfake(self, step: str) -> None:
        """Run a step's own handler again."""

        async def do() -> None:
            self._rig.fake(step, None)

        self._do(do())

    # --- what has happened

    def emitted(self, topic: str) -> list[Any]:
        """The data of all events of a topic that steps or the test have emitted, oldest first."""
        return [event.data for event in self.events(topic)]

    def events(self, topic: str = "") -> list[Event]:
        """All events, of a topic if one is given."""
        seen = list(self._rig.witness.emitted)
        return [Event(one.topic, one.data, one.step, one.trace_id) for one in seen if topic in ("", one.topic)]

    @contextmanager
    def watching(self, *topics: str) -> Iterator[Sequence[Event]]:
        """The events of these topics that are emitted from now on; all topics when none is given."""
        yield Seen(self, len(self._rig.witness.emitted), topics)

    def logs(
        self, text: str = "", *, step: str = "", level: str = "", trace_id: str = "", at_least: int = 1
    ) -> list[Line]:
        """Log records with this text in their message, oldest first.

        Args:
            at_least: Sidecars write theirs a little later: when there are fewer, half a second is waited for more.
        """
        return self._do(self._rig.logs(step=step, level=level, text=text, trace_id=trace_id, at_least=at_least))

    def run(self, of: Response | str) -> Run:
        """What a request, an emit or a cron step has caused.

        Args:
            of: The response, or a trace id.
        """
        trace_id = of.trace_id if isinstance(of, Response) else of
        if not trace_id:
            raise RigError(f"{of!r} has no trace id: no step has run")
        attempts = self._do(self._rig.run(trace_id))
        return Run.of(trace_id, attempts)

    def dead_letters(self, step: str = "") -> list[Letter]:
        """Events that were given up, oldest first; `drain` does not complain of them any more."""
        letters = self._do(self._rig.dead_letters())
        wanted = self._rig.step(step).id if step else ""
        return [Letter.of(one) for one in letters if wanted in ("", one.delivery.step_id)]

    def redrive(self) -> int:
        """Bring all dead letters back; how many."""
        return self._do(self._rig.core.admin.redrive_all())

    def waiting(self, step: str = "") -> list[Waiting]:
        """Events that wait: for their time, for another event, or because their step is paused; soonest first."""
        wanted = self._rig.step(step).name if step else ""
        return [one for one in self._do(self._rig.activity.waiting()) if wanted in ("", one.step)]

    # --- the whole

    def reset(self) -> None:
        """Forget all data, fakes, and what has happened. The `motia` fixture does it before each test."""
        self._do(self._rig.reset())

    def log_text(self) -> str:
        """All log records, as people read them."""
        return self._rig.log_text()

    def close(self) -> None:
        """End the project."""
        self._http.close()
        self._thread.close()

    def __enter__(self) -> Motia:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Motia {self._rig.core.settings.project} at {self.url}>"


class Awaitable:
    """`motia.aio`: the same to be awaited, for async tests whose own loop must go on: `await motia.aio.drain()`."""

    def __init__(self, of: Any) -> None:
        self._of = of

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._of, name)
        return functools.partial(self._run, found) if callable(found) else Awaitable(found)

    def __getitem__(self, name: str) -> Awaitable:
        return Awaitable(self._of[name])

    @staticmethod
    async def _run(call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        import anyio  # of any async library, as httpx has it

        return await anyio.to_thread.run_sync(functools.partial(call, *arguments, **options))


class Streams:
    """`motia.streams`: by name."""

    def __init__(self, thread: RigThread) -> None:
        self._thread = thread

    def __getitem__(self, name: str) -> Stream:
        return Stream(self._thread, name)


class Clock:
    """The time of the project. It stands still but for `advance`, and for `drain`, when something is tried again."""

    def __init__(self, thread: RigThread) -> None:
        self._do = thread.do
        self._rig = thread.rig

    @property
    def now(self) -> datetime:
        """What time it is, in UTC."""
        return datetime.fromtimestamp(self._rig.clock.now_ms() / 1000, UTC)

    def advance(self, duration: Any, *, timeout: float = PATIENCE_S, allow_failures: bool = False) -> None:
        """Let time pass: what is due meanwhile happens, in order, each at its time.

        Args:
            duration: Seconds, a timedelta, or a text such as "500ms", "30s", "5m", "2h", "7d".
            timeout: Seconds, of real time.
            allow_failures: Whether events may be given up.

        Raises:
            StillBusyError, UnexpectedFailureError: As of `Motia.drain`.
        """
        to_ms_ = self._rig.clock.now_ms() + to_ms(duration, "the duration")
        self._do(self._rig.advance(to_ms_, timeout_s=timeout, allow_failures=allow_failures))

    def advance_to(self, moment: Any, *, timeout: float = PATIENCE_S, allow_failures: bool = False) -> None:
        """Let time pass until then.

        Args:
            moment: A datetime, or a text such as "2030-01-31T09:00:00Z"; UTC, where it does not say.
        """
        until_ms = to_time_ms(moment, "the time")
        self._do(self._rig.advance(until_ms, timeout_s=timeout, allow_failures=allow_failures))


class Seen(Sequence[Event]):
    """Events, as they come."""

    def __init__(self, motia: Motia, start: int, topics: tuple[str, ...]) -> None:
        self._motia = motia
        self._start = start
        self._topics = topics

    @property
    def data(self) -> list[Any]:
        """The data of each."""
        return [event.data for event in self]

    def __getitem__(self, index: Any) -> Any:
        return self._events()[index]

    def __len__(self) -> int:
        return len(self._events())

    def __repr__(self) -> str:
        return repr(self._events())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._events() == list(other)

    __hash__ = None  # type: ignore[assignment]  # it grows

    def _events(self) -> list[Event]:
        events = self._motia.events()[self._start :]
        return [event for event in events if not self._topics or event.topic in self._topics]
