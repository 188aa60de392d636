"""Multipart bodies: what is read of them, and what is refused."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import orjson
import pytest

from motia_core.ingress.multipart import MAX_PARTS, Uploads
from motia_core.model.http import BodyFormat, BodyKind, HttpRequest, HttpResponse
from tests.unit.ingress.rig import Response, Rig

TYPE = [("content-type", "multipart/form-data; boundary=b")]
END = b"--b--\r\n"


def part(name: str, content: bytes, *, filename: str | None = None, more: str = "") -> bytes:
    file = "" if filename is None else f'; filename="{filename}"'
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{file}\r\n{more}\r\n'
    return head.encode() + content + b"\r\n"


def ask(
    tmp_path: Path, body: bytes | list[bytes], headers: list[tuple[str, str]] | None = None, **limits: int
) -> tuple[Response, HttpRequest | None]:
    """Send a form; the response, and what the step got with the contents of its files."""
    sizes = {"max_bytes": 100_000, "max_field_bytes": 5_000, "memory_bytes": 1_000, **limits}
    seen: list[HttpRequest] = []

    async def answer(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        files = [(file.path.read_bytes() if file.path else file.data).decode() for file in request.files or ()]
        return HttpResponse(200, [], BodyKind.JSON, orjson.dumps(files))

    async def scenario() -> Response:
        rig = Rig(answer, uploads=Uploads(tmp_path / "uploads", **sizes))
        return await rig.ask("POST", "/hello", body, headers or TYPE)

    response = asyncio.run(scenario())
    return response, seen[0] if seen else None


def left(tmp_path: Path) -> list[str]:
    folder = tmp_path / "uploads"
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def test_fields_become_the_body(tmp_path: Path) -> None:
    body = part("a", b"1") + part("a", b"2") + part("n[x]", "ü&=%+ ".encode()) + part("empty", b"") + END
    response, request = ask(tmp_path, body)
    assert response.status == 200
    assert request is not None
    assert request.body_format is BodyFormat.MULTIPART
    assert request.is_form
    assert orjson.loads(request.body) == {"a": ["1", "2"], "n": {"x": "ü&=%+ "}, "empty": ""}
    assert not request.files


def test_a_form_may_arrive_byte_by_byte(tmp_path: Path) -> None:
    body = part("a", b"--b\r\n-") + part("f", b"\r\n--bb", filename="x") + END
    response, request = ask(tmp_path, [bytes([byte]) for byte in body])
    assert request is not None
    assert orjson.loads(request.body) == {"a": "--b\r\n-"}
    assert orjson.loads(response.body) == ["\r\n--bb"]


def test_large_files_are_on_disk_while_they_are_needed(tmp_path: Path) -> None:
    body = (
        part("f", b"s" * 900, filename="a") + part("f", b"l" * 900, filename="b") + part("f", b"x" * 90, filename="c")
    )
    response, request = ask(tmp_path, body + END)
    assert orjson.loads(response.body) == ["s" * 900, "l" * 900, "x" * 90]
    assert request is not None
    assert request.files is not None
    assert [file.path is None for file in request.files] == [True, False, True]
    assert [file.size for file in request.files] == [900, 900, 90]
    del request
    gc.collect()
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("given", "name"),
    [("../../etc/passwd", "passwd"), ("C:\\\\dir\\\\x.txt", "x.txt"), ("größe.txt", "größe.txt"), ("", "")],
)
def test_file_names_have_no_directories(tmp_path: Path, given: str, name: str) -> None:
    _, request = ask(tmp_path, part("f", b"", filename=given) + END)
    assert request is not None
    assert request.files is not None
    assert request.files[0].filename == name


FILE = part("f", b"l" * 2_000, filename="a")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"nothing like it", "BODY_INVALID"),
        (FILE, "BODY_INVALID"),
        (FILE + b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" + END, "BODY_INVALID"),
        (FILE + b"--b\r\nContent-Disposition: attachment; name=x\r\n\r\nx\r\n" + END, "BODY_INVALID"),
        (FILE + part("f", b"l" * 100_000, filename="b") + END, "BODY_TOO_LARGE"),
        (FILE + part("a", b"x" * 5_001) + END, "BODY_TOO_LARGE"),
        (FILE + part("a", b"x" * 3_000) * 2 + END, "BODY_TOO_LARGE"),
        (FILE + part("a", b"") * MAX_PARTS + END, "BODY_TOO_LARGE"),
        (FILE + part("x" * 5_000, b"") + END, "BODY_"),
        (FILE + part("a", b"", more="".join(f"x-{n}: 1\r\n" for n in range(100))) + END, "BODY_"),
    ],
)
def test_what_is_no_form_is_refused_and_leaves_nothing(tmp_path: Path, body: bytes, code: str) -> None:
    response, request = ask(tmp_path, [body[:1500], body[1500:]])
    assert response.status in (400, 413)
    assert response.json()["code"].startswith(code)
    assert request is None
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; x"]
)
def test_a_form_without_a_boundary_is_refused(tmp_path: Path, content_type: str) -> None:
    response, _ = ask(tmp_path, END, [("content-type", content_type)])
    assert response.status == 400


def test_a_client_that_leaves_leaves_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        uploads = Uploads(tmp_path / "uploads", max_bytes=10**6, max_field_bytes=10**6, memory_bytes=10)
        await Rig(uploads=uploads).ask("POST", "/hello", FILE, TYPE, leaves=True)

    asyncio.run(scenario())
    assert left(tmp_path) == []


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Uploads) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Uploads, "new_file", full)
    response, _ = ask(tmp_path, FILE + END)
    assert response.status == 503
    assert response.json()["code"] == "STORE_FULL"
