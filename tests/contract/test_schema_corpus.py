"""The core, zod and Pydantic accept and refuse the same, wherever their schemas can say the same."""

from __future__ import annotations

import enum
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Optional, Union

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model

from motia_core.model.schema import Schema
from tests.repo.repository import ROOT

SUITE = ROOT / "tests" / "vendor" / "json-schema-test-suite"
SDK = ROOT / "sdk-node"
DIALECTS = {
    "draft7": "http://json-schema.org/draft-07/schema#",
    "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
}
REMOTE = "http://localhost:1234"
ZOD_DIFFERS = {  # where zod does not do what its own JSON Schema says
    "dependencies": "zod keeps the keyword and does not look at it",
    "const with object": "zod compares objects by identity",
    "const with {": "the same",
    "heterogeneous enum validation": "the same",
    "naive replacement of $ref": "the same",
}

Group = tuple[str, dict[str, Any]]


def groups() -> Iterator[Group]:
    """Schemas with values that they accept or refuse."""
    for draft in DIALECTS:
        for file in sorted((SUITE / draft).glob("*.json")):
            for group in json.loads(file.read_text()):
                if REMOTE not in json.dumps(group["schema"]):
                    yield f"{draft}/{file.stem}: {group['description']}", group


def test_the_core_accepts_what_the_standard_accepts() -> None:
    checked = 0
    for name, group in groups():
        if name.startswith("draft2020-12/format:"):
            continue  # there a format need not be checked; we do
        schema = group["schema"]
        if isinstance(schema, dict):
            schema = {"$schema": DIALECTS[name.partition("/")[0]], **schema}
        compiled = Schema(schema)
        for test in group["tests"]:
            assert (not compiled.check(test["data"])) == test["valid"], f"{name}: {test['description']}"
            checked += 1
    assert checked > 1_900


def test_zod_types_accept_the_same_in_the_core() -> None:
    corpus = list(groups())
    question = [{"schema": g["schema"], "tests": [test["data"] for test in g["tests"]]} for _, g in corpus]
    node = shutil.which("node")
    assert node is not None
    script = Path(__file__).with_name("zod_corpus.mjs")
    ran = subprocess.run(
        [node, script, SDK], input=json.dumps(question), check=False, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    compared = 0
    for (name, group), answer in zip(corpus, json.loads(ran.stdout), strict=True):
        if answer is None or any(known in name for known in ZOD_DIFFERS):
            continue
        assert "warning" not in answer, name
        compiled = Schema(answer["schema"])
        for test, accepted in zip(group["tests"], answer["accepted"], strict=True):
            assert (not compiled.check(test["data"])) == accepted, f"{name}: {test['description']}"
            compared += 1
    assert compared > 1_500


class Colour(enum.Enum):
    RED = "red"
    NONE = "none"


SCALARS = st.sampled_from(
    [
        str,
        int,
        bool,
        float,
        Colour,
        Literal["a", "b"],
        Literal[2, 3],  # not 1: Pydantic takes true for it, which JSON Schema does not
        Annotated[str, Field(min_length=1, max_length=3)],
        Annotated[str, Field(pattern="^[ab]+$")],
        Annotated[int, Field(ge=-2, lt=3)],
        Annotated[int, Field(multiple_of=2)],
        Annotated[float, Field(gt=0, le=1)],
    ]
)
NAMES = st.sampled_from(["a", "b", "c"])


def _models(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def model(fields: dict[str, tuple[Any, bool]], extra: Literal["ignore", "forbid"]) -> type[BaseModel]:
        defaults = {name: (kind, ... if is_required else None) for name, (kind, is_required) in fields.items()}
        return create_model("Model", __config__=ConfigDict(extra=extra), **defaults)  # type: ignore[call-overload]  # made of data

    fields = st.dictionaries(NAMES, st.tuples(inner, st.booleans()), max_size=3)
    return st.builds(model, fields, st.sampled_from(["ignore", "forbid"]))


TYPES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        inner.map(lambda kind: list[kind]),  # type: ignore[valid-type]  # made at run time, here and below
        inner.map(lambda kind: Annotated[list[kind], Field(min_length=1, max_length=2)]),  # type: ignore[valid-type]
        inner.map(lambda kind: dict[str, kind]),  # type: ignore[valid-type]
        inner.map(lambda kind: Optional[kind]),  # noqa: UP045 - made at run time
        st.tuples(inner, inner).map(lambda kinds: Union[kinds[0], kinds[1]]),  # noqa: UP007
        _models(inner),
    ),
    max_leaves=4,
)
# No floats without a fraction: they are integers in JSON Schema, and none in Python.
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 4),
        st.sampled_from([0.5, -0.5, 1.5, "a", "b", "ab", "aaaa", "", "red", "none", "x"]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=4,
)


@given(TYPES, st.lists(VALUES, min_size=1, max_size=12))
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_pydantic_types_accept_the_same_in_the_core(kind: Any, values: list[Any]) -> None:
    adapter = TypeAdapter(kind)
    compiled = Schema(adapter.json_schema())
    for value in values:
        text = json.dumps(value)
        try:
            adapter.validate_json(text, strict=True)
        except ValidationError:
            accepted = False
        else:
            accepted = True
        assert (not compiled.violations(text.encode())) == accepted, (adapter.json_schema(), value)


@pytest.mark.parametrize("value", [5, 5.0])
def test_a_float_without_a_fraction_is_an_integer_in_json(value: float) -> None:
    assert Schema({"type": "integer"}).violations(json.dumps(value).encode()) == []
