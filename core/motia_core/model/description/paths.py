"""Express 4 path patterns as the path templates of OpenAPI: `/users/:id?` is `/users` and `/users/{id}`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from urllib.parse import quote

from motia_core.model.schema import Schema, SchemaError

MOST_PATHS = 16  # that one pattern becomes; of one with more, the longest and the shortest are shown
_PARAM = re.compile(r":(\w+)", re.ASCII)
_WORDS = re.compile(r"[\w.~-]+(?:\|[\w.~-]+)*", re.ASCII)  # user|member
_URL_TEXT = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True)
class PathParam:
    """A part of a path that varies. The name is the one that handlers see in pathParams."""

    name: str
    pattern: str = ""  # of the whole value; empty: anything
    choices: tuple[str, ...] = ()  # all values there are; empty: anything


@dataclass(frozen=True, slots=True)
class PathTemplate:
    """One path of a pattern, such as `/users/{id}`."""

    text: str
    params: tuple[PathParam, ...] = ()

    @property
    def shape(self) -> str:
        """Equal for templates that differ in the names of their parameters only."""
        return re.sub(r"\{[^}]*\}", "{}", self.text).lower()


_Piece = str | PathParam
_Option = tuple[_Piece, ...]


class _NotRenderableError(Exception):
    """A part of the pattern has no rendering as a template."""


def path_templates(source: str) -> tuple[PathTemplate, ...]:
    """The paths that a pattern serves, shortest first. A `*` and groups get numbers as names, as in Express.

    Args:
        source: A pattern that `compile_route` takes.
    """
    reader = _Reader(source)
    try:
        reader.run()
    except _NotRenderableError:
        reader.give_up()
    options = reader.options
    if _number(options) > MOST_PATHS:
        options = [[(), choice[-1]] if () in choice else choice[-1:] for choice in options]
        chosen: list[tuple[_Option, ...]] = [tuple(choice[at] for choice in options) for at in (0, -1)]
    else:
        chosen = list(product(*(reversed(choice) for choice in options)))  # of `/:a?/:b?` Express fills `a` first
    found: dict[str, PathTemplate] = {}
    for template in sorted(
        (_template(one, source) for one in chosen), key=lambda one: (len(one.params), len(one.text))
    ):
        found.setdefault(template.shape, template)
    return tuple(found.values())


class _Reader:
    """Reads a pattern from left to right into pieces, each with its options."""

    def __init__(self, source: str) -> None:
        self.options: list[list[_Option]] = []
        self._source = source
        self._at = 0
        self._unnamed = 0

    def run(self) -> None:
        source = self._source
        while self._at < len(source):
            char = source[self._at]
            if param := _PARAM.match(source, self._at):
                self._at = param.end()
                self._param(param[1])
            elif char == "*":
                self._at += 1
                self._add((PathParam(self._number()),))
            elif char == "(":
                self._group()
            elif char == "?":
                self._optional_char()
            elif char == "+":
                self._at += 1  # once is enough
            elif char in "[]{}|^$)":
                raise _NotRenderableError
            else:
                escaped = char == "\\" and self._at + 1 < len(source)
                if escaped and source[self._at + 1].isalnum():
                    raise _NotRenderableError  # a class such as \d
                self._at += 2 if escaped else 1
                self._add((quote(source[self._at - 1], safe=_URL_TEXT),))

    def give_up(self) -> None:
        """What cannot be rendered is one parameter, from the last slash on."""
        while self.options and self.options[-1] != [("/",)]:
            self.options.pop()
        self._add((PathParam("rest"),))

    def _add(self, *options: _Option) -> None:
        self.options.append(list(options))

    def _param(self, name: str) -> None:
        own = self._balanced() if self._source.startswith("(", self._at) else ""
        if own:
            self._count_groups(own)
        if self._source.startswith("*", self._at):
            self._at += 1
            self._number()
        param = PathParam(name, _pattern(own), _choices(own))
        if not self._takes("?"):
            self._add((param,))
            return
        prefix = self.options.pop()[0] if self.options and self.options[-1] in ([("/",)], [(".",)]) else ()
        self._add((), (*prefix, param))

    def _group(self) -> None:
        is_captured = not self.options or self.options[-1] != [("/",)]
        inner = self._balanced()
        choices = _choices(inner)
        if is_captured:
            options: list[_Option] = [(PathParam(self._number(), _pattern(inner), choices),)]
            self._count_groups(inner)
        elif choices:
            options = [(choice,) for choice in choices]
        else:
            raise _NotRenderableError
        if self._takes("?"):
            options = [(), *options]
        self._add(*options)

    def _optional_char(self) -> None:
        self._at += 1
        if not self.options or len(self.options[-1]) != 1:
            raise _NotRenderableError
        self.options[-1] = [(), *self.options[-1]]

    def _takes(self, char: str) -> bool:
        if self._source.startswith(char, self._at):
            self._at += 1
            return True
        return False

    def _number(self) -> str:
        self._unnamed += 1
        return str(self._unnamed - 1)

    def _count_groups(self, text: str) -> None:
        try:
            self._unnamed += re.compile(text.replace("(?<", "(?P<")).groups
        except re.error:
            raise _NotRenderableError from None

    def _balanced(self) -> str:
        """What is in the parentheses that begin here."""
        start, depth, at = self._at, 0, self._at
        while at < len(self._source):
            char = self._source[at]
            if char == "\\":
                at += 1
            elif char in "()":
                depth += 1 if char == "(" else -1
                if depth == 0:
                    self._at = at + 1
                    return self._source[start + 1 : at]
            at += 1
        raise _NotRenderableError


def _pattern(regex: str) -> str:
    """A regex of the whole value; empty where the rest of the world would read it differently."""
    if not regex or _choices(regex):
        return ""
    whole = f"^(?:{regex})$"
    try:
        Schema({"type": "string", "pattern": whole})
    except SchemaError:
        return ""
    return whole


def _choices(regex: str) -> tuple[str, ...]:
    return tuple(regex.split("|")) if _WORDS.fullmatch(regex) and "." not in regex else ()


def _number(options: list[list[_Option]]) -> int:
    number = 1
    for choice in options:
        number *= len(choice)
    return number


def _template(chosen: tuple[_Option, ...], source: str) -> PathTemplate:
    pieces = [piece for option in chosen for piece in option]
    params: dict[str, PathParam] = {}
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
            continue
        name, again = piece.name, 1
        while name in params:
            again += 1
            name = f"{piece.name}{again}"
        params[name] = PathParam(name, piece.pattern, piece.choices)
        text += f"{{{name}}}"
    if source.endswith("/") and text.endswith("/"):  # where a pattern ends with a slash it need not be there
        text = text[:-1]
    return PathTemplate(text or "/", tuple(params.values()))
