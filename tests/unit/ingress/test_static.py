"""Static files: what is found, what is refused, and how it is sent."""

import asyncio
import os
from pathlib import Path

import pytest

from motia_core.errors import SettingsError
from motia_core.ingress.server import listen
from motia_core.settings import HttpSettings
from tests.unit.ingress.rig import Response, Rig

CONTENT = b"0123456789"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    public = tmp_path / "public"
    (public / "docs").mkdir(parents=True)
    (public / "empty").mkdir()
    (public / ".git").mkdir()
    (public / ".well-known").mkdir()
    for name, content in {
        "a.txt": CONTENT,
        "naïve file.txt": b"naive",
        "docs/index.html": b"<p>docs</p>",
        "docs/page.html": b"<p>page</p>",
        ".env": b"hidden content",
        ".git/config": b"hidden content",
        ".well-known/security.txt": b"call us",
        "font.woff2": b"font",
        "app.mjs": b"1",
        "data.json": b"{}",
        "logs.tar.gz": b"gz",
        "unknown.zzz": b"?",
        "empty.txt": b"",
    }.items():
        (public / name).write_bytes(content)
    (tmp_path / "secret.txt").write_bytes(b"hidden content")
    (public / "out.txt").symlink_to(tmp_path / "secret.txt")
    (public / "up").symlink_to(tmp_path)
    (public / "hidden.txt").symlink_to(public / ".env")
    (public / "same.txt").symlink_to("a.txt")
    (public / "circle").symlink_to("circle")
    os.mkfifo(public / "pipe")
    return public


def ask(
    folder: Path,
    target: str,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    *,
    path: str = "/assets",
    routes: tuple[str, ...] = ("POST /assets/a.txt",),
    max_age_ms: int = 0,
) -> Response:
    http = HttpSettings(static={path: folder}, static_max_age_ms=max_age_ms)
    return asyncio.run(Rig(routes=routes, http=http).ask(method, target, headers=list((headers or {}).items())))


@pytest.mark.parametrize(
    ("target", "content", "content_type"),
    [
        ("/assets/a.txt", CONTENT, "text/plain; charset=utf-8"),
        ("/assets/na%C3%AFve%20file.txt", b"naive", "text/plain; charset=utf-8"),
        ("/assets/%61.txt", CONTENT, "text/plain; charset=utf-8"),
        ("/assets/docs/", b"<p>docs</p>", "text/html; charset=utf-8"),
        ("/assets/docs/page.html?v=1", b"<p>page</p>", "text/html; charset=utf-8"),
        ("/assets/.well-known/security.txt", b"call us", "text/plain; charset=utf-8"),
        ("/assets/font.woff2", b"font", "font/woff2"),
        ("/assets/app.mjs", b"1", "text/javascript; charset=utf-8"),
        ("/assets/data.json", b"{}", "application/json"),
        ("/assets/logs.tar.gz", b"gz", "application/gzip"),
        ("/assets/unknown.zzz", b"?", "application/octet-stream"),
        ("/assets/same.txt", CONTENT, "text/plain; charset=utf-8"),
        ("/assets/empty.txt", b"", "text/plain; charset=utf-8"),
    ],
)
def test_file_is_sent_with_what_browsers_need(folder: Path, target: str, content: bytes, content_type: str) -> None:
    response = ask(folder, target)
    assert (response.status, response.body) == (200, content)
    assert response.one("content-type") == content_type
    assert response.one("content-length") == str(len(content))
    assert response.one("x-content-type-options") == "nosniff"
    assert response.one("access-control-allow-origin") == "*"
    for name in ("etag", "last-modified", "date", "accept-ranges"):
        assert response.one(name)
    head = ask(folder, target, "HEAD")
    names = [name for name, _ in response.headers]
    assert (head.status, head.body, [name for name, _ in head.headers]) == (200, b"", names)


@pytest.mark.parametrize(
    "target",
    [
        "/assets/../secret.txt",
        "/assets/%2e%2e/secret.txt",
        "/assets/..%2fsecret.txt",
        "/assets/%2e%2e%2fsecret.txt",
        "/assets/..%5csecret.txt",
        "/assets/docs/../../secret.txt",
        "/assets/%252e%252e/secret.txt",
        "/assets//etc/passwd",
        "/assets/%2fetc%2fpasswd",
        "/assets/a.txt%00.html",
        "/assets/a.txt/",
        "/assets/a.txt/x",
        "/assets/%ff",
        "/assets/%",
        "/assets/.env",
        "/assets/.git/config",
        "/assets/%2eenv",
        "/assets/out.txt",
        "/assets/up/secret.txt",
        "/assets/hidden.txt",
        "/assets/circle",
        "/assets/pipe",
        "/assets/empty/",
        "/assets/empty",
        "/assets/" + "x" * 5000,
        "/assets/" + "x/" * 3000,
        "/assets/nothing.txt",
        "/assetsa.txt",
        "/assets",
    ],
)
def test_what_is_outside_hidden_or_not_there_is_404(folder: Path, target: str) -> None:
    for method in ("GET", "HEAD"):
        response = ask(folder, target, method, routes=())
        assert response.status == 404
        assert b"hidden content" not in response.body


