"""Changes to frames on the way to or from the Python SDK: what SDKs say and hear that break the rules of handlers.

Each is for the steps of one case of the levels, so that many of them share a core.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Change = Callable[[Any], None]


@dataclass(frozen=True)
class FrameMutant:
    """An SDK that does something wrong with one kind of frame, in the steps of one case."""

    name: str
    rule: str
    case: str  # "l2_context/facts"
    kind: str  # of the frame: "invoke", "complete", …
    change: Change
    round: int  # those of one round share a core, and no case


FRAME_MUTANTS: dict[str, FrameMutant] = {}


def changes(rule: str, case: str, kind: str) -> Callable[[Change], Change]:
    """Make a mutant of a function that changes the frame's content."""

    def register(change: Change) -> Change:
        earlier = sum(each.case == case for each in FRAME_MUTANTS.values())
        name = change.__name__
        FRAME_MUTANTS[name] = FrameMutant(name, rule, case, kind, change, earlier)
        return change

    return register


@changes("LOAD-11", "l2_context/streams", "project")
def hides_streams(project: Any) -> None:
    """Does not offer a stream that the project defines."""
    project.stream_names.remove("board")


@changes("LOAD-18", "l2_context/triggers", "manifest")
def describes_first_trigger(manifest: Any) -> None:
    """Describes a step with several triggers once."""
    for step in [step for step in manifest.steps if step.trigger > 1]:
        manifest.steps.remove(step)


@changes("INVOKE-11", "l2_context/retry", "invoke")
def always_first_attempt(invoke: Any) -> None:
    """Tells every attempt that it is the first."""
    invoke.attempt = 1


@changes("INVOKE-13", "l2_context/facts", "invoke")
def loses_traceparent(invoke: Any) -> None:
    """Does not hand on the trace of the client."""
    invoke.traceparent = ""


@changes("INVOKE-14", "l2_context/middleware", "complete")
def inside_out(complete: Any) -> None:
    """Runs middleware in the order of how it was written last."""
    headers = [value.replace("outer,inner", "inner,outer") for value in complete.http.headers]
    complete.http.headers[:] = headers


@changes("HTTP-4", "l1_invoke/request", "invoke")
def no_query(invoke: Any) -> None:
    """Does not give handlers the query."""
    invoke.http.query_params = b""


@changes("HTTP-8", "l1_invoke/http", "complete")
def quotes_headers(complete: Any) -> None:
    """Writes header values as its language shows them in code."""
    complete.http.headers[1::2] = [repr(value) for value in complete.http.headers[1::2]]


@changes("HTTP-9", "l1_invoke/wildcard", "invoke")
def ignores_path_values(invoke: Any) -> None:
    """Does not read path parameters."""
    invoke.http.path_values = b""
    del invoke.http.path_params[:]


@changes("HTTP-10", "l1_invoke/multipart", "invoke")
def loses_files(invoke: Any) -> None:
    """Does not give handlers the files of a form."""
    del invoke.http.files[:]


@changes("PAYLOAD-4", "l1_invoke/bodies", "invoke")
def bytes_as_text(invoke: Any) -> None:
    """Takes bytes for text."""
    if invoke.http.body_format == 3:
        invoke.http.body_format = 2
        invoke.http.body = b"bytes"


@changes("SOCKET-1", "l2_context/sockets", "invoke")
def messages_are_connects(invoke: Any) -> None:
    """Tells a handler of another event."""
    if invoke.http.socket.kind == 3:
        invoke.http.socket.kind = 2


@changes("SOCKET-3", "l2_context/sockets", "complete")
def lets_everybody_in(complete: Any) -> None:
    """Makes a 200 of every response to a connect."""
    if complete.http.status == 403:
        complete.http.status = 200


@changes("SOCKET-4", "l2_context/sockets", "complete")
def answers_no_messages(complete: Any) -> None:
    """Sends nothing of what handlers return."""
    complete.http.body = b""
    complete.http.body_kind = 0


@changes("SOCKET-2", "l2_context/sockets_middleware", "invoke")
def middleware_around_all(invoke: Any) -> None:
    """Runs middleware around messages too."""
    if invoke.http.socket.kind == 2:
        invoke.http.socket.kind = 1


@changes("HOOK-1", "l2_context/stream_hooks", "manifest")
def hides_guards(manifest: Any) -> None:
    """Does not say that a stream has a guard."""
    for stream in manifest.streams:
        stream.has_can_access = False


@changes("HOOK-3", "l2_context/stream_hooks", "complete")
def truthy(complete: Any) -> None:
    """Takes what is not false for true."""
    if complete.HasField("answer"):
        complete.answer.value = b"true"


@changes("HOOK-4", "l2_context/stream_hooks", "invoke")
def calls_another_hook(invoke: Any) -> None:
    """Calls onLeave when somebody joins."""
    if invoke.stream.kind == 4:
        invoke.stream.kind = 5


@changes("HOOK-6", "l2_context/stream_hooks", "complete")
def failed_guard_lets_in(complete: Any) -> None:
    """Answers true when a guard throws."""
    if complete.HasField("failure"):
        complete.answer.value = b"true"


@changes("PROGRESS-1", "l2_context/run_remembers", "invoke")
def forgets(invoke: Any) -> None:
    """Runs again what was remembered."""
    del invoke.remembered[:]


@changes("PROGRESS-3", "l2_context/wait_for", "invoke")
def loses_what_came(invoke: Any) -> None:
    """Gives a handler that has waited nothing."""
    for each in invoke.remembered:
        each.value = b"null"


@changes("PROGRESS-4", "l2_context/sleep", "complete")
def ends_instead(complete: Any) -> None:
    """Ends an attempt that wants to sleep."""
    if complete.HasField("suspended"):
        complete.done.SetInParent()


@changes("PROGRESS-7", "l2_context/api_cannot_wait", "complete")
def waits_in_requests(complete: Any) -> None:
    """Suspends an api step."""
    complete.suspended.key = "wait:1"
    complete.suspended.sleep_ms = 1000


@changes("PROGRESS-10", "l2_context/atomic_run", "call")
def lets_run_write(call: Any) -> None:
    """Lets functions of run() emit and write."""
    if call.HasField("state_set") and b"refused" in call.state_set.value:
        value = json.loads(call.state_set.value)
        call.state_set.value = json.dumps({**value, "refused": []}).encode()


@changes("CANCEL-1", "l2_context/client_gone", "cancel")
def deaf(cancel: Any) -> None:
    """Does not fire the signal."""
    cancel.invocation_id = 0


@changes("PAYLOAD-5", "l2_context/no_data", "invoke")
def nothing_for_zero(invoke: Any) -> None:
    """Takes a value for none."""
    if invoke.event.data == b"0":
        invoke.event.data = b""


@changes("PAYLOAD-6", "l2_context/no_data", "invoke")
def something_for_nothing(invoke: Any) -> None:
    """Gives handlers an object where there are no data."""
    if not invoke.event.data:
        invoke.event.data = b"{}"


@changes("SCHEMA-1", "l1_invoke/schemas", "manifest")
def loses_schemas(manifest: Any) -> None:
    """Leaves schemas out of configs."""
    for step in manifest.steps:
        if "l1_invoke/schemas" in step.path:
            config = json.loads(step.config)
            step.config = json.dumps({key: value for key, value in config.items() if "Schema" not in key}).encode()
