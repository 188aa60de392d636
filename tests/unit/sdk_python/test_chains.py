"""How handlers, middlewares and schemas are taken apart at load time."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from motia.errors import BadResultError
from motia.middleware import adapt, compose, count_parameters, is_async
from motia.response import read_headers, read_status
from motia.schema import SchemaError, plain_config, to_json_schema, without_functions
from motia.threads import Threads


async def coroutine(req: Any, ctx: Any) -> None: ...


def function(req: Any, ctx: Any = None, *, option: int = 1) -> tuple[Any, Any]:
    return (req, ctx)


class Callable_:
    async def __call__(self, req: Any) -> None: ...


def test_async_is_seen_through_partials_and_objects() -> None:
    assert is_async(coroutine)
    assert is_async(functools.partial(coroutine, 1))
    assert is_async(Callable_())
    assert not is_async(function)
    assert not is_async(lambda: coroutine(1, 2))


def test_parameters_are_counted() -> None:
    assert count_parameters(function) == (1, 2)
    assert count_parameters(lambda *args: args) == (0, 2)
    assert count_parameters(Callable_().__call__) == (1, 1)
    assert count_parameters(functools.partial(function, 1)) == (0, 1)
    assert count_parameters(dict.fromkeys) == (1, 2)


@pytest.mark.parametrize(
    ("handler", "is_cron", "seen"),
    [
        (lambda: (), False, ()),
        (lambda a: (a,), False, ("input",)),
        (lambda a, b: (a, b), False, ("input", "context")),
        (lambda a, b, c=3: (a, b, c), False, ("input", "context", 3)),
        (lambda: (), True, ()),
        (lambda a: (a,), True, ("context",)),
        (lambda a, b=2: (a, b), True, ("context", 2)),
        (lambda a, b: (a, b), True, ("input", "context")),
        (lambda *a: a, True, ("context",)),
    ],
)
def test_handlers_get_what_they_take(handler: Any, is_cron: bool, seen: tuple[Any, ...]) -> None:
    assert adapt(handler, is_cron)("input", "context") == seen


def test_a_chain_is_in_a_thread_only_when_all_of_it_is_sync() -> None:
    threads = Threads("test", 1)

    def sync_middleware(req: Any, ctx: Any, next_fn: Any) -> Any:
        return next_fn({"replaced": req})

    async def async_middleware(req: Any, ctx: Any, next_fn: Any) -> Any:
        return await next_fn()

    run, in_thread = compose(function, [sync_middleware], False, threads)
    assert in_thread
    assert run("input", "context") == ({"replaced": "input"}, "context")
    assert not compose(function, [sync_middleware, async_middleware], False, threads)[1]
    assert not compose(coroutine, [sync_middleware], False, threads)[1]


def test_functions_are_left_out_of_configs() -> None:
    config = {"a": len, "b": [len, 1], "c": {"d": lambda: 1, "e": (1,)}}
    assert without_functions(config) == {"b": [None, 1], "c": {"e": [1]}}
    text, warnings = plain_config({"middleware": [len], "input": 5, "n": 1})
    assert text == b'{"n":1}'
    assert len(warnings) == 1
    assert "config.input was dropped: a int is no schema" in warnings[0]


def test_schemas_that_raise_are_schema_errors() -> None:
    class Raises:
        @classmethod
        def model_json_schema(cls) -> dict[str, Any]:
            raise RuntimeError("deep\ntrace")

    with pytest.raises(SchemaError, match=r"^Raises cannot be expressed as JSON Schema: deep$"):
        to_json_schema(Raises)
    assert to_json_schema(list[int]) == {"items": {"type": "integer"}, "type": "array"}


@pytest.mark.parametrize(("status", "number"), [(200, 200), ("404", 404), (201.0, 201), (-1, -1)])
def test_statuses(status: Any, number: int) -> None:
    assert read_status(status) == number


@pytest.mark.parametrize("status", [None, True, "ok", 200.5, 2**40, [200]])
def test_what_is_no_status(status: Any) -> None:
    with pytest.raises(BadResultError, match="status must be an integer"):
        read_status(status)


def test_headers() -> None:
    assert read_headers([("a", "1"), ("a", 2)]) == ["a", "1", "a", "2"]
    assert read_headers({"a": ["1", "2"], "b": None, "c": False}) == ["a", "1", "a", "2", "c", "false"]
    with pytest.raises(BadResultError):
        read_headers(["ab", "c"])
