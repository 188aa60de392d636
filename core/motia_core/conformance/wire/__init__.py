"""Wire cases: a scripted core plays against any sidecar and a judge watches every frame. docs/conformance-wire.md."""

from motia_core.conformance.wire import cases
from motia_core.conformance.wire.case import CASES, WireCase
from motia_core.conformance.wire.judging.seen import Broken
from motia_core.conformance.wire.running import Outcome, run_case, run_cases
from motia_core.conformance.wire.subject import OPTIONAL, REQUIRED, STEPS, Subject, prepare

__all__ = [
    "CASES",
    "OPTIONAL",
    "REQUIRED",
    "STEPS",
    "Broken",
    "Outcome",
    "Subject",
    "WireCase",
    "cases",
    "prepare",
    "run_case",
    "run_cases",
]
