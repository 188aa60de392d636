"""Rules about a project as a whole: order, duplicates, every file accounted for."""

from __future__ import annotations

import pytest

from motia_core.errors import InternalError
from motia_core.model.project import Discovery, LoadedStep, LoadedStream, Manifest, Problem, Project
from motia_core.model.rules import check_project
from motia_core.model.step import Backoff, QueuePolicy
from tests.fakes.projects import a_file, a_project

EVENT = {"type": "event", "name": "Work", "subscribes": ["t"]}


def api(name: str, path: str, method: str = "GET") -> dict[str, object]:
    return {"type": "api", "name": name, "path": path, "method": method}


def test_steps_are_in_the_order_of_the_files_whichever_sidecar_answers_first() -> None:
    files = tuple(map(a_file, ("steps/b.step.ts", "steps/a_step.py", "src/c.step.js")))
    node = Manifest(
        tuple(LoadedStep(path, {**EVENT, "name": path}, True) for path in ("src/c.step.js", "steps/b.step.ts"))
    )
    python = Manifest((LoadedStep("steps/a_step.py", {**EVENT, "name": "a"}, True),))
    project = check_project(Discovery(files), {"python": python, "node": node})
    assert [step.path for step in project.steps] == ["steps/b.step.ts", "steps/a_step.py", "src/c.step.js"]
    assert [(step.language, step.group) for step in project.steps] == [
        ("typescript", "node"),
        ("python", "python"),
        ("javascript", "node"),
    ]
    assert project.files == files


def test_routes_that_the_config_registers_are_steps_after_those_of_files() -> None:
    files = (a_file("a.step.ts"),)
    steps = (
        LoadedStep("motia.config.ts#GET /x", api("GET /x", "/x"), True),
        LoadedStep("a.step.ts", EVENT, True),
        LoadedStep("elsewhere.ts#GET /y", api("GET /y", "/y"), True),
        LoadedStep("never/sent.step.ts", EVENT, True),
    )
    project = check_project(Discovery(files), {"node": Manifest(steps)})
    assert [(step.path, step.is_registered) for step in project.steps] == [
        ("a.step.ts", False),
        ("motia.config.ts#GET /x", True),
    ]
    assert (project.steps[1].language, project.steps[1].group) == ("typescript", "node")
    assert [file.path for file in project.files] == ["a.step.ts", "motia.config.ts#GET /x"]
    assert project.problems == ()


def test_queue_defaults_are_those_given() -> None:
    queue = QueuePolicy(max_retries=7, backoff=Backoff(base_ms=1), concurrency=3)
    manifest = Manifest((LoadedStep("a.step.ts", EVENT, True),))
    project = check_project(Discovery((a_file("a.step.ts"),)), {"node": manifest}, queue)
    assert project.steps[0].queue == queue


def test_bad_file_costs_only_itself() -> None:
    broken = Problem("error", "steps/b.step.ts", "compile", "unexpected token", 7)
    project = a_project({"steps/a.step.ts": EVENT, "steps/c_step.py": {"type": "nope"}}, problems=(broken,))
    assert [step.path for step in project.steps] == ["steps/a.step.ts"]
    assert broken in project.problems
    assert [problem.file for problem in project.problems] == ["steps/c_step.py", "steps/b.step.ts"]


def test_second_step_of_a_name_gets_an_id_of_its_own_and_a_warning_with_both_files() -> None:
    project = a_project({"a.step.ts": EVENT, "b_step.py": {**EVENT, "subscribes": ["u"]}, "c.step.js": EVENT})
    assert [step.id for step in project.steps] == ["Work", "Work (b_step.py)", "Work (c.step.js)"]
    assert [step.name for step in project.steps] == ["Work"] * 3
    warnings = project.problems
    assert [(warning.severity, warning.file, warning.phase) for warning in warnings] == [
        ("warning", "b_step.py", "rules"),
        ("warning", "c.step.js", "rules"),
    ]
    assert "is taken by a.step.ts" in warnings[0].cause
    assert warnings[0].remedy


def test_step_that_did_not_load_takes_no_name() -> None:
    project = a_project({"a.step.ts": {**EVENT, "flows": 1}, "b.step.ts": EVENT})
    assert [step.id for step in project.steps] == ["Work"]


def test_duplicate_route_is_a_warning_with_both_files_and_both_steps_stay() -> None:
    project = a_project(
        {"a.step.ts": api("A", "/x/:id"), "b_step.py": api("B", "/x/:key"), "c.step.ts": api("C", "/x/:id", "POST")}
    )
    assert len(project.steps) == 3
    (warning,) = project.problems
    assert (warning.file, warning.step, warning.severity) == ("b_step.py", "B", "warning")
    assert "GET /x/:key is served by a.step.ts (GET /x/:id)" in warning.cause


