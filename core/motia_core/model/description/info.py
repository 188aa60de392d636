"""What a description says about the project as a whole."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Info:
    """Title and version of a document."""

    title: str
    version: str = "1.0.0"
    description: str = ""

    def describe(self) -> dict[str, object]:
        """As OpenAPI and AsyncAPI write it."""
        facts: dict[str, object] = {"title": self.title, "version": self.version}
        return {**facts, "description": self.description} if self.description else facts
