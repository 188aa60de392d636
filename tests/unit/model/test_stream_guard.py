"""Who may connect to streams when the configs say so, say it twice, or cannot be loaded."""

from __future__ import annotations

from dataclasses import replace

from motia_core.model.project import Manifest, Problem, Project
from motia_core.model.stream import Stream
from motia_core.model.stream_guard import with_stream_auth

STREAM = Stream("chat", "steps/chat.stream.ts", "typescript", "node")
PROJECT = Project(streams=(STREAM,))
NODE, PYTHON = {"node": "motia.config.ts"}, {"python": "motia.config.py"}
HAVING = Manifest(has_stream_auth=True)
BROKEN = Manifest(problems=(Problem("error", "motia.config.ts", "import", "threw: no key"),))


def test_a_project_without_one_is_open() -> None:
    assert with_stream_auth(PROJECT, {"node": Manifest()}, NODE) is PROJECT
    assert with_stream_auth(PROJECT, {}, {}) is PROJECT


def test_the_one_that_has_it_is_asked() -> None:
    for configs, language in ((NODE, "typescript"), (PYTHON, "python")):
        [(group, path)] = configs.items()
        guarded = with_stream_auth(PROJECT, {group: HAVING}, configs)
        assert guarded.stream_auth is not None
        assert (guarded.stream_auth.path, guarded.stream_auth.language) == (path, language)
        assert not guarded.closed_streams


def test_one_that_may_have_it_and_cannot_be_loaded_closes_the_streams() -> None:
    closed = with_stream_auth(PROJECT, {"node": BROKEN}, NODE)
    assert "could not be loaded" in closed.closed_streams
    [problem] = closed.problems
    assert (problem.severity, problem.file, problem.remedy) == ("error", "motia.config.ts", "correct motia.config.ts")


def test_a_warning_about_it_closes_nothing() -> None:
    warned = Manifest(problems=(replace(BROKEN.problems[0], severity="warning"),), has_stream_auth=True)
    assert with_stream_auth(PROJECT, {"node": warned}, NODE).stream_auth is not None


def test_two_of_them_close_the_streams() -> None:
    closed = with_stream_auth(PROJECT, {"node": HAVING, "python": HAVING}, {**NODE, **PYTHON})
    assert "both have a streamAuth" in closed.closed_streams
    assert closed.stream_auth is None


def test_without_streams_nobody_is_bothered() -> None:
    closed = with_stream_auth(Project(), {"node": BROKEN}, NODE)
    assert closed.closed_streams
    assert closed.problems == ()
