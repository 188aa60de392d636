"""Models of each language in one project: what they refuse is refused alike, what they make reaches the handler."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conformance.core import RunningCore, running_core

MODULES = Path(__file__).parents[2] / "sdk-node" / "node_modules"

ZOD = """
import { z } from 'zod'

const body = z.object({
  name: z.string().min(2).transform((name) => name.toUpperCase()),
  count: z.number().int().default(1),
  code: z.string().refine(async (code) => code !== 'taken', 'is taken').optional(),
})

export const config = {
  type: 'api', name: 'zod FOLDER', method: 'POST', path: '/FOLDER/:id', emits: ['made'],
  bodySchema: body,
  querySchema: z.object({ page: z.coerce.number().int().min(1).default(1) }),
  pathSchema: z.object({ id: z.string().regex(/^\\d+$/).transform(Number) }),
} as const

export const handler = async (req: any, { emit }: any) => {
  if (req.body.code === 'emit') await emit({ topic: 'made', data: { id: 'x' } })
  return { status: 200, body: { body: req.body, query: req.queryParams, path: req.pathParams } }
}
"""

PYDANTIC = """
from pydantic import BaseModel, Field, field_validator


class Body(BaseModel):
    name: str = Field(min_length=2)
    count: int = 1
    code: str | None = None

    @field_validator("name")
    @classmethod
    def upper(cls, name: str) -> str:
        return name.upper()

    @field_validator("code")
    @classmethod
    def free(cls, code: str | None) -> str | None:
        if code == "taken":
            raise ValueError("is taken")
        return code


class Query(BaseModel):
    page: int = Field(default=1, ge=1)


class Path(BaseModel):
    id: int


config = {
    "type": "api", "name": "pydantic", "method": "POST", "path": "/pydantic/:id", "emits": [],
    "bodySchema": Body, "querySchema": Query, "pathSchema": Path,
}


async def handler(req, ctx):
    body = req["body"]
    kinds = [type(body).__name__, type(req["queryParams"]).__name__, type(req.pathParams).__name__]
    body = body if isinstance(body, Body) else Body(**body)
    answer = {"body": body.model_dump(exclude_none=True), "query": req["queryParams"], "path": req["pathParams"]}
    return {"status": 200, "body": answer, "headers": {"x-kinds": ",".join(kinds)}}
"""

HEARS = """
from dataclasses import dataclass


@dataclass
class Made:
    id: int


config = {"type": "event", "name": "hears", "subscribes": ["made"], "emits": []}


async def handler(made: Made, ctx):
    await ctx.state.set("heard", str(made.id), {"type": type(made).__name__, "id": made.id})
"""

PICKY = """
from pydantic import BaseModel, field_validator


class Even(BaseModel):
    n: int

    @field_validator("n")
    @classmethod
    def even(cls, n: int) -> int:
        if n % 2:
            raise ValueError("is odd")
        return n


config = {"type": "event", "name": "picky", "subscribes": ["number"], "emits": [], "input": Even}


async def handler(even, ctx):
    await ctx.state.set("heard", "even", even.n)
"""

SEEN = """
config = {"type": "api", "name": "seen", "method": "GET", "path": "/seen/:key", "emits": []}


async def handler(req, ctx):
    return {"status": 200, "body": [await ctx.state.get("heard", req["pathParams"]["key"])]}
