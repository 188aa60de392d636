"""Reads the cases and runs one of them in one language against a running core. README.md explains the format."""

from __future__ import annotations

import json
import shutil
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.conformance.core import RunningCore

HERE = Path(__file__).parent
LEVELS = ("l1_invoke", "l2_context")
LANGUAGES = ("python", "typescript", "javascript")
WITHIN_S = 10.0  # for what is eventual
PAUSE_S = 0.03

Json = Any  # what a TOML or JSON document may hold


@dataclass(frozen=True)
class Case:
    """One behaviour."""

    name: str  # for example "l1_invoke/echo"
    about: str
    languages: tuple[str, ...]
    document: dict[str, Json]

    @property
    def is_in_default(self) -> bool:
        """Whether it holds without settings of its own."""
        return bool(self.document.get("default", True))


def cases() -> list[Case]:
    """All cases of the levels."""
    found = []
    for level in LEVELS:
        for path in sorted((HERE / level).glob("*/case.toml")):
            document = tomllib.loads(path.read_text())
            languages = tuple(document.get("languages", LANGUAGES))
            found.append(Case(f"{level}/{path.parent.name}", document["about"], languages, document))
    return found


def known_gaps(language: str) -> dict[str, str]:
    """Cases that an SDK is known to fail, with the reason."""
    path = HERE / "sdks" / f"{language}.toml"
    gaps: dict[str, str] = tomllib.loads(path.read_text()).get("gaps", {}) if path.exists() else {}
    return gaps


def assemble(project: Path) -> None:
    """One project of the steps of all cases."""
    for level in LEVELS:
        for folder in sorted((HERE / level).iterdir()):
            if folder.is_dir():
                ignored = shutil.ignore_patterns("case.toml", "__pycache__")
                shutil.copytree(folder, project / "steps" / level / folder.name, ignore=ignored)


def run(case: Case, language: str, core: RunningCore) -> None:
    """Make the case's requests and check what comes of them; AssertionError when something is not as it should be."""
    document = _fill(case.document, language)
    began = time.monotonic()
    with httpx.Client(base_url=core.url, timeout=20) as client:
        for request in document.get("request", []):
            _request(client, request)
        for socket in document.get("socket", []):
            _converse(core.url.replace("http", "ws", 1), socket)
        for watch in document.get("watch", []):
            _watch(core.url.replace("http", "ws", 1), watch)
        for request in document.get("eventually", []):
            _eventually(lambda request=request: _request(client, request), request, began)  # type: ignore[misc]  # a default binds the loop's value
    for wanted in document.get("log", []):
        _eventually(lambda wanted=wanted: _logged(core, wanted), wanted, began)  # type: ignore[misc]  # as above
    for unwanted in document.get("no_log", []):
        assert not [line for line in core.log_lines() if unwanted["message"] in line]


def _eventually(check: Callable[[], None], wanted: dict[str, Json], began: float) -> None:
    deadline = began + wanted.get("within_s", WITHIN_S)
    while True:
        try:
            check()
        except AssertionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE_S)
            continue
        took_s = time.monotonic() - began
        assert took_s >= wanted.get("after_s", 0), f"too early: after {took_s:.2f} s"
        return


def _request(client: httpx.Client, request: dict[str, Json]) -> None:
    content, headers = _content(request)
    method, path = request.get("method", "GET"), request["path"]
    if "leave_after_s" in request:
        _leave(client, method, path, request["leave_after_s"])
        return
    if request.get("breaks_off"):
        try:
            client.request(method, path, content=content, headers=headers)
        except httpx.RemoteProtocolError:
            return
        raise AssertionError("the response looks complete")
    response = client.request(method, path, content=content, headers=headers)
    _check_response(response, request, content)


def _converse(base_url: str, socket: dict[str, Json]) -> None:
    """Open a WebSocket connection, send messages and compare what comes."""
    url = f"{base_url}{socket['path']}"
    if "refused" in socket:
        try:
            with connect(url):
                raise AssertionError("the connection was not refused")
        except InvalidStatus as refused:
            assert refused.response.status_code == socket["refused"]
        return
    expected = [answer for _, answer in socket["exchange"] if answer]
    for also in socket.get("also", []):
        expected.insert(-1, also)
    with connect(url) as client:
        for message, _ in socket["exchange"]:
            client.send(message)
        received = [client.recv(WITHIN_S) for _ in expected]
    assert received == expected


