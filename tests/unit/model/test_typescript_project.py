"""`types.d.ts` of a project: its handlers, events and streams."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from motia_core.model.project import Project
from motia_core.model.typescript_project import path_params, types_dts
from tests.fakes.projects import a_project

TEXT = {"type": "string"}


def record(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*required]}


def api(name: str, path: str = "/x", /, **more: Any) -> dict[str, Any]:
    return {"type": "api", "name": name, "path": path, "method": "POST", "emits": ["none"], **more}


def event(name: str, topic: str, /, **more: Any) -> dict[str, Any]:
    return {"type": "event", "name": name, "subscribes": [topic], "emits": ["none"], **more}


def handlers(*steps: dict[str, Any]) -> dict[str, str]:
    """The types of handlers by name, each on one line."""
    project = a_project({f"steps/s{number}.step.ts": config for number, config in enumerate(steps)})
    lines = " ".join(line.strip() for line in types_dts(project).splitlines())
    inside = lines.partition("interface Handlers {")[2].rpartition("} }")[0]
    found = (part.partition("': ") for part in inside.split("/** ")[1:])
    return {left.rpartition("'")[2]: right.strip() for left, _, right in found}


NONE = "{ topic: 'none'; data?: unknown }"


def test_the_file_has_the_shape_that_projects_know() -> None:
    project = a_project(
        {
            "steps/a.step.ts": api("Book", "/seats", bodySchema=record("row", row=TEXT), emits=["seat.booked"]),
            "steps/b_step.py": event("Print", "seat.booked", input=record("ticket", ticket=TEXT), emits=["none"]),
            "steps/c.step.ts": {"type": "cron", "name": "Sweep", "cron": "0 3 * * *", "emits": ["seat.booked"]},
            "steps/d.step.ts": {"type": "noop", "name": "Person", "virtualEmits": [], "virtualSubscribes": []},
            "steps/seat-map.stream.ts": {"name": "seatMap", "schema": record("row", row=TEXT)},
        }
    )
    text = types_dts(project).partition("*/")[2]
    assert (
        text
        == """

import type { ApiResponse, ApiRouteHandler, CronHandler, EventHandler, MotiaStream } from 'motia'

declare module 'motia' {
  interface FlowContextStateStreams {
    'seatMap': MotiaStream<{ row: string }>
  }