def test_warnings_of_the_sidecar_are_kept() -> None:
    manifest = Manifest(
        (LoadedStep("a.step.ts", EVENT, True, line=4, warnings=("input: z.date() cannot be expressed",)),),
        (LoadedStream("m.stream.ts", {"name": "m"}, warnings=("schema: lost",)),),
    )
    project = check_project(Discovery((a_file("a.step.ts"), a_file("m.stream.ts"))), {"node": manifest})
    assert [(p.severity, p.file, p.line, p.step, p.cause) for p in project.problems] == [
        ("warning", "a.step.ts", 4, "Work", "input: z.date() cannot be expressed"),
        ("warning", "m.stream.ts", 0, "", "schema: lost"),
    ]


def test_file_of_two_manifests_is_a_fault_of_ours() -> None:
    manifest = Manifest((LoadedStep("a.step.ts", EVENT, True),))
    with pytest.raises(InternalError, match=r"a\.step\.ts was loaded by two sidecars"):
        check_project(Discovery((a_file("a.step.ts"),)), {"node": manifest, "python": manifest})


def test_file_that_no_sidecar_speaks_of_is_a_problem() -> None:
    (problem,) = check_project(Discovery((a_file("a.step.ts"),)), {"node": Manifest()}).problems
    assert (problem.severity, problem.file) == ("error", "a.step.ts")


def test_problems_of_discovery_come_first_among_equals() -> None:
    ruby = Problem("error", "a.step.rb", "discover", "no Ruby")
    project = check_project(Discovery((a_file("a.step.rb"),), (ruby,)), {})
    assert project.problems == (ruby,)
    assert project.steps == ()


# --- streams


def test_stream_is_read() -> None:
    config = {"name": "messages", "schema": {"type": "object"}, "baseConfig": {"storageType": "default"}}
    project = a_project({"steps/m.stream.ts": config})
    assert project.problems == ()
    (stream,) = project.streams
    assert (stream.name, stream.path, stream.group, stream.config) == ("messages", "steps/m.stream.ts", "node", config)


def test_stream_without_name_is_called_like_its_file() -> None:
    assert a_project({"steps/chat_stream.py": {}}).streams[0].name == "chat"


def test_later_stream_of_a_name_is_used() -> None:
    project = a_project({"a.stream.ts": {"name": "m"}, "b.stream.ts": {"name": "m"}})
    assert [stream.path for stream in project.streams] == ["b.stream.ts"]
    (warning,) = project.problems
    assert "defined in a.stream.ts as well; the one in b.stream.ts is used" in warning.cause


def test_custom_storage_and_unknown_keys_of_a_stream_are_warnings() -> None:
    project = a_project({"a.stream.ts": {"name": "m", "baseConfig": {"storageType": "custom"}, "shema": {}}})
    assert len(project.streams) == 1
    assert [problem.severity for problem in project.problems] == ["warning", "warning"]
    assert "storageType 'custom' is not supported" in project.problems[0].cause
    assert project.problems[1].remedy == "did you mean schema?"


def test_stream_with_a_wrong_name_is_an_error() -> None:
    project = a_project({"a.stream.ts": {"name": 5}})
    assert project.streams == ()
    assert "config.name must be a string, found the number 5" in project.problems[0].cause


def several(*steps: LoadedStep) -> Project:
    path = steps[0].path
    return check_project(Discovery((a_file(path),)), {"python": Manifest(steps)})


def test_steps_of_one_file_keep_their_order_and_are_told_apart_by_their_keys() -> None:
    whole = LoadedStep("a_step.py", {**EVENT, "name": "Whole"}, True, line=9)
    first = LoadedStep("a_step.py", api("First", "/first"), True, line=3, key="first")
    project = several(first, whole)
    assert [(step.id, step.reference, step.place) for step in project.steps] == [
        ("First", "a_step.py#first", "a_step.py:3"),
        ("Whole", "a_step.py", "a_step.py"),
    ]
    assert project.problems == ()


@pytest.mark.parametrize(
    ("key", "name"), [("create_order", "CreateOrder"), ("createOrder", "CreateOrder"), ("", "a"), ("_x", "X")]
)
def test_a_step_without_a_name_is_called_after_its_key_or_its_file(key: str, name: str) -> None:
    config = {"type": "event", "subscribes": ["t"]}
    assert [step.name for step in several(LoadedStep("a_step.py", config, True, key=key)).steps] == [name]


def test_two_steps_of_a_name_in_one_file_are_an_error_with_both_lines() -> None:
    steps = [LoadedStep("a_step.py", EVENT, True, line=line, key=f"k{line}") for line in (3, 8)]
    project = several(*steps)
    assert [step.line for step in project.steps] == [3]
    [problem] = project.problems
    assert (problem.severity, problem.line, problem.step) == ("error", 8, "Work")
    assert "line 3" in problem.cause


def test_a_step_that_is_wrong_costs_no_other_of_its_file() -> None:
    project = several(
        LoadedStep("a_step.py", {"type": "event"}, True, line=3, key="bad"),
        LoadedStep("a_step.py", api("Good", "/good"), True, line=8, key="good"),
    )
    assert [step.name for step in project.steps] == ["Good"]
    assert [(one.severity, one.line, one.step) for one in project.problems] == [("error", 3, "Bad")]
