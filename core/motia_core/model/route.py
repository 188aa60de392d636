"""Path patterns of api steps: what Express 4 makes of `/users/:id`, as data that a router can index.

Does not own the search among many patterns (engine/router.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, combinations
from urllib.parse import quote, unquote_to_bytes

from motia_core.model.step import Step

MAX_OPTIONAL = 6  # optional segments that are indexed, one shape for each combination; with more, the regex decides

_PARAM = re.compile(r":(\w+)")
_SPECIAL = frozenset(":*?+()[]{}|^$\\")
_OWN = r"\((?:[^()\\]|\\.)*\)"  # a parameter's own regex, without groups in it
_LITERAL = r"[^:*?+()\[\]{}|^$\\]"
_GROUP = re.compile(_OWN)
# `:id?` alone, or parameters and literals such as `:from-:to` and `:name.:ext?`
_DYNAMIC_SEGMENT = re.compile(
    rf"(?P<optional>:\w+(?:{_OWN})?\?)|(?::\w+(?:{_OWN})?(?!\?)|{_LITERAL})(?::\w+(?:{_OWN})?\??|{_LITERAL})*"
)
_CROSSING = re.compile(r"[./*]|\[\^|\\[DWS]")
_TAKES_SLASH = re.compile(r"[?+{]|:\w+(?:\(.*?\))?[*+]?\?")
_UNNAMED_GROUP = re.compile(r"\\.|\((?:\?P?<(?![=!]))?(?!\?)")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_URL_TEXT = "".join(map(chr, range(0x21, 0x7F)))  # all printable ASCII


class RoutePatternError(ValueError):
    """A path pattern cannot be compiled; the message says why."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One way through an index of segments: lower-case literals, and None where any segment may stand."""

    segments: tuple[str | None, ...]
    is_open: bool = False  # anything may follow


@dataclass(frozen=True, slots=True)
class RoutePattern:
    """A compiled pattern."""

    source: str
    regex: re.Pattern[str]  # of the whole percent-encoded path; equal for patterns that differ in names only
    names: tuple[str, ...]  # of the regex's groups
    shapes: tuple[Shape, ...]
    is_plain: bool  # literals and parameters of different names only: whatever fits the shape matches


def compile_route(source: str) -> RoutePattern:
    """Compile an Express 4 path pattern.

    Raises:
        RoutePatternError: It is not a pattern.
    """
    text, names = _Compiler(source).run()
    try:
        regex = re.compile(f"{text}?" if text.endswith("/") else f"{text}/?", re.IGNORECASE | re.ASCII)
    except (re.error, RecursionError, OverflowError) as error:
        raise RoutePatternError(f"path {source!r} is not a valid pattern: {error}") from error
    if regex.groups != len(names):
        raise RoutePatternError(f"path {source!r} is not a valid pattern: its groups cannot be told apart")
    shapes, is_plain = _shapes(source)
    return RoutePattern(source, regex, names, shapes, is_plain and len(set(names)) == len(names))


def duplicate_routes(steps: Iterable[Step]) -> list[tuple[Step, Step]]:
    """Api steps that can never be reached, each after the step that serves instead: (serves, shadowed).

    Steps whose path is not a pattern are left out.
    """
    first: dict[tuple[str, str], Step] = {}
    found = []
    for step in steps:
        try:
            pattern = compile_route(step.route)
        except RoutePatternError:
            continue
        serves = first.setdefault((step.method, pattern.regex.pattern), step)
        if serves is not step:
            found.append((serves, step))
    return found


def decode_component(text: str) -> str | None:
    """Undo percent-encoding once; None when it is malformed or not UTF-8."""
    if "%" not in text:
        return text
    if _BAD_ESCAPE.search(text):
        return None
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        return None


