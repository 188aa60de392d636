"""API descriptions and their page, as the management API serves them."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace

import pytest

from motia_core.model.description.info import Info
from motia_core.model.project import Project
from motia_core.settings import HttpSettings
from motia_core.workbench.descriptions import ASSETS, FOLDER
from motia_core.workbench.mount import ManagementApp
from tests.fakes.projects import a_project
from tests.unit.workbench.management import make_api


def test_openapi_describes_the_api_steps() -> None:
    answer = make_api().get("/__motia/openapi.json")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    document = answer.json()
    assert (document["openapi"], document["info"]["title"]) == ("3.1.0", "shop")
    assert list(document["paths"]) == ["/x/{id}"]
    assert document["servers"] == [{"url": "/"}]


def test_asyncapi_describes_topics_and_streams_and_says_where_events_are_taken() -> None:
    document = make_api().get("/__motia/asyncapi.json", url="http://localhost:4000").json()
    assert list(document["channels"]) == ["work", "stream.chat"]
    assert document["servers"]["core"] == {"host": "localhost:4000", "protocol": "http", "pathname": "/__motia/emit"}


def test_documents_are_made_once_for_each_project() -> None:
    api = make_api()
    asked: list[str] = []
    configs = {"steps/a.step.ts": {"type": "api", "name": "A", "method": "GET", "path": "/a", "emits": []}}
    served = a_project(configs)

    def project() -> Project:
        return served

    def info() -> Info:
        asked.append("info")
        return Info("shop")

    known = api.app._management
    management = replace(known, project=project, info=info)
    api.app = ManagementApp(management)
    for _ in range(3):
        assert list(api.get("/__motia/openapi.json").json()["paths"]) == ["/a"]
        api.get("/__motia/asyncapi.json")
    assert asked == ["info"]
    served = a_project({"steps/a.step.ts": {**configs["steps/a.step.ts"], "path": "/b"}})
    assert list(api.get("/__motia/openapi.json").json()["paths"]) == ["/b"]


def test_the_page_may_load_and_ask_nothing_from_elsewhere() -> None:
    page = make_api().get("/__motia/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["script-src"], policy["connect-src"]) == ("'none'", "'self'", "'self'")
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert set(links) == {
        *(f"/__motia/docs/{name}" for name in ASSETS),
        "/__motia/openapi.json",
        "/__motia/asyncapi.json",
        "/__motia/management.json",
        "/__motia/docs",
        "/__motia/docs?of=management",
        "data:,",
    }


@pytest.mark.parametrize("name", ASSETS)
@pytest.mark.parametrize("encoding", ["gzip, br", "identity"])
def test_assets_are_served_compressed_where_that_is_understood(name: str, encoding: str) -> None:
    answer = make_api().get(f"/__motia/docs/{name}", headers={"accept-encoding": encoding})
    path, kind = ASSETS[name]
    content = path.read_bytes()
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    assert ("content-encoding" in answer.headers) == (path.suffix == ".gz" and "gzip" in encoding)
    assert answer.content == (gzip.decompress(content) if path.suffix == ".gz" else content)


def test_there_are_no_other_assets() -> None:
    for name in ("LICENSE", "page.html", "..%2fapi.py", "swagger-ui%2fVERSION"):
        assert make_api().get(f"/__motia/docs/{name}").status_code == 404


def test_all_of_it_is_for_those_who_may_use_the_management_api() -> None:
    api = make_api(HttpSettings(host="0.0.0.0", admin_token="secret"))
    for path in ("openapi.json", "asyncapi.json", "docs", "docs/page.js"):
        assert api.get(f"/__motia/{path}").status_code == 401
        assert api.get(f"/__motia/{path}", headers={"authorization": "Bearer secret"}).status_code == 200


def test_what_comes_from_others_is_there_with_its_licence() -> None:
    folder = FOLDER / "swagger-ui"
    assert "Apache License" in (folder / "LICENSE").read_text()
    assert (folder / "VERSION").read_text().count(".") == 2
    assert b"SwaggerUIBundle" in gzip.decompress((folder / "swagger-ui-bundle.js.gz").read_bytes())
