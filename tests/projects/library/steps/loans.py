"""What the steps of loans share."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Condition(StrEnum):
    """How a book looks."""

    FINE = "fine"
    WORN = "worn"


class Reader(BaseModel):
    """Who reads."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100, examples=["Ada"])
    recommended_by: Reader | None = None


class Loan(BaseModel):
    """A book that is out."""

    model_config = ConfigDict(extra="forbid")

    isbn: str = Field(pattern=r"^[0-9]{4,13}$")
    reader: Reader
    until: date
    condition: Condition = Condition.FINE
    deposit: float = Field(default=0, ge=0, lt=1000, multiple_of=0.5)


Reader.model_rebuild()
