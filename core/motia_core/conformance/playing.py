"""Plays one case in one language against a running core. docs/conformance.md describes what a case.toml may say."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial

import httpx

from motia_core.conformance.case import Case, Json, filled
from motia_core.conformance.compare import NotSoError, expect
from motia_core.conformance.life import SCENARIOS
from motia_core.conformance.life.scene import Scene
from motia_core.conformance.requests import make_request
from motia_core.conformance.running import RunningCore
from motia_core.conformance.sockets import converse, watch
from motia_core.conformance.stage import Stage

WITHIN_S = 10.0  # for what is eventual
PAUSE_S = 0.03
ANSWER_S = 20.0


def play(case: Case, lang: str, stage: Stage) -> None:
    """Do what a case says and check what comes of it.

    Raises:
        NotSoError: Something is not as it should be.
    """
    document = filled(case.document, {"lang": lang})
    core = stage.core
    began = time.monotonic()
    for wanted in document.get("problem", []):
        _check_problem(core, case, lang, wanted)
    with httpx.Client(base_url=core.url, timeout=ANSWER_S) as client:
        for request in document.get("request", []):
            make_request(client, request)
        for socket in document.get("socket", []):
            converse(core.url, socket)
        for exchange in document.get("watch", []):
            watch(core.url, exchange)
        for request in document.get("eventually", []):
            eventually(partial(make_request, client, request), request, began)
    if "scenario" in document:
        SCENARIOS[document["scenario"]](Scene(stage, lang))
    for wanted in document.get("log", []):
        eventually(partial(_check_log, core, wanted), wanted, began)
    for unwanted in document.get("no_log", []):
        found = [line for line in core.log_lines() if unwanted["message"] in line]
        expect(not found, "the log", f"no record with {unwanted['message']!r}", "".join(found[:1]))


def eventually(check: Callable[[], None], wanted: Mapping[str, Json], began: float) -> None:
    """Check again and again until it is so.

    Raises:
        NotSoError: It was not so in time, or too early.
    """
    deadline = began + wanted.get("within_s", WITHIN_S)
    while True:
        try:
            check()
        except NotSoError:
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE_S)
            continue
        took_s = time.monotonic() - began
        after_s = wanted.get("after_s", 0)
        expect(took_s >= after_s, str(wanted.get("path", "")), f"this after {after_s} s", f"it after {took_s:.2f} s")
        return


def _check_log(core: RunningCore, wanted: Mapping[str, Json]) -> None:
    needles = [wanted["message"], f'"level":"{wanted["level"]}"', *wanted.get("contains", [])]
    lines = [line for line in core.log_lines() if wanted["message"] in line]
    is_so = any(all(needle in line for needle in needles) for line in lines)
    expect(is_so, "the log", f"a record with {needles}", "\n".join(lines) or "none")


def _check_problem(core: RunningCore, case: Case, lang: str, wanted: Mapping[str, Json]) -> None:
    """The case's files in a language could not be loaded, for the right reason."""
    place = f"steps/{case.name}/"
    found = [problem for problem in core.problems if str(problem["file"]).startswith(place)]
    of_lang = [problem for problem in found if wanted.get("file", "").format(lang=lang) in str(problem["file"])]
    is_so = any(
        problem["phase"] in wanted["phase"] and any(cause in str(problem["cause"]) for cause in wanted["cause"])
        for problem in of_lang
    )
    came = "; ".join(f"{problem['file']}: {problem['phase']}: {problem['cause']}" for problem in of_lang)
    expect(is_so, f"loading {place}", f"a problem of {wanted['phase']} with {wanted['cause']}", came or "none")
