"""Finds the api step of a request: patterns indexed by method and segment, so that a thousand routes cost what ten do.

A literal segment wins over a parameter, whatever the order of the files; otherwise the first registered route wins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from motia_core.model.route import RoutePattern, compile_route, decode_component
from motia_core.model.step import Step

SOCKETS = "WEBSOCKET"  # what a step has as method that serves these


@dataclass(frozen=True, slots=True)
class RouteMatch:
    """The step that serves a request."""

    step: Step
    params: list[str]  # name, value, name, value; decoded. Shared: not to be changed


@dataclass(frozen=True, slots=True)
class MethodNotAllowed:
    """The path exists, but not for this method."""

    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MalformedPath:
    """A path parameter of the route that would serve is not valid percent-encoding."""

    step: Step
    param: str


Match = RouteMatch | MethodNotAllowed | MalformedPath | None


class _Route(NamedTuple):
    order: int  # of registration
    step: Step
    pattern: RoutePattern


@dataclass(slots=True)
class _Found:
    route: _Route
    params: list[str]  # still encoded
    is_literal: bool = False  # a literal segment was matched below the node
    is_void: bool = False  # a wildcard stands for nothing


@dataclass(slots=True)
class _Node:
    """What may follow after a number of segments."""

    literals: dict[str, _Node] = field(default_factory=dict)
    dynamic: _Node | None = None
    ends: list[_Route] = field(default_factory=list)  # routes that end here
    opens: list[_Route] = field(default_factory=list)  # routes of which only the regex knows where they end


class Router:
    """Immutable. Build another one when the project changes."""

    def __init__(self, tables: dict[str, _Table]) -> None:
        self._sockets = tables.pop(SOCKETS, None)
        self._tables = tables

    @classmethod
    def build(cls, steps: Iterable[Step]) -> Self:
        """Index api steps in registration order.

        Raises:
            RoutePatternError: A step's path is not a pattern (model/rules.py keeps such steps out).
        """
        routes: dict[str, list[_Route]] = {}
        for order, step in enumerate(steps):
            routes.setdefault(step.method, []).append(_Route(order, step, compile_route(step.route)))
        return cls({method: _Table(found) for method, found in routes.items()})

    def match(self, method: str, path: str) -> Match:
        """Find who serves a method and a percent-encoded path."""
        table = self._tables.get(method)
        if table is not None and (match := table.match(path)) is not None:
            return match
        if method == "HEAD" and (table := self._tables.get("GET")) is not None:
            match = table.match(path)
            if match is not None:
                return match
        allowed = [other for other, table in self._tables.items() if other != method and table.match(path)]
        if not allowed:
            return None
        if "GET" in allowed and "HEAD" not in allowed:
            allowed.append("HEAD")
        return MethodNotAllowed(tuple(sorted(allowed)))

    def match_socket(self, path: str) -> RouteMatch | MalformedPath | None:
        """Find who serves WebSocket connections on a percent-encoded path."""
        return None if self._sockets is None else self._sockets.match(path)


class _Table:
    """The routes of one method."""

    def __init__(self, routes: list[_Route]) -> None:
        self._root = _Node()
        for route in routes:
            for shape in route.pattern.shapes:
                node = self._node(shape.segments)
                (node.opens if shape.is_open else node.ends).append(route)
        self._static: dict[str, RouteMatch] = {}
        for route in routes:
            if route.pattern.is_plain and not route.pattern.names:
                path = "/" + "/".join(filter(None, route.pattern.shapes[0].segments))
                found = self._search(path)
                if isinstance(found, RouteMatch):
                    self._static[path] = found

    def match(self, path: str) -> RouteMatch | MalformedPath | None:
        found = self._static.get(path)
        if found is not None:
            return found
        lower = path.lower()
        if lower.endswith("/") and not lower.endswith("//"):
            lower = lower[:-1]
        return self._static.get(lower) or self._search(path)

    def _node(self, segments: tuple[str | None, ...]) -> _Node:
        node = self._root
        for segment in segments:
            if segment is None:
                if node.dynamic is None:
                    node.dynamic = _Node()
                node = node.dynamic
            else:
                node = node.literals.setdefault(segment, _Node())
        return node

    def _search(self, path: str) -> RouteMatch | MalformedPath | None:
        inner = path[1:-1] if path.endswith("/") else path[1:]
        segments = inner.split("/") if path != "/" else []
        lower = inner.lower().split("/") if path != "/" else []
        found = _find(self._root, 0, segments, lower, path, [])
        if found is None:
            return None
        step = found.route.step
        params = found.params
        for at in range(1, len(params), 2):
            if "%" in params[at]:
                value = decode_component(params[at])
                if value is None:
                    return MalformedPath(step, params[at - 1])
                params[at] = value
        return RouteMatch(step, params)


def _find(node: _Node, depth: int, segments: list[str], lower: list[str], path: str, taken: list[str]) -> _Found | None:
    """The best route at or below a node; `taken` are the segments that stand for parameters so far."""
    found: _Found | None = None
    if depth == len(segments):
        found = _first(node.ends, path, taken)
        if found is not None:
            return found
        found = _first(node.opens, path, taken)
        if found is not None:
            found.is_void = True
        return found
    child = node.literals.get(lower[depth])
    if child is not None and (found := _find(child, depth + 1, segments, lower, path, taken)) is not None:
        found.is_literal = True
        return found
    if node.dynamic is not None and segments[depth]:
        found = _find(node.dynamic, depth + 1, segments, lower, path, [*taken, segments[depth]])
    if node.opens and not (found is not None and found.is_literal):
        other = _first(node.opens, path, taken)
        if found is None or (other is not None and (found.is_void or other.route.order < found.route.order)):
            return other
    return found


def _first(routes: list[_Route], path: str, taken: list[str]) -> _Found | None:
    for route in routes:
        pattern = route.pattern
        if pattern.is_plain:
            params: list[str] = []
            for pair in zip(pattern.names, taken, strict=True):
                params += pair
            return _Found(route, params)
        match = pattern.regex.fullmatch(path)
        if match is not None:
            return _Found(route, _pairs(pattern.names, match.groups()))
    return None


def _pairs(names: tuple[str, ...], values: Iterable[str | None]) -> list[str]:
    """Name, value, name, value. A name that occurs twice has its last value, as in Express."""
    pairs = {name: value for name, value in zip(names, values, strict=True) if value is not None}
    return [text for pair in pairs.items() for text in pair]