"""

ROUTES = ["zod4", "zod3", "pydantic"]


def write(project: Path) -> None:
    for folder, version in (("zod4", "zod4"), ("zod3", "zod")):
        modules = project / "steps" / folder / "node_modules"
        modules.mkdir(parents=True)
        shutil.copytree(MODULES / version, modules / "zod")
        (project / "steps" / folder / "order.step.ts").write_text(ZOD.replace("FOLDER", folder))
    for name, source in {"pydantic": PYDANTIC, "hears": HEARS, "picky": PICKY, "seen": SEEN}.items():
        (project / "steps" / f"{name}_step.py").write_text(source)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("schemas")
    write(folder)
    return folder


@pytest.fixture(scope="module")
def strict(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCore]:
    with running_core(project, tmp_path_factory.mktemp("data"), {"MOTIA_VALIDATION_MODE": "strict"}) as core:
        yield core


@pytest.fixture(scope="module")
def warning(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCore]:
    with running_core(project, tmp_path_factory.mktemp("data"), {}) as core:
        yield core


def post(core: RunningCore, path: str, body: Any) -> httpx.Response:
    return httpx.post(f"{core.url}{path}", json=body, timeout=20)


def violations(response: httpx.Response) -> set[tuple[str, str]]:
    assert response.status_code == 400, response.text
    document = response.json()
    assert document["code"] == "REQUEST_SCHEMA"
    errors = document["details"]["errors"]
    assert all(error.keys() == {"in", "path", "message", "keyword"} for error in errors)
    return {(error["in"], error["path"]) for error in errors}


@pytest.mark.parametrize("route", ROUTES)
def test_the_handler_gets_what_the_model_makes(strict: RunningCore, route: str) -> None:
    response = post(strict, f"/{route}/7?page=2", {"name": "ada", "unknown": True})
    assert response.status_code == 200, response.text
    assert response.json() == {"body": {"name": "ADA", "count": 1}, "query": {"page": 2}, "path": {"id": 7}}
    if route == "pydantic":
        assert response.headers["x-kinds"] == "Body,Query,Path"


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("path", "body", "wrong"),
    [
        ("7", {"name": "a"}, {("body", "/name")}),
        ("7", {"name": 1, "count": "x"}, {("body", "/name"), ("body", "/count")}),
        ("7", {}, {("body", "")}),
        ("7", {"name": "ada", "code": "taken"}, {("body", "/code")}),  # only the model itself knows
        ("7?page=0", {"name": "ada"}, {("query", "/page")}),
        ("x", {"name": "ada"}, {("path", "/id")}),
    ],
)
def test_all_languages_refuse_the_same_in_the_same_shape(
    strict: RunningCore, route: str, path: str, body: Any, wrong: set[tuple[str, str]]
) -> None:
    assert violations(post(strict, f"/{route}/{path}", body)) == wrong


@pytest.mark.parametrize("route", ROUTES)
def test_a_project_that_only_warns_gets_what_arrived(warning: RunningCore, route: str) -> None:
    response = post(warning, f"/{route}/7", {"name": "ada", "count": 3, "unknown": True})
    assert response.status_code == 200
    if route == "pydantic":  # a model class is new: its step is written for instances
        assert response.headers["x-kinds"].startswith("Body,")
        assert response.json()["body"]["name"] == "ADA"
    else:
        assert response.json()["body"] == {"name": "ada", "count": 3, "unknown": True}
    assert post(warning, f"/{route}/7", {"name": "ada", "code": 7}).status_code == (500 if route == "pydantic" else 200)


def test_an_event_that_a_model_in_another_language_refuses_is_not_emitted(strict: RunningCore) -> None:
    response = post(strict, "/zod4/7", {"name": "ada", "code": "emit"})
    assert response.status_code == 500
    wanted = "event 'made' violates the input schema of 'hears'"
    eventually(lambda: [line for line in strict.log_lines() if wanted in line])


def test_the_annotation_of_a_handler_is_a_schema(strict: RunningCore) -> None:
    assert post(strict, "/emit", {"topic": "made", "data": {"id": 5}}).status_code == 200
    seen = lambda: httpx.get(f"{strict.url}/seen/5").json()  # noqa: E731
    eventually(lambda: seen() == [{"type": "Made", "id": 5}])


def test_an_event_that_its_model_refuses_is_dead_lettered_at_once(strict: RunningCore) -> None:
    assert post(strict, "/emit", {"topic": "number", "data": {"n": 3}}).status_code == 200

    def letters() -> Any:
        found = httpx.get(f"{strict.url}/__motia/dlq").json()
        return [letter for letter in found["deadLetters"] if letter["topic"] == "number"]

    eventually(letters)
    assert letters()[0]["attempts"] == 1
    assert post(strict, "/emit", {"topic": "number", "data": {"n": "4"}}).status_code == 400
    assert post(strict, "/emit", {"topic": "number", "data": {"n": 4}}).status_code == 200
    eventually(lambda: httpx.get(f"{strict.url}/seen/even").json() == [4])


def eventually(check: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not check():
        assert time.monotonic() < deadline, "it has not come about within 10 s"
        time.sleep(0.03)
