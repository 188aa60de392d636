"""CORS by setting. The default is in test_asgi and test_responses."""

import asyncio
from typing import Any

import pytest

from motia_core.settings import CorsSettings, HttpSettings
from tests.fakes.requests import Answer, json_response
from tests.unit.ingress.rig import Response, Rig

APP = "https://app.example.com"


def ask(
    method: str,
    headers: dict[str, str],
    answer: Answer | None = None,
    target: str = "/hello",
    routes: tuple[str, ...] = ("GET /hello",),
    **cors: Any,
) -> Response:
    rig = Rig(answer, http=HttpSettings(cors=CorsSettings(**cors)), routes=routes)
    return asyncio.run(rig.ask(method, target, headers=list(headers.items())))


def cors_of(response: Response) -> dict[str, str]:
    prefix = "access-control-"
    return {name.removeprefix(prefix): value for name, value in response.headers if name.startswith(prefix)}


def test_default_is_that_of_motia_0_whatever_the_origin() -> None:
    expected = {
        "allow-origin": "*",
        "allow-methods": "*",
        "allow-headers": "*",
        "max-age": "600",
        "allow-credentials": "true",
        "allow-private-network": "true",
    }
    for method in ("GET", "OPTIONS"):
        response = ask(method, {"origin": APP, "access-control-request-method": "PUT"})
        assert cors_of(response) == expected
        assert not response.all("vary")


def test_any_origin_with_other_settings() -> None:
    changed = {"allow_methods": ("GET", "PUT"), "max_age_ms": 5000, "allow_credentials": False}
    response = ask("GET", {}, allow_private_network=False, expose_headers=("x-a", "x-b"), **changed)
    assert cors_of(response) == {
        "allow-origin": "*",
        "allow-methods": "GET, PUT",
        "allow-headers": "*",
        "max-age": "5",
        "expose-headers": "x-a, x-b",
    }


def test_page_of_a_listed_origin_is_told_its_own_and_caches_are_told_so() -> None:
    response = ask("GET", {"origin": APP}, allow_origins=("https://other.example", APP), expose_headers=("x-a",))
    assert cors_of(response) == {"allow-origin": APP, "allow-credentials": "true", "expose-headers": "x-a"}
    assert response.one("vary") == "Origin"


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", f"{APP}.evil.example", f"{APP}/", f"{APP}:444", "http://app.example.com", "null", ""],
)
@pytest.mark.parametrize("target", ["/hello", "/nowhere"])
def test_other_origins_are_told_nothing(origin: str, target: str) -> None:
    for method in ("GET", "OPTIONS"):
        headers = {"origin": origin, "access-control-request-method": "GET"}
        response = ask(method, headers, target=target, allow_origins=(APP,))
        assert cors_of(response) == {}
        assert "Origin" in response.one("vary")
        assert response.status == (204 if method == "OPTIONS" else 200 if target == "/hello" else 404)


@pytest.mark.parametrize(
    ("pattern", "origin", "is_allowed"),
    [
        ("https://*.example.com", "https://a.b.example.com", True),
        ("https://*.example.com", "https://example.com", False),
        ("https://*.example.com", "https://evil.com/.example.com", False),
        ("https://*.example.com", "https://a@evil.com#.example.com", False),
        ("https://*.example.com", "https://aXexample.com", False),
        ("http://localhost:*", "http://localhost:5173", True),
        ("http://localhost:*", "http://localhost", False),
    ],
)
def test_star_within_an_origin_is_a_part_of_the_host_or_the_port(pattern: str, origin: str, is_allowed: bool) -> None:
    response = ask("GET", {"origin": origin}, allow_origins=(pattern,))
    assert cors_of(response).get("allow-origin") == (origin if is_allowed else None)


def test_preflight_of_a_listed_origin() -> None:
    asked = {"origin": APP, "access-control-request-method": "PUT", "access-control-request-headers": "x-a, x-b"}
    response = ask("OPTIONS", asked, target="/nowhere", allow_origins=(APP,))
    assert (response.status, response.body) == (204, b"")
    # with credentials browsers would take a star for a name
    expected = {
        "allow-origin": APP,
        "allow-credentials": "true",
        "allow-methods": "PUT",
        "allow-headers": "x-a, x-b",
        "max-age": "600",
    }
    assert cors_of(response) == expected
    assert response.one("vary") == "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
    bare = ask("OPTIONS", {"origin": APP, "access-control-request-method": "PUT"}, allow_origins=(APP,))
    assert "allow-headers" not in cors_of(bare)
    private = {**asked, "access-control-request-private-network": "true"}
    response = ask("OPTIONS", private, allow_origins=(APP,))
    assert cors_of(response) == {**expected, "allow-private-network": "true"}
    response = ask("OPTIONS", private, allow_origins=(APP,), allow_private_network=False, allow_methods=("GET", "POST"))
    assert cors_of(response) == {**expected, "allow-methods": "GET, POST"}


def test_what_a_step_says_comes_first_whatever_it_is() -> None:
    answer = json_response(headers=["Access-Control-Allow-Origin", "*", "Access-Control-Expose-Headers", "x-own"])
    for cors in ({"allow_origins": (APP,)}, {"allow_origins": ()}, {}):
        response = ask("GET", {"origin": APP}, answer, **cors)  # type: ignore[arg-type]
        assert cors_of(response)["allow-origin"] == "*"
        assert cors_of(response)["expose-headers"] == "x-own"


def test_off_sends_nothing_and_leaves_options_to_steps() -> None:
    off: dict[str, Any] = {"allow_origins": ()}
    response = ask("GET", {"origin": APP}, **off)
    assert (response.status, cors_of(response), response.all("vary")) == (200, {}, [])
    served = ask("OPTIONS", {"origin": APP}, routes=("OPTIONS /hello",), **off)
    assert (served.status, served.body) == (200, b'{"ok":true}')
    unserved = ask("OPTIONS", {"origin": APP}, **off)
    assert (unserved.status, unserved.one("allow"), cors_of(unserved)) == (204, "GET, HEAD, OPTIONS", {})
    assert ask("OPTIONS", {}, target="/nowhere", **off).status == 404
