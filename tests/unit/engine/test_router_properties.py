"""The index against an oracle: try every route's regex, then take the one with the earliest literal segments."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from motia_core.engine.router import RouteMatch, Router
from motia_core.model.step import Step, StepType

LITERALS = ("a", "b", "A", "x1")
segment = st.sampled_from([*LITERALS, ":p", ":q", ":n(\\d+)"])
route = st.builds(
    lambda segments, tail: "/" + "/".join([*segments, *tail]),
    st.lists(segment, max_size=4),
    st.sampled_from([[], [], [":o?"], ["*"]]),
)
path = st.builds(
    lambda segments, slash: "/" + "/".join(segments) + (slash if segments else ""),
    st.lists(st.sampled_from(["a", "b", "B", "x1", "7", "zz"]), max_size=5),
    st.sampled_from(["", "/"]),
)


def step(order: int, pattern: str) -> Step:
    return Step(str(order), "s", "s.ts", StepType.API, "typescript", "node", method="GET", route=pattern)


def naive_regex(pattern: str) -> re.Pattern[str]:
    text = ""
    for part in pattern.split("/")[1:]:
        if part == "*":
            text += "/(.*)"
        elif part == ":o?":
            text += "(?:/([^/]+?))?"
        elif part == ":n(\\d+)":
            text += "/(\\d+)"
        elif part.startswith(":"):
            text += "/([^/]+?)"
        else:
            text += "/" + part
    return re.compile(text.rstrip("/") + "/?", re.IGNORECASE)


def rank(pattern: str, path: str) -> tuple[bool, ...]:
    """For each segment of the path: is it not a literal of the pattern (earlier and fewer is better). Last: is there
    a wildcard that stands for nothing."""
    parts = pattern.split("/")[1:]
    count = len([part for part in path.split("/") if part])
    literal = [i < len(parts) and parts[i] in LITERALS for i in range(count)]
    return (*(not is_literal for is_literal in literal), parts[count:] == ["*"])


@settings(max_examples=500)
@given(st.lists(route, min_size=1, max_size=12), path)
def test_router_finds_what_the_naive_list_finds(routes: list[str], path: str) -> None:
    candidates = [
        (rank(pattern, path), order) for order, pattern in enumerate(routes) if naive_regex(pattern).fullmatch(path)
    ]
    match = Router.build([step(order, pattern) for order, pattern in enumerate(routes)]).match("GET", path)
    if not candidates:
        assert match is None
        return
    assert isinstance(match, RouteMatch)
    order = min(candidates)[1]
    assert match.step.id == str(order)
    groups = naive_regex(routes[order]).fullmatch(path)
    assert groups is not None
    values = [value for value in groups.groups() if value is not None]
    if len(set(re.findall(r":(\w+)|\*", routes[order]))) == len(groups.groups()):  # names are unique
        assert match.params[1::2] == values


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=30))
def test_router_answers_whatever_the_path(text: str) -> None:
    router = Router.build([step(0, "/"), step(1, "/:a"), step(2, "/a/:b?"), step(3, "/f/*")])
    router.match("GET", "/" + text)
    router.match("POST", "/" + text)
