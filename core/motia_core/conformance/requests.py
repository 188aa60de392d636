"""Makes the HTTP requests of a case and checks what comes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping

import httpx

from motia_core.conformance.compare import Json, contains, equal, expect, text_of

Check = Callable[[httpx.Response, Json, bytes | None], tuple[bool, str, str]]  # whether it is so, expected, came


def make_request(client: httpx.Client, request: Mapping[str, Json]) -> None:
    """Make a request as case.toml says it.

    Raises:
        NotSoError: Something else came.
    """
    content, headers = _content(request)
    method, path = request.get("method", "GET"), request["path"]
    where = f"{method} {path}"
    if "leave_after_s" in request:
        _leave(client, method, path, request["leave_after_s"])
        return
    if request.get("breaks_off"):
        try:
            response = client.request(method, path, content=content, headers=headers)
        except httpx.RemoteProtocolError:
            return
        expect(False, where, "a response that breaks off", f"a complete one: {_shown(response)}")
    try:
        response = client.request(method, path, content=content, headers=headers)
    except httpx.HTTPError as error:
        expect(False, where, "a response", f"{type(error).__name__}: {error}")
    _check(response, request, content, where)


def _leave(client: httpx.Client, method: str, path: str, after_s: float) -> None:
    """Make a request and go away while it is being answered."""
    leaves_at = time.monotonic() + after_s
    try:
        with client.stream(method, path, timeout=after_s) as response:
            for _ in response.iter_raw():
                if time.monotonic() > leaves_at:
                    return
    except httpx.TimeoutException:
        return
    expect(False, f"{method} {path}", f"no complete answer within {after_s} s", "one")


def _content(request: Mapping[str, Json]) -> tuple[bytes | None, dict[str, str]]:
    headers = dict(request.get("send", {}))
    if "body" in request:
        return request["body"].encode(), headers
    if "body_bytes" in request:
        return bytes(request["body_bytes"]), headers
    if "upload" in request:
        return _upload(request["upload"]), headers
    if "json_repeat" in request:
        repeat = request["json_repeat"]
        text = json.dumps({repeat["key"]: repeat["text"] * repeat["times"]})
    elif "json_text" in request:
        text = request["json_text"]
    elif "json" in request:
        text = json.dumps(request["json"])
    else:
        return None, headers
    return text.encode(), {"content-type": "application/json", **headers}


def _upload(upload: Mapping[str, Json]) -> bytes:
    """A multipart body with one file; its boundary is `frontier`."""
    field = upload["field"]
    head = f'Content-Disposition: form-data; name="{field}"; filename="{field}.bin"'
    content_type = "Content-Type: application/octet-stream"
    return f"--frontier\r\n{head}\r\n{content_type}\r\n\r\n{'x' * upload['bytes']}\r\n--frontier--\r\n".encode()


def _check(response: httpx.Response, wanted: Mapping[str, Json], content: bytes | None, where: str) -> None:
    came = _shown(response)
    status = wanted.get("status")
    is_so = response.status_code == status if status else response.status_code < 300
    expect(is_so, where, f"status {status or '2xx'}", came)
    for name, value in wanted.get("headers", {}).items():
        expect(response.headers.get(name) == value, where, f"{name}: {value}", f"{name}: {response.headers.get(name)}")
    for key, check in CHECKS.items():
        if key in wanted:
            is_so, expected, found = check(response, wanted[key], content)
            expect(is_so, where, expected, found)


def _shown(response: httpx.Response) -> str:
    return f"{response.status_code} {response.text[:1000]}".rstrip()


def _json(response: httpx.Response) -> Json:
    try:
        return response.json()
    except ValueError:
        expect(False, f"{response.request.method} {response.request.url.path}", "JSON", _shown(response))


def _same_entries(response: httpx.Response, name: str, _content: bytes | None) -> tuple[bool, str, str]:
    found = [entry.get(name) for entry in _json(response)]
    return len(set(found)) == 1, f"the same {name} in all entries", text_of(found)


def _texts(response: httpx.Response, texts: list[str], _content: bytes | None) -> tuple[bool, str, str]:
    missing = [text for text in texts if text not in response.text]
    return not missing, f"text with {missing}", response.text


CHECKS: Mapping[str, Check] = {
    "cookies": lambda response, wanted, _: (
        response.headers.get_list("set-cookie") == wanted,
        f"set-cookie: {wanted}",
        f"set-cookie: {response.headers.get_list('set-cookie')}",
    ),
    "text_equals": lambda response, wanted, _: (response.text == wanted, repr(wanted), repr(response.text)),
    "text_length": lambda response, wanted, _: (
        len(response.text) == wanted,
        f"{wanted} characters",
        f"{len(response.text)} characters",
    ),
    "bytes_equal": lambda response, wanted, _: (
        list(response.content) == wanted,
        f"the bytes {wanted}",
        f"the bytes {list(response.content[:200])}",
    ),
    "text_contains": _texts,
    "json_text_equals": lambda response, wanted, _: (
        text_of(_json(response)) == wanted,
        wanted,
        text_of(_json(response)),
    ),
    "json_equals": lambda response, wanted, _: (
        equal(_json(response), wanted),
        text_of(wanted),
        text_of(_json(response)),
    ),
    "json_contains": lambda response, wanted, _: (
        contains(_json(response), wanted),
        f"JSON with {text_of(wanted)}",
        text_of(_json(response)),
    ),
    "json_same": lambda response, _wanted, content: (
        equal(_json(response), json.loads(content or b"null")),
        "the JSON that was sent",
        text_of(_json(response)),
    ),
    "same": _same_entries,
}
