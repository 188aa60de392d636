"""Query strings and urlencoded forms as JSON, read as Express 4 does (the `qs` rules)."""

from __future__ import annotations

import orjson
from qs_codec import Charset, DecodeKind, DecodeOptions, decode

from motia_core.errors import BodyInvalidError, BodyTooLargeError
from motia_core.model.route import decode_component

MAX_PARAMETERS = 1000
QUERY_DEPTH = 5
FORM_DEPTH = 32
MAX_INDEX = 20  # a[20]=x makes an array, a[21]=x an object
MIN_FORM_INDEX = 100


def query_json(raw: bytes) -> bytes:
    """The JSON object of a query string. What is beyond a limit is left out, as in Express."""
    text = raw.decode("latin-1")
    pairs = text.split("&", MAX_PARAMETERS)[:MAX_PARAMETERS]
    if not _is_nested(text):
        return _flat_json(pairs)
    return _nested_json(pairs, QUERY_DEPTH, MAX_INDEX)


def form_json(text: str) -> bytes:
    """The JSON object of a urlencoded form.

    Raises:
        BodyTooLargeError: It has too many fields.
        BodyInvalidError: It is nested too deeply.
    """
    pairs = text.split("&")
    if len(pairs) > MAX_PARAMETERS:
        raise BodyTooLargeError(f"The form has more than {MAX_PARAMETERS} fields.", max_fields=MAX_PARAMETERS)
    if not _is_nested(text):
        return _flat_json(pairs)
    if any(pair.partition("=")[0].count("[") > FORM_DEPTH for pair in text.replace("%5B", "[").split("&")):
        raise BodyInvalidError(f"The form is nested more than {FORM_DEPTH} levels deep.", max_depth=FORM_DEPTH)
    return _nested_json(pairs, FORM_DEPTH, max(MIN_FORM_INDEX, len(pairs)))


def _is_nested(text: str) -> bool:
    return "[" in text or "%5B" in text or "%5b" in text


def _flat_json(pairs: list[str]) -> bytes:
    found: dict[str, str | list[str]] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        name, value = _decode(name), _decode(value)
        if not name or name == "__proto__":
            continue
        earlier = found.get(name)
        if earlier is None:
            found[name] = value
        elif isinstance(earlier, list):
            earlier.append(value)
        else:
            found[name] = [earlier, value]
    return orjson.dumps(found)


def _nested_json(pairs: list[str], depth: int, max_index: int) -> bytes:
    text = "&".join(pairs)
    # the library bounds the length of a[]=x&a[]=y as it bounds indices; Express bounds only those
    limit = max(max_index, len(pairs)) if "[]" in text or "%5D" in text or "%5d" in text else max_index
    options = DecodeOptions(
        depth=depth,
        list_limit=limit + 1,
        parameter_limit=MAX_PARAMETERS,
        strict_merge=False,
        decoder=_decode_token,
    )
    return orjson.dumps(_without_proto(decode(text, options)))


def _decode(text: str) -> str:
    if "+" in text:
        text = text.replace("+", " ")
    if "%" in text:
        decoded = decode_component(text)
        return text if decoded is None else decoded
    return text


def _decode_token(
    text: str | None, charset: Charset | None = None, *, kind: DecodeKind = DecodeKind.VALUE
) -> str | None:
    return None if text is None else _decode(text)


def _without_proto(value: object) -> object:
    """As qs does, so that no handler assigns to a prototype by accident."""
    if isinstance(value, dict):
        return {key: _without_proto(item) for key, item in value.items() if key != "__proto__"}
    if isinstance(value, list):
        return [_without_proto(item) for item in value]
    return value