  interface Handlers {
    /** POST /seats · steps/a.step.ts */
    'Book': ApiRouteHandler<
      { row: string },
      ApiResponse<number, unknown>,
      { topic: 'seat.booked'; data: { ticket: string } }
    >
    /** seat.booked · steps/b_step.py */
    'Print': EventHandler<{ ticket: string }, { topic: 'none'; data?: unknown }>
    /** 0 3 * * * · steps/c.step.ts */
    'Sweep': CronHandler<{ topic: 'seat.booked'; data: { ticket: string } }>
  }
}
"""
    )


def test_an_empty_project_compiles_to_empty_interfaces() -> None:
    text = types_dts(a_project({}))
    assert "interface FlowContextStateStreams {}" in text
    assert "interface Handlers {}" in text


def test_responses_are_a_union_by_status() -> None:
    found = handlers(api("A", responseSchema={"200": TEXT, "404": record(), "default": {}}))
    assert "ApiResponse<200, string> | ApiResponse<404, {}> | ApiResponse<number, unknown>" in found["A"]


def test_parts_of_a_request_follow_their_schemas() -> None:
    schemas = {"pathSchema": record("id", id={"type": "integer"}), "querySchema": record(q=TEXT)}
    found = handlers(api("A", "/x/:id"), {**api("C", "/z/:id"), **schemas})
    assert found["A"].endswith(f"{NONE}, {{ id: string }} >")
    assert found["C"].endswith("{ id: number }, { q?: string } >")


@pytest.mark.parametrize(
    ("route", "written"),
    [
        ("/orders", "Record<string, string>"),
        ("/orders/:id", "{ id: string }"),
        ("/:from-:to.:ext?", "{ from: string; to: string; ext?: string }"),
        (r"/orders/:id(\d+)/:line?", "{ id: string; line?: string }"),
        ("/files/*", "Record<string, string>"),
        ("/:kind/(.*)", "Record<string, string>"),
    ],
)
def test_path_parameters_come_from_the_route(route: str, written: str) -> None:
    assert path_params(route) == written


def test_topics_without_subscriber_or_input_take_any_data() -> None:
    assert handlers(api("A", emits=["unheard"]))["A"].endswith("{ topic: 'unheard'; data?: unknown } >")
    assert "{ topic: 't'; data?: unknown }" in handlers(api("A", emits=["t"]), event("B", "t"))["A"]


def test_handlers_of_events_without_schema_take_anything() -> None:
    assert handlers(event("B", "t"))["B"] == f"EventHandler<any, {NONE}>"


def test_inputs_of_several_subscribers_are_wanted_at_once() -> None:
    one, other = event("B", "t", input=record("a", a=TEXT)), event("C", "t", input=record("b", b=TEXT))
    assert "data: { a: string } & { b: string }" in handlers(api("A", emits=["t"]), one, other)["A"]


def test_inputs_that_nothing_can_suit_are_wanted_one_or_the_other() -> None:
    one, other = event("B", "t", input=record("a", a=TEXT)), event("C", "t", input=record("a", a={"type": "integer"}))
    assert "data: { a: string } | { a: number }" in handlers(api("A", emits=["t"]), one, other)["A"]


def test_a_fifo_subscriber_makes_the_message_group_mandatory() -> None:
    fifo = event("B", "t", infrastructure={"queue": {"type": "fifo"}})
    assert "{ topic: 't'; data?: unknown; messageGroupId: string }" in handlers(api("A", emits=["t"]), fifo)["A"]


def test_an_emit_with_a_schema_has_the_type_of_that() -> None:
    emits = [{"topic": "t", "schema": record("c", c=TEXT)}]
    found = handlers(api("A", emits=emits), event("B", "t", input=record("a", a=TEXT)))
    assert "{ topic: 't'; data: { c: string } }" in found["A"]


def test_without_emits_every_topic_of_the_project_and_any_other_may_be_emitted() -> None:
    project = a_project({"steps/a.step.ts": api("A", emits=[]), "steps/b.step.ts": event("B", "t", input=TEXT)})
    text = types_dts(project)
    assert "type AnyEvent =\n  | { topic: 'none'; data?: unknown }\n" in text
    assert "  | { topic: 't'; data: string }\n  | { topic: string & {}; data?: unknown }\n" in text
    assert "unknown>, AnyEvent>" in text


def test_defaults_are_there_for_the_handler_and_optional_for_the_emitter() -> None:
    schema = record(count={"type": "integer", "default": 1})
    found = handlers(api("A", emits=["t"]), event("B", "t", input=schema))
    assert "data: { count?: number }" in found["A"]
    assert found["B"].startswith("EventHandler<{ count: number }")


def test_names_and_descriptions_cannot_break_out() -> None:
    found = types_dts(a_project({"steps/a.step.ts": api("it's */", description="ends */ here")}))
    assert r"'it\'s */': ApiRouteHandler" in found
    assert "ends * / here" in found


def test_the_second_step_of_a_name_is_left_out() -> None:
    assert [*handlers(api("A"), api("A", "/y"))] == ["A"]


def test_what_authentication_gives_is_an_interface() -> None:
    text = types_dts(a_project({}), record("userId", userId=TEXT))
    assert "interface StreamAuthContext { userId: string }" in text


def test_steps_of_motia_1_0_have_no_handler_type_of_0_x() -> None:
    step = replace(a_project({"a.step.ts": api("A", emits=[])}).steps[0], is_triggered=True)
    text = types_dts(Project((step,)))
    assert "interface HandlersByName {}" in text
    assert "type Handlers<TConfig" in text
    assert "AnyEvent" not in text
