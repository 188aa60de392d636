"""Reads the fields of a config, whatever is in them: typed values out, findings about the rest."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from motia_core.model.duration import read_duration, write_duration
from motia_core.model.step import EmitTarget
from motia_core.model.wording import UNLIMITED, describe, did_you_mean

TARGET_KEYS = frozenset({"topic", "label", "conditional", "schema"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a config. An error keeps the step from running."""

    severity: Literal["error", "warning"]
    cause: str
    remedy: str = ""


class Config:
    """A config, or a section of one. What is wrong is collected in `findings`, never raised.

    A missing field and one that is null are the same.
    """

    def __init__(self, values: Mapping[str, object], findings: list[Finding], place: str = "config") -> None:
        self._values = values
        self.place = place
        self.findings = findings

    @property
    def is_usable(self) -> bool:
        """Whether no error was found so far."""
        return all(finding.severity != "error" for finding in self.findings)

    def has(self, key: str) -> bool:
        return self._values.get(key) is not None

    def keys(self) -> tuple[str, ...]:
        return tuple(self._values)

    def value(self, key: str) -> object:
        return self._values.get(key)

    def error(self, cause: str, remedy: str) -> None:
        self.findings.append(Finding("error", cause, remedy))

    def warn(self, cause: str, remedy: str = "") -> None:
        self.findings.append(Finding("warning", cause, remedy))

    def missing(self, key: str, what: str, example: str) -> None:
        self.error(f"{self.place}.{key} is missing: {what}", f"add {example}")

    def wrong(self, key: str, expected: str, example: str) -> None:
        found = describe(self._values.get(key))
        self.error(f"{self.place}.{key} must be {expected}, found {found}", f"write {example}")

    # --- values

    def text(self, key: str, example: str) -> str:
        """A string; empty when missing."""
        value = self._values.get(key)
        if isinstance(value, str):
            return value
        if value is not None:
            self.wrong(key, "a string", example)
        return ""

    def flag(self, key: str) -> bool:
        value = self._values.get(key)
        if value is not None and not isinstance(value, bool):
            self.wrong(key, "true or false", f"{key}: true")
        return value is True

    def number(self, key: str, low: float, high: float, *, unit: str = "", whole: bool = False) -> float | None:
        """A number between the limits; None when missing or wrong."""
        value = self._values.get(key)
        if value is None:
            return None
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if is_number and low <= value <= high and not (whole and value % 1):  # type: ignore[operator]  # is a number
            return value  # type: ignore[return-value]  # the same
        kind = "a whole number" if whole else "a number"
        limits = f"of at least {low:g}" if high == UNLIMITED else f"from {low:g} to {high:g}"
        self.wrong(key, f"{kind} {limits}{unit and f' ({unit})'}", f"{key}: {max(low, 1):g}")
        return None

    def duration(self, key: str, low_ms: int, high_ms: int) -> int | None:
        """Milliseconds between the limits, from a number of seconds or a text; None when missing or wrong."""
        value = self._values.get(key)
        if value is None:
            return None
        ms = read_duration(value) if isinstance(value, str) else None
        if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= UNLIMITED:
            ms = round(value * 1000)
        if ms is not None and low_ms <= ms <= high_ms:
            return ms
        limits = f"from {write_duration(low_ms)} to {write_duration(high_ms)}"
        self.wrong(key, f"a number of seconds or a duration, {limits}", f"{key}: 30 or {key}: '30s'")
        return None

    def choice(self, key: str, choices: Collection[str]) -> str:
        """One of these; empty when missing or wrong."""
        value = self._values.get(key)
        if value is None:
            return ""
        if isinstance(value, str) and value in choices:
            return value
        *first, last = (f"'{choice}'" for choice in choices)
        near = did_you_mean(value, choices) if isinstance(value, str) else ""
        self.wrong(key, f"{', '.join(first)} or {last}", near or f"{key}: {last}")
        return ""

    def texts(self, key: str, example: str) -> tuple[str, ...]:
        """A list of strings; empty when missing."""
        value = self._values.get(key)
        if value is None:
            return ()
        if not isinstance(value, (list, tuple)):
            self.wrong(key, "a list of strings", example)
            return ()
        bad = next((item for item in value if not isinstance(item, str)), None)
        if bad is not None or None in value:
            self.error(f"{self.place}.{key} has {describe(bad)} in it, only strings may be", f"write {example}")
        return tuple(item for item in value if isinstance(item, str))

    def targets(self, key: str) -> tuple[EmitTarget, ...]:
        """Topics, or objects with a topic."""
        value = self._values.get(key)
        if value is None:
            return ()
        if not isinstance(value, (list, tuple)):
            self.wrong(key, "a list of topics", f"{key}: ['order.created']")
            return ()
        targets = (self._target(f"{key}[{position}]", item) for position, item in enumerate(value))
        return tuple(target for target in targets if target)

    def _target(self, key: str, item: object) -> EmitTarget | None:
        if isinstance(item, str) and item:
            return EmitTarget(item)
        if not isinstance(item, Mapping):
            found = describe(item)
            self.error(f"{self.place}.{key} must be a topic, found {found}", "write a string or {topic: '…'}")
            return None
        target = Config(item, self.findings, f"{self.place}.{key}")
        topic = target.text("topic", "topic: 'order.created'")
        if not topic and target.value("topic") in (None, ""):
            target.missing("topic", "what is emitted", "topic: 'order.created'")
        target.known(TARGET_KEYS)
        schema = target.value("schema")
        if schema is not None and not isinstance(schema, (Mapping, bool)):
            target.warn(f"{target.place}.schema is not a schema and ignored", "write a zod, Pydantic or JSON schema")
            schema = None
        label, is_conditional = target.text("label", "label: '…'"), target.flag("conditional")
        return EmitTarget(topic, label, is_conditional, schema) if topic else None

    def section(self, key: str) -> Config:
        """An object inside; empty when missing or wrong."""
        value = self._values.get(key)
        if value is not None and not isinstance(value, Mapping):
            self.wrong(key, "an object", f"{key}: {{…}}")
        values = value if isinstance(value, Mapping) else {}
        return Config(values, self.findings, f"{self.place}.{key}")

    def known(self, keys: Collection[str], others: Collection[str] = ()) -> None:
        """Warn about every key that is neither one of these nor of the others, which are known but not suggested."""
        for key in self._values:
            if key not in keys and key not in others:
                self.warn(f"{self.place}.{key} is not known and ignored", did_you_mean(key, keys) or "remove it")
