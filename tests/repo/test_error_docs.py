"""Errors, failure kinds and protocol error codes have one row each in docs/errors.md, and say the same there."""

from __future__ import annotations

import inspect
from collections import Counter

import pytest

from motia_core import errors
from motia_core._gen.motia.v1 import failure_pb2
from motia_core.errors import MotiaError
from motia_core.model.failure import FailureKind
from motia_core.testing import errors as kit
from tests.repo.repository import ROOT, code, table

PAGE = ROOT / "docs" / "errors.md"
WHO_ACTS = {
    errors.ProjectError: {"the step author"},
    errors.RequestError: {"the HTTP caller"},
    errors.StepError: {"the step author"},
    errors.SidecarError: {"the operator", "the author of the SDK"},
    errors.StoreError: {"the operator"},
    errors.LifecycleError: {"wait", "the operator"},
    kit.KitError: {"the author of the test"},
    errors.InternalError: {"us"},
}


def all_errors() -> list[type[MotiaError]]:
    classes = dict([*inspect.getmembers(errors, inspect.isclass), *inspect.getmembers(kit, inspect.isclass)]).items()
    return [kind for _, kind in classes if issubclass(kind, MotiaError) and kind is not MotiaError]


def with_code() -> list[type[MotiaError]]:
    return [kind for kind in all_errors() if "code" in vars(kind)]


def rows() -> dict[str, list[str]]:
    return {code(row[0]): row for row in table(PAGE, "Error codes")}


def test_error_codes_are_unique() -> None:
    counts = Counter(kind.code for kind in with_code())
    assert [name for name, count in counts.items() if count > 1] == []


def test_every_error_has_a_code_or_is_a_family() -> None:
    families = {kind for kind in all_errors() if kind.__subclasses__()}
    assert [kind.__name__ for kind in all_errors() if kind not in families and "code" not in vars(kind)] == []


def test_every_error_code_has_a_row() -> None:
    assert sorted({kind.code for kind in with_code()} - rows().keys()) == []


def test_every_row_has_an_error_code() -> None:
    assert sorted(rows().keys() - {kind.code for kind in with_code()}) == []


def test_no_code_has_two_rows() -> None:
    counts = Counter(code(row[0]) for row in table(PAGE, "Error codes"))
    assert [name for name, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("kind", with_code(), ids=lambda kind: kind.code)
def test_row_says_what_the_error_does(kind: type[MotiaError]) -> None:
    _, who, status, meaning, remedy = rows()[kind.code]
    family = next(family for family in WHO_ACTS if issubclass(kind, family))
    assert who in WHO_ACTS[family]
    assert status in (str(kind.http_status), "–")
    assert meaning
    assert remedy


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.__name__)
def test_docstring_is_the_default_message(kind: type[MotiaError]) -> None:
    assert kind.__doc__ is not None
    assert kind().message == inspect.cleandoc(kind.__doc__)


def test_failure_kinds_have_one_row_each() -> None:
    found = [code(row[0]) for row in table(PAGE, "Failure kinds")]
    assert found == list(failure_pb2.FailureKind.keys())


def test_failure_kinds_of_the_model_are_those_of_the_protocol() -> None:
    prefix = "FAILURE_KIND_"
    of_protocol = {name.removeprefix(prefix).lower() for name, _ in failure_pb2.FailureKind.items()}
    assert {kind.value for kind in FailureKind} == of_protocol - {"unspecified"}


def test_protocol_error_codes_have_one_row_each() -> None:
    found = [code(row[0]) for row in table(PAGE, "Protocol error codes")]
    assert found == list(failure_pb2.ProtocolErrorCode.keys())
