"""Which step serves which path."""

import timeit

import pytest

from motia_core.engine.router import MalformedPath, MethodNotAllowed, RouteMatch, Router
from motia_core.model.route import RoutePatternError, compile_route, decode_component, duplicate_routes
from motia_core.model.step import Step, StepType


def api(route: str, method: str = "GET", name: str = "") -> Step:
    name = name or f"{method} {route}"
    return Step(name, name, "steps/a.step.ts", StepType.API, "typescript", "node", method=method, route=route)


def served(router: Router, path: str, method: str = "GET") -> tuple[str, dict[str, str]] | None:
    match = router.match(method, path)
    if match is None:
        return None
    assert isinstance(match, RouteMatch), match
    return match.step.route, dict(zip(match.params[::2], match.params[1::2], strict=True))


# What path-to-regexp 0.1.12 (Express 4) answers.
@pytest.mark.parametrize(
    ("route", "path", "params"),
    [
        ("/", "/", {}),
        ("/", "//", None),
        ("/a", "/a", {}),
        ("/a", "/A/", {}),
        ("/a", "/a//", None),
        ("/a/", "/a", {}),
        ("/Users", "/uSERS", {}),
        ("/a", "/ab", None),
        ("/a/:id", "/a/X1", {"id": "X1"}),
        ("/a/:id", "/a/X1/", {"id": "X1"}),
        ("/a/:id", "/a/", None),
        ("/a/:id", "/a", None),
        ("/a/:id", "/a/b/c", None),
        ("/a/:id?", "/a", {}),
        ("/a/:id?", "/a/1", {"id": "1"}),
        ("/a/:id?/b", "/a/b", {}),
        ("/a/:id?/b", "/a/1/b", {"id": "1"}),
        ("/:a?/:b?", "/x", {"a": "x"}),
        ("/:a?/x/:b?", "/x/x", {"a": "x"}),
        ("/a/:id(\\d+)", "/a/12", {"id": "12"}),
        ("/a/:id(\\d+)", "/a/x", None),
        ("/a/:x(foo|bar)?", "/a", {}),
        ("/a/:x(foo|bar)?", "/a/BAR", {"x": "BAR"}),
        ("/a/:x(foo|bar)?", "/a/baz", None),
        ("/a/:id([0-9]{4})", "/a/2024", {"id": "2024"}),
        ("/flights/:from-:to", "/flights/LHR-JFK", {"from": "LHR", "to": "JFK"}),
        ("/flights/:from-:to", "/flights/a-b-c", {"from": "a-b", "to": "c"}),
        ("/:name.:ext?", "/file.txt", {"name": "file", "ext": "txt"}),
        ("/:name.:ext?", "/file", {"name": "file"}),
        ("/file.:ext", "/fileXtxt", None),
        ("/a/:id.json", "/a/7.json", {"id": "7"}),
        ("/@:user", "/@bob", {"user": "bob"}),
        ("/v1.0/x", "/v1.0/x", {}),
        ("/v1.0/x", "/v1a0/x", None),
        ("/a/*", "/a/b/c", {"0": "b/c"}),
        ("/a/*", "/a/", {"0": ""}),
        ("/a/*", "/a", None),
        ("/a*", "/abc/d", {"0": "bc/d"}),
        ("*", "/x/y", {"0": "/x/y"}),
        ("/:x*", "/a/b/c", {"x": "a", "0": "/b/c"}),
        ("/:p(.*)", "/a/b", {"p": "a/b", "0": "/b"}),
        ("/ab?cd", "/acd", {}),
        ("/ab+cd", "/abbcd", {}),
        ("/ab(cd)?e", "/abcde", {"0": "cd"}),
        ("/ab(cd)?e", "/abe", {}),
        ("/(foo|bar)", "/bar", {}),
        ("/a(/b)?", "/a/b", {"0": "/b"}),
        ("/a/?b", "/ab", {}),
        ("/a/:x?-:b", "/a-q", {"b": "q"}),
        ("/:a/:a", "/1/2", {"a": "2"}),
        ("/a\\:b", "/a:b", {}),
        ("/q(?<year>\\d+)/x", "/q12/x", {"0": "12"}),
        ("users", "/users", None),
        ("/über/:n", "/%C3%BCber/1", {"n": "1"}),  # Express can never match this one
    ],
)
def test_router_matches_as_express_4_when_path_is(route: str, path: str, params: dict[str, str] | None) -> None:
    assert served(Router.build([api(route)]), path) == (None if params is None else (route, params))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/like/bad%20id!", "bad id!"),
        ("/like/..%2Fx", "../x"),
        ("/like/%E2%9C%93", "✓"),
        ("/like/%2525", "%25"),
        ("/like/a+b", "a+b"),
    ],
)
def test_router_decodes_params_once_when_they_are_encoded(path: str, value: str) -> None:
    assert served(Router.build([api("/like/:id")]), path) == ("/like/:id", {"id": value})


