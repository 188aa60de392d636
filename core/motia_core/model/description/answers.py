"""Bodies of requests and responses, and the errors that the core answers by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import cast

from motia_core.errors import (
    BodyInvalidError,
    BodyTooLargeError,
    BodyUnsupportedError,
    DrainingError,
    MotiaError,
    NoSidecarError,
    OverloadedError,
    PathInvalidError,
    RequestSchemaError,
    RouteNotFoundError,
    SidecarLostError,
    StepFailedError,
    StepNotLoadedError,
    StepTimeoutError,
    StoreFullError,
    StoreUnavailableError,
)
from motia_core.model.description.components import PREFIX, Components, Embedded, is_schema
from motia_core.model.description.dialect import Schema
from motia_core.model.description.samples import NOTHING, sample
from motia_core.model.step import Step

PROBLEM = "Problem"
RESPONSES = "#/components/responses/"
JSON, BYTES, TEXTS = "application/json", "application/octet-stream", ("text/html", "text/plain")
PROBLEM_SCHEMA: Schema = {
    "type": "object",
    "description": "What the core answers when a step cannot, or must not, answer itself.",
    "properties": {
        "error": {"type": "string", "description": "What is wrong, for people."},
        "code": {"type": "string", "description": "What is wrong, for programs; docs/errors.md lists them all."},
        "details": {
            "type": "object",
            "properties": {
                "errors": {
                    "type": "array",
                    "description": "One entry for each violation of a schema.",
                    "items": {
                        "type": "object",
                        "properties": {
                            "in": {"type": "string", "description": "body, query, path, headers or data"},
                            "path": {"type": "string", "description": "JSON pointer to the value that is wrong"},
                            "message": {"type": "string"},
                            "keyword": {"type": "string", "description": "of the schema, such as required"},
                        },
                        "required": ["in", "path", "message", "keyword"],
                    },
                }
            },
        },
    },
    "required": ["error"],
}
# by status: the name of the response among the document's own, and the errors it stands for
PROBLEMS: Mapping[int, tuple[str, tuple[type[MotiaError], ...]]] = {
    400: ("BadRequest", (RequestSchemaError, BodyInvalidError, PathInvalidError)),
    404: ("NotFound", (RouteNotFoundError,)),
    413: ("BodyTooLarge", (BodyTooLargeError,)),
    415: ("BodyUnsupported", (BodyUnsupportedError,)),
    500: ("Failed", (StepFailedError,)),
    502: ("SidecarLost", (SidecarLostError,)),
    503: (
        "Unavailable",
        (
            OverloadedError,
            DrainingError,
            NoSidecarError,
            StepNotLoadedError,
            StoreFullError,
            StoreUnavailableError,
        ),
    ),
    504: ("Timeout", (StepTimeoutError,)),
}
ALWAYS = (400, 500, 502, 503, 504)  # 400: a path or a query can be malformed anywhere
WITH_BODY = (413, 415)
_STATUS = re.compile(r"[1-5](?:\d\d|XX)")
_BODILESS = re.compile(r"1..|204|304")


def shared_responses() -> dict[str, Schema]:
    """The responses of the core itself, by name."""
    return {name: _problem(status, errors) for status, (name, errors) in PROBLEMS.items()}


def _problem(status: int, errors: tuple[type[MotiaError], ...]) -> Schema:
    causes = [f"`{error.code}`: {_sentence(error())}" for error in errors]
    example: Schema = {"error": errors[0]().message, "code": errors[0].code}
    if status == 400:
        violation = {"in": "body", "path": "/id", "message": '"id" is a required property', "keyword": "required"}
        example["details"] = {"errors": [violation]}
    if status == 500:
        del example["code"]  # contract 3.4: this and nothing else
        causes = ["The handler raised, or returned something that is not a response."]
    response: Schema = {
        "description": " ".join(causes),
        "content": {JSON: {"schema": {"$ref": PREFIX + PROBLEM}, "example": example}},
    }
    if status == 503:
        wait = {"description": "Seconds to wait before the next try.", "schema": {"type": "integer"}}
        response["headers"] = {"Retry-After": wait}
    return response


def _sentence(error: MotiaError) -> str:
    text = " ".join(error.message.split())
    return text if text.endswith(".") else f"{text}."


def request_body(components: Components, step: Step, name: str) -> Schema | None:
    """What bodySchema says; None when there is none."""
    source = step.config.get("bodySchema")
    if source is None or not is_schema(source):
        return None
    schema = components.embed(source, f"{name}Body")
    content = {media: _media(components, schema) for media in _media_types(components, schema, ("text/plain",))}
    body: Schema = {"content": content}
    if not components.accepts(schema, {}):  # what handlers see of a request without one
        body["required"] = True
    return body


def responses(components: Components, step: Step, name: str, *, has_params: bool) -> dict[str, Schema]:
    """What a step answers, by status, and what the core answers for it."""
    found: dict[str, Schema] = {}
    declared = step.config.get("responseSchema")
    for key, source in declared.items() if isinstance(declared, Mapping) else ():
        if (status := status_of(key)) and is_schema(source):
            found[status] = _response(components, status, components.embed(source, f"{name}{status.title()}"))
    if not found:
        found["default"] = {"description": "What the handler returns; the step has no responseSchema."}
    statuses = [*ALWAYS, *(WITH_BODY if takes_body(step) else ()), *((404,) if has_params else ())]
    for number in sorted(statuses):
        key = str(number)
        if key in found:
            _add_problem(found[key])
        else:
            found[key] = {"$ref": RESPONSES + PROBLEMS[number][0]}
    return dict(sorted(found.items(), key=lambda item: (item[0] == "default", item[0])))


def status_of(key: object) -> str:
    """A key of responseSchema as OpenAPI writes it: 200, 2XX or default; empty when it is none of these."""
    status = str(key).upper()
    return "default" if status == "DEFAULT" else status if _STATUS.fullmatch(status) else ""


def is_bodiless(status: str) -> bool:
    """Whether responses with this status have no body."""
    return _BODILESS.fullmatch(status) is not None


def takes_body(step: Step) -> bool:
    """Whether clients may send the step a body."""
    return step.method not in ("GET", "HEAD") or step.config.get("bodySchema") is not None


def _response(components: Components, status: str, schema: Embedded) -> Schema:
    says = components.target(schema).get("description")
    response: Schema = {"description": says if isinstance(says, str) and says else _phrase(status)}
    if not is_bodiless(status) and schema is not False:
        content = {media: _media(components, schema) for media in _media_types(components, schema, TEXTS)}
        if content:
            response["content"] = content
    return response


def _add_problem(response: Schema) -> None:
    """The handler and the core both answer with this status."""
    content = cast("dict[str, Schema]", response.setdefault("content", {}))
    problem: Schema = {"$ref": PREFIX + PROBLEM}
    media = content.get(JSON)
    content[JSON] = {"schema": problem} if media is None else {**media, "schema": _either(media["schema"], problem)}


def _either(first: object, second: Schema) -> Schema:
    return {"anyOf": [first, second]}


def _phrase(status: str) -> str:
    try:
        return HTTPStatus(int(status)).phrase
    except ValueError:
        return "Any other response" if status == "default" else f"Response for status code {status}"


def _media(components: Components, schema: Embedded) -> Schema:
    media: Schema = {"schema": schema}
    if (example := sample(components, schema)) is not NOTHING:
        media["example"] = example
    return media


def _media_types(components: Components, schema: Embedded, texts: tuple[str, ...]) -> tuple[str, ...]:
    """How a body travels: texts as they are, bytes as bytes, everything else as JSON."""
    kinds = _kinds(components, schema, 0)
    found = [JSON] if kinds - {"string", "binary"} or not kinds else []
    if "binary" in kinds:
        found.append(BYTES)
    return (*found, *texts) if "string" in kinds else tuple(found)


def _kinds(components: Components, schema: Embedded, depth: int) -> set[str]:
    """The types that a schema may accept, with "binary" for strings of bytes; empty: it does not say."""
    if isinstance(schema, bool) or depth > 10:
        return set()
    says = components.target(schema)
    if says.get("format") == "binary" or says.get("contentEncoding") == "binary":
        return {"binary"}
    values = says.get("enum", [says["const"]] if "const" in says else None)
    if isinstance(values, list):
        return {"string" if isinstance(value, str) else "json" for value in values}
    kinds = says.get("type")
    if isinstance(kinds, str):
        return {kinds}
    if isinstance(kinds, (list, tuple)):
        return set(map(str, kinds))
    for key in ("anyOf", "oneOf"):
        if isinstance(options := says.get(key), list):
            return set().union(*(_kinds(components, option, depth + 1) or {"json"} for option in options))
    for part in cast("list[Embedded]", says.get("allOf", [])):
        if found := _kinds(components, part, depth + 1):
            return found
    return set()