class _Compiler:
    """Reads a pattern from left to right and writes the regex."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._out: list[str] = []
        self._names: list[str] = []
        self._unnamed = 0
        self._text = ""  # literal text since a parameter that began with a slash or a dot

    def run(self) -> tuple[str, tuple[str, ...]]:
        source = self._source
        while self._at < len(source):
            char = source[self._at]
            if char == "\\":
                self._literal(source[self._at : self._at + 2], escaped=True)
            elif param := _PARAM.match(source, self._at):
                self._param(param)
            elif char == "*":
                self._at += 1
                self._group("(.*)")
            elif char == "(":
                self._raw_group()
            elif char in _SPECIAL:
                # as in Express: what is special in a regex is special here
                self._at += 1
                self._out.append(char)
                self._text += char
            else:
                self._literal(char)
        return "".join(self._out), tuple(self._names)

    def _literal(self, char: str, *, escaped: bool = False) -> None:
        self._at += len(char)
        # literals in lower case, so that equal routes have equal regexes; matching ignores the case
        text = char if escaped else re.escape(quote(char, safe=_URL_TEXT).lower())
        self._out.append(text)
        self._text += text

    def _group(self, text: str) -> None:
        """Add text that may contain groups of the user's own; those get numbers as names."""
        self._out.append(text)
        for group in _UNNAMED_GROUP.finditer(text):
            if not group[0].startswith("\\"):
                self._names.append(str(self._unnamed))
                self._unnamed += 1

    def _raw_group(self) -> None:
        if self._out and self._out[-1] == "/":  # a group right behind a slash is not captured
            self._at += 1
            self._out.append("(?:")
            return
        text = self._balanced()
        self._group(_js_regex(text))

    def _param(self, param: re.Match[str]) -> None:
        self._at = param.end()
        prefix = self._out.pop() if self._out and self._out[-1] in ("/", r"\.") else ""
        if prefix:
            self._text = ""
        self._names.append(param[1])
        source = self._source
        if source.startswith("(", self._at):
            own = _js_regex(self._balanced())[1:-1]
            self._out.append(f"(?:{prefix}(")
            self._group(re.sub(r"\\.|\*", lambda m: "(.*)" if m[0] == "*" else m[0], own))
            self._out.append(")")
        else:
            self._out.append(f"(?:{prefix}({self._default(prefix)})")
        if source.startswith("*", self._at):
            self._at += 1
            self._group("((?:[/\\.].+?)?)" if prefix == r"\." else "((?:[/].+?)?)")
        self._out.append(")")
        if source.startswith("?", self._at):
            self._at += 1
            self._out.append("?")

    def _default(self, prefix: str) -> str:
        if prefix == r"\.":
            return r"[^/\.]+?"
        if self._text and "/" not in self._text:
            # `:from-:to`: the text between keeps the second from swallowing it (and the regex from backtracking)
            return f"(?:(?!/|{self._text}).)+?"
        return "[^/]+?"

    def _balanced(self) -> str:
        """The group that starts here, with the groups in it."""
        start, depth, in_class = self._at, 0, False
        escaped = False
        for at in range(start, len(self._source)):
            char = self._source[at]
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif in_class:
                in_class = char != "]"
            elif char == "[":
                in_class = True
            elif char == "(":
                depth += 1
            elif char == ")":
                depth -= 1
                if depth == 0:
                    self._at = at + 1
                    return self._source[start : at + 1]
        raise RoutePatternError(f"path {self._source!r} is not a valid pattern: a parenthesis is not closed")


def _js_regex(text: str) -> str:
    return re.sub(r"\(\?<(?![=!])", "(?P<", text)


def _shapes(source: str) -> tuple[tuple[Shape, ...], bool]:
    """Where an index finds the pattern, and whether it consists of literals and unconstrained parameters only."""
    if not source.startswith("/") or "//" in source or "|" in _GROUP.sub("", source):
        return (Shape((), is_open=True),), False
    path = source[1:-1] if source.endswith("/") else source[1:]
    segments: list[str | None] = []
    optional: list[int] = []
    is_plain = True
    for position, text in enumerate(path.split("/") if path else ()):
        if not _SPECIAL.intersection(text):
            segments.append(quote(text, safe=_URL_TEXT).lower())
            continue
        dynamic = _DYNAMIC_SEGMENT.fullmatch(text)
        if dynamic is None or any(_may_leave_segment(group) for group in _GROUP.findall(text)):
            return (_open_shape(segments, text),), False
        is_plain = is_plain and _PARAM.fullmatch(text) is not None
        segments.append(None)
        if dynamic["optional"]:
            optional.append(position)
    if len(optional) > MAX_OPTIONAL:
        return (Shape(tuple(segments[: optional[0]]), is_open=True),), False
    chosen = chain.from_iterable(combinations(optional, size) for size in range(len(optional) + 1))
    kept = (tuple(s for position, s in enumerate(segments) if position not in absent) for absent in chosen)
    return tuple(map(Shape, dict.fromkeys(kept))), is_plain


def _may_leave_segment(group: str) -> bool:
    """Whether the user's own regex might match a slash or nothing at all; in doubt, yes."""
    if _CROSSING.search(group):
        return True
    try:
        return re.fullmatch(_js_regex(group), "") is not None
    except re.error:
        return True


def _open_shape(segments: list[str | None], text: str) -> Shape:
    """The shape of a pattern that only its regex understands from the segment `text` on."""
    if segments and _TAKES_SLASH.match(text):
        segments = segments[:-1]  # what follows may touch the segment before: its slash is optional
    return Shape(tuple(segments), is_open=True)
