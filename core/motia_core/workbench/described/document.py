"""The description of the management API: OpenAPI 3.1, made of its rules and of the tables beside this."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec

from motia_core import __version__
from motia_core.workbench.described import bullmq, data, project, queues, runs
from motia_core.workbench.described.operation import NOTHING, Operation, Operations, Problem

AREAS: Mapping[str, Operations] = {
    "project": project.OPERATIONS,
    "runs": runs.OPERATIONS,
    "data": data.OPERATIONS,
    "queues": queues.OPERATIONS,
    "bullmq": bullmq.OPERATIONS,
}
ABOUT = {
    "project": "The project, the core and its processes.",
    "runs": "What has happened, and what happens.",
    "data": "State and streams.",
    "queues": "Events on their way, dead letters, cron.",
    "bullmq": "Queues as Motia 0.x had them.",
    "0.x": "What Motia 0.x had outside of /__motia.",
}
REASONS = {
    400: "The query or the body is not as described",
    401: "The token is wrong or missing",
    403: "No token is configured, and the request may come from elsewhere",
    404: "There is no such thing",
    405: "There is nothing here that could do this",
    409: "It is not as it was, or cannot be repeated",
    422: "It cannot be made of what the project has",
    413: "The body is larger than max_payload_bytes",
    500: "The core failed; its log says how",
    503: "Not now: the core shuts down, or its store does not answer",
}
_CONVERTER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")

Facts = dict[str, Any]


def described() -> dict[str, tuple[str, Operation]]:
    """Every operation with its area, by method and whole path as Quart has it."""
    found = {
        key.replace(" ", " /__motia", 1): (area, one) for area, table in AREAS.items() for key, one in table.items()
    }
    return found | {key: ("0.x", one) for key, one in queues.ELSEWHERE.items()}


def document(rules: Iterable[tuple[str, str]]) -> Facts:
    """The description.

    Args:
        rules: Method and whole path of every route; one that no table describes is a KeyError.
    """
    table = described()
    shapes = _Shapes([one for _, one in table.values()])
    paths: dict[str, Facts] = {}
    for method, path in rules:
        area, operation = table[f"{method} {path}"]
        shown = _CONVERTER.sub(lambda found: f"{{{found['name']}}}", path)
        paths.setdefault(shown, {})[method.lower()] = _operation(method, path, area, operation, shapes)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "motia-core management API",
            "version": __version__,
            "description": "What the workbench and the command line use. Times are milliseconds since the Unix epoch. "
            "On loopback it needs no token unless http.admin_token is set. POST requests are JSON.",
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {}],
        "tags": [{"name": name, "description": about} for name, about in ABOUT.items()],
        "paths": paths,
        "components": {
            "schemas": shapes.components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "http.admin_token"}},
        },
    }


class _Shapes:
    """JSON Schema of all shapes."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        given = [Problem]
        for one in operations:
            shapes = one.answer, one.body, one.query, *(one.also or {}).values()
            given += [shape for shape in shapes if shape is not None and not isinstance(shape, str)]
        schemas, self.components = msgspec.json.schema_components(given, ref_template="#/components/schemas/{name}")
        self._schemas = {id(shape): schema for shape, schema in zip(given, schemas, strict=True)}
        queries = {one.query.__name__ for one in operations if one.query is not None}
        self._queries = {name: self.components.pop(name) for name in queries}

    def of(self, shape: Any) -> Facts:
        """Of a shape that was given."""
        return self._schemas[id(shape)]

    def parameters(self, query: Any) -> list[Facts]:
        """The members of a query, as parameters."""
        if query is None:
            return []
        schema = self._queries[query.__name__]
        needed = schema["required"]
        return [
            {"name": name, "in": "query", "required": name in needed, "schema": cast(Facts, one)}
            for name, one in schema["properties"].items()
        ]


def _operation(method: str, path: str, area: str, operation: Operation, shapes: _Shapes) -> Facts:
    parameters: list[Facts] = [
        {
            "name": found["name"],
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 1} if found["kind"] == "int" else {"type": "string"},
        }
        for found in _CONVERTER.finditer(path)
    ]
    facts: Facts = {
        "operationId": re.sub(r"\W+", "-", f"{method.lower()} {path}").strip("-") + ("-" if path.endswith("/") else ""),
        "tags": [area],
        "summary": operation.summary,
        "parameters": parameters + shapes.parameters(operation.query),
        "responses": _responses(operation, shapes),
    }
    if operation.body is not None:
        facts["requestBody"] = {"required": True, "content": _content(shapes.of(operation.body))}
    if operation.is_open:
        facts["security"] = []
    return facts


def _responses(operation: Operation, shapes: _Shapes) -> Facts:
    refusals = {500, *operation.errors} | (set() if operation.is_open else {401, 403})
    if operation.body is not None:
        refusals |= {400, 413}  # whatever it is about: it must be JSON, and not too large
    answers = {operation.status: operation.answer, **(operation.also or {})}
    responses: dict[int, Facts] = {}
    for status, answer in answers.items():
        responses[status] = {"description": operation.summary if status == operation.status else REASONS[status]}
        if answer != NOTHING:
            is_text = isinstance(answer, str)
            content = {answer: {"schema": {"type": "string"}}} if is_text else _content(shapes.of(answer))
            responses[status]["content"] = content
    problem = _content(shapes.of(Problem))
    responses |= {status: {"description": REASONS[status], "content": problem} for status in refusals}
    return {str(status): responses[status] for status in sorted(responses)}


def _content(schema: Facts) -> Facts:
    return {"application/json": {"schema": schema}}
