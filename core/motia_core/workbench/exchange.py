"""What the endpoints of the management API read and write."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import cast

from quart import Response, request

from motia_core.errors import BodyInvalidError, QueryInvalidError
from motia_core.model.wording import describe
from motia_core.workbench.describe import text_of_json

LARGEST_PAGE = 1_000
Rule = tuple[str, str, Callable[..., Awaitable[Response]]]  # method, path below the prefix, what answers
HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


async def read_body() -> dict[str, object]:
    """The JSON object that was sent.

    Raises:
        BodyInvalidError: It is none.
    """
    data = cast(bytes, await request.get_data())
    try:
        body = json.loads(data, parse_constant=_not_json)
    except (ValueError, RecursionError) as error:
        raise BodyInvalidError(f"The body is not JSON: {error}.") from error
    if not isinstance(body, dict):
        raise BodyInvalidError(f"The body must be an object, found {describe(body)}.")
    return body


def _not_json(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")


def read_number(name: str, default: int, *, at_least: int = 1, at_most: int = LARGEST_PAGE) -> int:
    """A query parameter.

    Raises:
        QueryInvalidError: It is no such number.
    """
    text = request.args.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"\d{1,16}", text, re.ASCII) or not at_least <= int(text) <= at_most:
        raise QueryInvalidError(f"{name} must be a number from {at_least} to {at_most}, found {text!r}.")
    return int(text)


def to_json(content: object, status: int = 200) -> Response:
    """A response with JSON."""
    return json_text(text_of_json(content), status)


def json_text(body: bytes | str, status: int = 200) -> Response:
    """The same for what is JSON text already."""
    return Response(body, status, HEADERS, content_type="application/json; charset=utf-8")
