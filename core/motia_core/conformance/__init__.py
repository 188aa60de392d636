"""The conformance kit: what shows that an SDK keeps the rules of docs/protocol.md. docs/conformance.md describes it."""

from __future__ import annotations

from motia_core.conformance.kit import run
from motia_core.conformance.report import Outcome, Report, Result

__all__ = ["Outcome", "Report", "Result", "run"]
