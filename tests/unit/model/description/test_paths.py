"""Express patterns as path templates: what a template says is served by the pattern, and nothing else is said."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motia_core.model.description.paths import MOST_PATHS, PathParam, PathTemplate, path_templates
from motia_core.model.route import RoutePatternError, compile_route

CASES = {
    "/": ["/"],
    "/users/": ["/users"],
    "/users/:id": ["/users/{id}"],
    "/users/:id?": ["/users", "/users/{id}"],
    "/:a?/:b?": ["/", "/{a}", "/{a}/{b}"],
    "/files/*": ["/files/{0}"],
    "/a/*/b/*": ["/a/{0}/b/{1}"],
    "/:from-:to": ["/{from}-{to}"],
    "/:name.:ext?": ["/{name}", "/{name}.{ext}"],
    "/(user|member)/:id": ["/user/{id}", "/member/{id}"],
    "/ab?cd": ["/acd", "/abcd"],
    "/v(\\d+)/x": ["/v{0}/x"],
    "/x\\.y": ["/x.y"],
    "/café/:id": ["/caf%C3%A9/{id}"],
    "/:id/:id": ["/{id}/{id2}"],
    "/x/[ab]c": ["/x/{rest}"],
    "/x/(a.*b)": ["/x/{rest}"],
}


@pytest.mark.parametrize("source", CASES)
def test_patterns_become_templates(source: str) -> None:
    assert [template.text for template in path_templates(source)] == CASES[source]


def test_params_say_what_their_patterns_allow() -> None:
    (template,) = path_templates("/:id(\\d+)/:kind(big|small)/:any")
    assert template.params == (
        PathParam("id", pattern="^(?:\\d+)$"),
        PathParam("kind", choices=("big", "small")),
        PathParam("any"),
    )


def test_of_a_pattern_with_many_paths_the_shortest_and_the_longest_are_shown() -> None:
    names = "abcdef"
    found = path_templates("".join(f"/:{name}?" for name in names))
    assert [template.text for template in found] == ["/", "".join(f"/{{{name}}}" for name in names)]


def test_names_do_not_tell_shapes_apart() -> None:
    assert PathTemplate("/Users/{id}").shape == PathTemplate("/users/{name}").shape
    assert PathTemplate("/users/{id}").shape != PathTemplate("/users/id").shape


PIECES = st.sampled_from(
    ["/a", "/:x", "/:y?", "/:z(\\d+)", "/:k(one|two)?", "/*", "/b.c", "-", "/", "/(u|v)", ".:e?", "/n+o", "/p?"]
)


def filled(template: PathTemplate) -> str:
    """A path of the template."""
    values = {p.name: p.choices[0] if p.choices else "7" for p in template.params}
    return re.sub(r"\{([^}]+)\}", lambda match: values[match[1]], template.text)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=6))
def test_the_pattern_serves_what_its_templates_describe(pieces: list[str]) -> None:
    source = "".join(pieces)
    if not source.startswith("/"):
        source = f"/{source}"
    try:
        pattern = compile_route(source)
    except RoutePatternError:
        return
    found = path_templates(source)
    assert 0 < len(found) <= MOST_PATHS
    assert len({template.shape for template in found}) == len(found)
    for template in found:
        if not any(param.name == "rest" for param in template.params):
            assert pattern.regex.fullmatch(filled(template)), (source, template)
        assert len(re.findall(r"\{", template.text)) == len(template.params)