@pytest.mark.parametrize("bad", ["%", "%2", "%zz", "%ff", "a%C3b", "%ED%A0%80"])
def test_router_reports_the_param_when_its_encoding_is_malformed(bad: str) -> None:
    step = api("/like/:id")
    assert Router.build([step]).match("GET", f"/like/{bad}") == MalformedPath(step, "id")
    assert decode_component(bad) is None


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize(
    ("path", "routes", "wins"),
    [
        ("/game/app.js", ["/game/:id", "/game/app.js"], "/game/app.js"),
        ("/game/7", ["/game/:id", "/game/app.js"], "/game/:id"),
        ("/api/prospects/top", ["/api/prospects/:id", "/api/prospects/top"], "/api/prospects/top"),
        ("/a/b/c", ["/:x/b/c", "/a/:y/:z"], "/a/:y/:z"),
        ("/a/1/edit", ["/a/*", "/a/:id/edit"], "/a/:id/edit"),
        ("/a/1/edit", ["/a/:id(\\d+)/edit", "/a/:x/:y"], "/a/:id(\\d+)/edit"),
        ("/a/x", ["/a/b?x", "/a/x"], "/a/x"),
        ("/any", ["*", "/any"], "/any"),
        ("/a/b/d", ["/a/b/c", "/a/:x/d"], "/a/:x/d"),  # back from a literal that leads nowhere
    ],
)
def test_literal_segment_wins_whatever_the_order(path: str, routes: list[str], wins: str, flip: bool) -> None:
    router = Router.build(map(api, reversed(routes) if flip else routes))
    found = served(router, path)
    assert found is not None
    assert found[0] == wins


@pytest.mark.parametrize(
    ("path", "routes"),
    [
        ("/a/1", ["/a/:x", "/a/:y(\\d+)", "/a/*", "/:z/1"]),
        ("/a/1", ["/a/:y(\\d+)", "/a/*", "/a/:x"]),
        ("/a/1", ["/a/*", "/a/:x", "*"]),
        ("/a", ["/a/:id?", "/a"]),
        ("/a", ["/a", "/a/:id?"]),
    ],
)
def test_first_registered_wins_when_literals_do_not_decide(path: str, routes: list[str]) -> None:
    found = served(Router.build(map(api, routes)), path)
    assert found is not None
    assert found[0] == routes[0]


def test_first_registered_serves_when_routes_are_duplicates() -> None:
    first, second = api("/Intent/:a", name="first"), api("/intent/:b/", name="second")
    match = Router.build([first, second]).match("GET", "/intent/1")
    assert match == RouteMatch(first, ["a", "1"])


def test_duplicate_routes_are_found_when_only_names_and_case_differ() -> None:
    steps = [
        api("/a/:x", name="1"),
        api("/a/:y/", name="2"),
        api("/A/:z", name="3"),
        api("/a/:x", "POST", name="4"),
        api("/a/:x(\\d+)", name="5"),
        api("/a/(", name="broken"),
    ]
    assert [(kept.name, shadowed.name) for kept, shadowed in duplicate_routes(steps)] == [("1", "2"), ("1", "3")]


def test_head_is_served_by_get_when_there_is_no_head_step() -> None:
    router = Router.build([api("/a"), api("/b"), api("/b", "HEAD")])
    for path, method in (("/a", "GET"), ("/b", "HEAD")):
        match = router.match("HEAD", path)
        assert isinstance(match, RouteMatch)
        assert match.step.method == method


def test_method_not_allowed_names_the_methods_when_the_path_is_known() -> None:
    router = Router.build([api("/a/:x"), api("/a/b", "POST"), api("/z", "PUT")])
    assert router.match("DELETE", "/a/b") == MethodNotAllowed(("GET", "HEAD", "POST"))
    assert router.match("HEAD", "/z") == MethodNotAllowed(("PUT",))
    assert router.match("BREW", "/z") == MethodNotAllowed(("PUT",))
    assert router.match("DELETE", "/nowhere") is None
    assert Router.build([]).match("GET", "/") is None


@pytest.mark.parametrize("route", ["/a/(", "/a/:id(", "/a/:id([)", "/a/:id(+)", "/a)", "/a/:x((?<n>a)(?<n>b))"])
def test_compile_route_names_the_path_when_it_is_not_a_pattern(route: str) -> None:
    with pytest.raises(RoutePatternError) as error:
        compile_route(route)
    assert repr(route) in str(error.value)


def test_match_costs_the_same_when_there_are_1000_routes() -> None:
    def cost(count: int, path: str) -> float:
        routes = [route for i in range(count // 2) for route in (f"/res{i}", f"/res{i}/:id/items")]
        router = Router.build(map(api, routes))
        return min(timeit.repeat(lambda: router.match("GET", path), number=2_000, repeat=7))

    for path in ("/res3", "/res3/42/items", "/unknown/path"):
        assert cost(1_000, path) < 3 * cost(10, path), path
