"""The api steps of a project as a typed client: one TypeScript file without dependencies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from textwrap import indent

from motia_core.model.description.answers import ALWAYS, WITH_BODY, is_bodiless, status_of, takes_body
from motia_core.model.description.client_runtime import NAMES, RUNTIME
from motia_core.model.description.components import is_schema
from motia_core.model.description.info import Info
from motia_core.model.description.naming import operation_names
from motia_core.model.description.parameters import described_query
from motia_core.model.description.paths import PathParam, path_templates
from motia_core.model.project import Project
from motia_core.model.schema import Schema
from motia_core.model.schema_refs import type_name
from motia_core.model.step import Step, StepType
from motia_core.model.typescript import TypeScriptTypes, block, property_name, quoted, union

_NO_STATUS = "number"  # of answers that a step declares for many statuses


def typescript_client(project: Project, info: Info) -> str:
    """The text of the file.

    Each api step is a method of the class Client. It takes path parameters, query, headers and body, and returns
    one of the answers that the step's responseSchema declares, or a Problem of the core; `status` says which.

    Args:
        project: Whose api steps are called; those that get OPTIONS are left out.
        info: What the file says about its origin.
    """
    steps = [step for step in project.steps if step.type is StepType.API and step.method != "OPTIONS"]
    names = operation_names(steps)
    own = {f"{type_name(name, 'Step')}{kind}" for name in names.values() for kind in ("Request", "Response")}
    types = TypeScriptTypes(reserved=NAMES | own)
    written = [_Operation(step, names[step.id], types) for step in steps]
    interfaces = [text for operation in written for text in (operation.request_type(), operation.response_type())]
    methods = [operation.method() for operation in written]
    typed = [*(f"export type {name} = {text}" for name, text in types.declarations.items()), *interfaces]
    title = _comment_text(f"{info.title} {info.version}")
    # no parameter property: Node runs TypeScript only if all that is not JavaScript can be left out
    client = "export class Client {\n  readonly #options: ClientOptions\n\n"
    client += "  constructor(options: ClientOptions) {\n    this.#options = options\n  }\n"
    buffer = ["type Buffer = Uint8Array // what is binary"] if re.search(r"\bBuffer\b", "".join(typed)) else []
    parts = [
        f"// Client of {title}. Written by `motia-core generate client`: changes are lost.\n/* eslint-disable */",
        *buffer,
        *typed,
        f"/** The api steps of {title}. */\n{client}{''.join(methods)}}}",
        RUNTIME,
    ]
    return "\n\n".join(parts)


class _Operation:
    """One step as a method and its types."""

    def __init__(self, step: Step, name: str, types: TypeScriptTypes) -> None:
        self._step, self._name, self._types = step, name, types
        self._type_name = type_name(name, "Step")
        templates = path_templates(step.route)
        self._paths = [template.text for template in reversed(templates)]
        self._params = {param.name: param for template in templates for param in template.params}
        self._always = {
            name for name in self._params if all(any(p.name == name for p in one.params) for one in templates)
        }
        self._needs: list[str] = []  # members without which the request cannot be made

    def request_type(self) -> str:
        members: list[str] = []
        if self._params:
            is_needed = bool(self._always)
            members.append(self._member("path", block(list(map(self._path_member, self._params.values()))), is_needed))
        if query := self._query():
            members.append(self._member("query", query, self._needs_some("querySchema")))
        if headers := self._type("headersSchema", "Headers"):
            members.append(self._member("headers", headers, self._needs_some("headersSchema")))
        if self._step.method not in ("GET", "HEAD"):  # fetch sends none with those
            body = self._type("bodySchema", "Body")
            members.append(self._member("body", body or "unknown", bool(body) and self._needs_body()))
        return f"export interface {self._type_name}Request extends RequestOptions {{{_lines(members)}}}"

    def response_type(self) -> str:
        declared = self._step.config.get("responseSchema")
        bodies: dict[str, list[str]] = {}
        for key, source in declared.items() if isinstance(declared, Mapping) else ():
            if (status := status_of(key)) and is_schema(source):
                name = f"{self._type_name}Result"
                text = "undefined" if is_bodiless(status) else self._types.type_of(source, name=name)
                bodies.setdefault(status if status.isdigit() else _NO_STATUS, []).append(text)
        if not bodies:
            bodies[_NO_STATUS] = ["unknown"]
        alone = []
        for number in (*ALWAYS, *(WITH_BODY if takes_body(self._step) else ()), *((404,) if self._params else ())):
            if str(number) in bodies:
                bodies[str(number)].append("Problem")
            else:
                alone.append(number)
        answers = [_answer(status, union(texts)) for status, texts in sorted(bodies.items())]
        if _NO_STATUS not in bodies:
            answers.append(_answer(" | ".join(map(str, sorted(alone))), "Problem"))
        return f"export type {self._type_name}Response =\n" + "\n".join(f"  | {one}" for one in answers)

    def method(self) -> str:
        default = "" if self._needs else " = {}"
        paths = ", ".join(map(quoted, self._paths))
        route = f"{{ method: {quoted(self._step.method)}, paths: [{paths}] }}"
        about = [f"{self._step.method} {self._step.route}", *self._step.description.splitlines()]
        comment = "\n".join(f" * {_comment_text(line)}".rstrip() for line in about)
        sent = f"return send(this.#options, {route}, request) as Promise<{self._type_name}Response>"
        signature = f"{self._name}(request: {self._type_name}Request{default}): Promise<{self._type_name}Response>"
        return indent(f"\n/**\n{comment}\n */\n{signature} {{\n  {sent}\n}}\n", "  ")

    def _member(self, name: str, text: str, needed: bool) -> str:
        if needed:
            self._needs.append(name)
        return f"{name}{'' if needed else '?'}: {text}"

    def _path_member(self, param: PathParam) -> str:
        schema = self._step.config.get("pathSchema")
        properties = schema.get("properties") if isinstance(schema, Mapping) else None
        text = "string | number"
        if isinstance(properties, Mapping) and param.name in properties:
            text = self._types.type_of(properties[param.name], name=f"{self._type_name}Path", root=schema)
        elif param.choices:
            text = union(map(quoted, param.choices))
        return f"{property_name(param.name)}{'' if param.name in self._always else '?'}: {text}"

    def _query(self) -> str:
        described = described_query(self._step)
        schema = self._step.config.get("querySchema")
        properties = schema.get("properties") if isinstance(schema, Mapping) else None
        known = properties if isinstance(properties, Mapping) else {}
        others = [f"{property_name(name)}?: string | number | boolean" for name in described if name not in known]
        parts = [self._type("querySchema", "Query"), block(others) if others else ""]
        return " & ".join(part for part in parts if part)

    def _type(self, key: str, kind: str) -> str:
        """The type of a schema of the step; empty when it has none."""
        source = self._step.config.get(key)
        if source is None or not is_schema(source):
            return ""
        return self._types.type_of(source, name=f"{self._type_name}{kind}")

    def _needs_body(self) -> bool:
        source = self._step.config["bodySchema"]
        assert isinstance(source, (Mapping, bool))  # is_schema
        return bool(Schema(source).violations(b"{}"))  # what handlers see of a request without one

    def _needs_some(self, key: str) -> bool:
        """Whether a schema of named texts requires one of them."""
        source = self._step.config.get(key)
        return isinstance(source, Mapping) and bool(source.get("required"))


def _answer(status: str, body: str) -> str:
    if status == _NO_STATUS:
        return f"Answer<number, true, {body}> | Answer<number, false, {body}>"
    ok = "true" if re.fullmatch(r"2\d\d", status) else "false"
    return f"Answer<{status}, {ok}, {body}>"


def _lines(members: list[str]) -> str:
    return indent("\n" + "\n".join(members) + "\n", "  ") if members else ""


def _comment_text(text: str) -> str:
    return " ".join(text.replace("*/", "* /").split())