def _watch(base_url: str, watch: dict[str, Json]) -> None:
    """Be a client of streams: send frames, and look for what must come after each."""
    with connect(f"{base_url}{watch['path']}") as client:
        for frame, wanted in watch["exchange"]:
            client.send(json.dumps(frame))
            received = []
            while not received or not _contains(received[-1], wanted):
                try:
                    received.append(json.loads(client.recv(WITHIN_S)))
                except TimeoutError:
                    raise AssertionError(f"{wanted} never came; {received} did") from None


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
    raise AssertionError("the request was answered before the client left")


def _content(request: dict[str, Json]) -> tuple[bytes | None, dict[str, str]]:
    headers = dict(request.get("send", {}))
    if "body" in request:
        return request["body"].encode(), headers
    if "body_bytes" in request:
        return bytes(request["body_bytes"]), headers
    if "json_repeat" in request:
        repeat = request["json_repeat"]
        text = json.dumps({repeat["key"]: repeat["text"] * repeat["times"]})
    elif "upload" in request:
        return _upload(request["upload"]), headers
    elif "json_text" in request:
        text = request["json_text"]
    elif "json" in request:
        text = json.dumps(request["json"])
    else:
        return None, headers
    return text.encode(), {"content-type": "application/json", **headers}


def _upload(upload: dict[str, Json]) -> bytes:
    """A multipart body with one file; its boundary is `frontier`."""
    field = upload["field"]
    head = f'Content-Disposition: form-data; name="{field}"; filename="{field}.bin"'
    content_type = "Content-Type: application/octet-stream"
    return f"--frontier\r\n{head}\r\n{content_type}\r\n\r\n{'x' * upload['bytes']}\r\n--frontier--\r\n".encode()


def _check_response(response: httpx.Response, wanted: dict[str, Json], content: bytes | None) -> None:
    shown = f"{response.request.method} {response.request.url.path}: {response.status_code} {response.text[:500]}"
    if "status" in wanted:
        assert response.status_code == wanted["status"], shown
    else:
        assert response.status_code < 300, shown
    for name, value in wanted.get("headers", {}).items():
        assert response.headers.get(name) == value, f"{name}: {response.headers.get(name)!r}; {shown}"
    if "cookies" in wanted:
        assert response.headers.get_list("set-cookie") == wanted["cookies"], shown
    if "text_equals" in wanted:
        assert response.text == wanted["text_equals"], shown
    if "text_length" in wanted:
        assert len(response.text) == wanted["text_length"]
    if "bytes_equal" in wanted:
        assert list(response.content) == wanted["bytes_equal"], shown
    for text in wanted.get("text_contains", []):
        assert text in response.text, shown
    if "json_text_equals" in wanted:
        assert json.dumps(response.json(), ensure_ascii=False, separators=(",", ":")) == wanted["json_text_equals"], (
            shown
        )
    if "json_equals" in wanted:
        assert response.json() == wanted["json_equals"], shown
    if "json_contains" in wanted:
        assert _contains(response.json(), wanted["json_contains"]), shown
    if wanted.get("json_same"):
        assert content is not None
        assert response.json() == json.loads(content), shown
    if "same" in wanted:
        assert len({entry[wanted["same"]] for entry in response.json()}) == 1, shown


def _contains(found: Json, wanted: Json) -> bool:
    """Whether `found` has everything that `wanted` has: keys of objects, leading entries of lists."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(key in found and _contains(found[key], wanted[key]) for key in wanted)
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) >= len(wanted) and all(map(_contains, found, wanted))
    return bool(found == wanted)


def _logged(core: RunningCore, wanted: dict[str, Json]) -> None:
    needles = [wanted["message"], f'"level":"{wanted["level"]}"', *wanted.get("contains", [])]
    lines = [line for line in core.log_lines() if wanted["message"] in line]
    assert any(all(needle in line for needle in needles) for line in lines), f"no record has {needles}; found {lines}"


def _fill(value: Json, language: str) -> Json:
    """The document with {lang} filled in."""
    if isinstance(value, str):
        return value.replace("{lang}", language)
    if isinstance(value, dict):
        return {_fill(key, language): _fill(entry, language) for key, entry in value.items()}
    if isinstance(value, list):
        return [_fill(entry, language) for entry in value]
    return value