def test_folder_without_its_slash_is_redirected_to_where_links_in_its_index_work(folder: Path) -> None:
    response = ask(folder, "/assets/docs?a=b")
    assert (response.status, response.one("location")) == (301, "/assets/docs/?a=b")
    root = ask(folder / "docs", "/", path="/")
    assert (root.status, root.body) == (200, b"<p>docs</p>")
    assert ask(folder / "docs", "//evil.example", path="/").status == 404


def test_steps_come_first_and_files_take_only_get_and_head(folder: Path) -> None:
    assert ask(folder, "/assets/a.txt", routes=("GET /:any*",)).body == b'{"ok":true}'
    assert ask(folder, "/assets/a.txt", "POST").body == b'{"ok":true}'
    assert ask(folder, "/assets/a.txt", routes=("GET /assets/:name",)).body == b'{"ok":true}'
    assert ask(folder, "/assets/a.txt", "GET").body == CONTENT  # the step at this path takes POST
    assert ask(folder, "/assets/a.txt", "DELETE").status == 405
    assert ask(folder, "/assets/docs/page.html", "DELETE").status == 404
    assert ask(folder, "/assets/a.txt", "OPTIONS").status == 204


@pytest.mark.parametrize(
    ("asked", "status", "body", "content_range"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=8-100", 206, b"89", "bytes 8-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=100-200", 416, b"", "bytes */10"),
    ],
)
def test_ranges(folder: Path, asked: str, status: int, body: bytes, content_range: str) -> None:
    response = ask(folder, "/assets/a.txt", headers={"range": asked})
    assert (response.status, response.one("content-range")) == (status, content_range)
    assert response.body == body


def test_several_ranges_and_too_many(folder: Path) -> None:
    response = ask(folder, "/assets/a.txt", headers={"range": "bytes=0-1,8-9"})
    assert (response.status, response.body.count(b"Content-Range: bytes")) == (206, 2)
    many = ask(folder, "/assets/a.txt", headers={"range": "bytes=" + ",".join(["0-0"] * 3000)})
    assert (many.status, many.body) == (200, CONTENT)


def test_range_of_an_older_file_gets_the_whole_new_one(folder: Path) -> None:
    etag = ask(folder, "/assets/a.txt").one("etag")
    for condition, status in ((etag, 206), ('"older"', 200)):
        assert ask(folder, "/assets/a.txt", headers={"range": "bytes=0-1", "if-range": condition}).status == status


def test_304_when_the_client_has_the_file(folder: Path) -> None:
    first = ask(folder, "/assets/a.txt", max_age_ms=60_000)
    assert first.one("cache-control") == "public, max-age=60"
    for headers in (
        {"if-none-match": first.one("etag")},
        {"if-none-match": f'W/{first.one("etag")}, "x"'},
        {"if-modified-since": first.one("last-modified")},
    ):
        for method in ("GET", "HEAD"):
            again = ask(folder, "/assets/a.txt", method, headers, max_age_ms=60_000)
            assert (again.status, again.body, again.all("content-length")) == (304, b"", [])
            assert again.one("etag") == first.one("etag")
            assert again.one("cache-control") == "public, max-age=60"
    for headers in ({"if-none-match": '"x"'}, {"if-modified-since": "Sat, 01 Jan 2000 00:00:00 GMT"}):
        assert ask(folder, "/assets/a.txt", headers=headers).status == 200
    os.utime(folder / "a.txt", (1, 1))
    assert ask(folder, "/assets/a.txt", headers={"if-none-match": first.one("etag")}).status == 200


def test_longest_path_serves(folder: Path) -> None:
    http = HttpSettings(static={"/": folder, "/deep": folder / "docs"})
    assert asyncio.run(Rig(http=http).ask("GET", "/deep/page.html")).body == b"<p>page</p>"
    assert asyncio.run(Rig(http=http).ask("GET", "/docs/page.html")).body == b"<p>page</p>"
    assert asyncio.run(Rig(http=http).ask("GET", "/deep/a.txt")).status == 404


def test_missing_folder_is_a_settings_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="which is not a folder"):
        listen(HttpSettings(port=0, static={"/a": tmp_path / "nothing"}))
