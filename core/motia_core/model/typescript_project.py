"""The `types.d.ts` of a project: what its handlers get and give, for the TypeScript compiler and for editors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from textwrap import indent

from motia_core.model.compat import conflicts
from motia_core.model.project import Project
from motia_core.model.route_params import named_params
from motia_core.model.schema_refs import type_name
from motia_core.model.step import EmitTarget, Step, StepType
from motia_core.model.topics import Topic, emits_of, is_schema, topics_of
from motia_core.model.typescript import LONGEST_LINE, TypeScriptTypes, block, intersection, quoted, union

IMPORTS = ("ApiResponse", "ApiRouteHandler", "CronHandler", "EventHandler", "MotiaStream")
ANY_EVENT = "AnyEvent"
HEADER = """/**
 * Written by motia-core from the steps of this project: edit those, not this.
 * It must be among the files that TypeScript compiles ("include" in tsconfig.json).
 */"""
BY_NAME = "HandlersByName"
# An interface cannot be generic for some: projects with steps of Motia 1.0 have an alias, which does for 0.x as well.
GENERIC = f"""/** `Handlers<typeof config>` for steps of Motia 1.0, `Handlers['Name']` for those of 0.x. */
type Handlers<TConfig extends import('motia').TriggeredConfig | null = null> =
  TConfig extends import('motia').TriggeredConfig ? import('motia').HandlerOf<TConfig> : {BY_NAME}"""
ANY_BODY = "Record<string, unknown>"
ANY_PARAMS = "Record<string, string>"
ANY_QUERY = "Record<string, string | string[]>"
ANY_HEADERS = "Record<string, string | string[]>"


def types_dts(project: Project, auth_context: object = None) -> str:
    """The text of types.d.ts.

    Args:
        project: As it was loaded; steps that failed to load are not in it.
        auth_context: The JSON Schema of what stream authentication gives; None: there is none.
    """
    return _Writer(project).text(auth_context)


class _Writer:
    def __init__(self, project: Project) -> None:
        self._project = project
        self._topics = topics_of(project.steps)
        self._types = TypeScriptTypes([*IMPORTS, ANY_EVENT])

    def text(self, auth_context: object) -> str:
        streams = _interface("FlowContextStateStreams", self._streams())
        is_generic = any(step.is_triggered and step.group == "node" for step in self._project.steps)
        interfaces = [streams, _interface(BY_NAME if is_generic else "Handlers", self._handlers())]
        if is_generic:
            interfaces.append(GENERIC)
        if isinstance(auth_context, Mapping):
            members = self._types.type_of(auth_context, name="StreamAuth")
            interfaces.append(f"interface StreamAuthContext {members if members.startswith('{') else '{}'}")
        any_event = self._any_event()
        declared = [f"type {name} = {text}" for name, text in self._types.declarations.items()]
        if any(self._emits_anything(step) for step in self._project.steps):
            what = "/** What steps may emit that name nothing in `emits`: everything. */"
            declared.append(f"{what}\ntype {ANY_EVENT} =\n{indent(any_event, '  ')}")
        module = indent("\n\n".join(interfaces), "  ")
        imports = f"import type {{ {', '.join(IMPORTS)} }} from 'motia'"
        return "\n\n".join([HEADER, imports, *declared, f"declare module 'motia' {{\n{module}\n}}\n"])

    # --- members

    def _streams(self) -> Iterator[str]:
        for stream in sorted(self._project.streams, key=lambda stream: stream.name):
            item = self._types.type_of(stream.config.get("schema"), name=type_name(stream.name, "Item"))
            yield f"{quoted(stream.name)}: MotiaStream<{item}>"

    def _handlers(self) -> Iterator[str]:
        written: set[str] = set()
        for step in sorted(self._project.steps, key=lambda step: step.name):
            if step.type is not StepType.NOOP and not step.is_triggered and step.name not in written:
                written.add(step.name)
                yield f"{_comment(step)}{quoted(step.name)}: {self._handler(step)}"

    def _handler(self, step: Step) -> str:
        emits = self._emits(step)
        if step.is_socket:
            message = self._read(step, "messageSchema") or "string | Buffer"
            _, *others = self._request(step)
            return _generic("import('motia').SocketHandler", [message, emits, *others[:2]])
        if step.type is StepType.API:
            body, *others = self._request(step)
            return _generic("ApiRouteHandler", [body, self._responses(step), emits, *others])
        if step.type is StepType.EVENT:
            return _generic("EventHandler", [self._read(step, "input") or "any", emits])
        return _generic("CronHandler", [emits])

    def _request(self, step: Step) -> list[str]:
        """Body, path parameters, query and headers; those at the end that are nothing special are left out."""
        own = [
            self._read(step, "bodySchema") or ANY_BODY,
            self._read(step, "pathSchema") or path_params(step.route),
            self._read(step, "querySchema") or ANY_QUERY,
        ]
        headers = self._read(step, "headersSchema")
        own.append(intersection([headers, ANY_HEADERS]) if headers else ANY_HEADERS)
        defaults = ["", ANY_PARAMS, ANY_QUERY, ANY_HEADERS]
        while own[-1] == defaults[len(own) - 1]:
            own.pop()
        return own

    def _read(self, step: Step, key: str) -> str:
        """The type of what the handler gets under a schema of its config; empty when there is none."""
        schema = step.config.get(key)
        if not is_schema(schema):
            return ""
        return self._types.type_of(schema, name=type_name(f"{step.name} {key}", "Input"), is_filled=True)

    def _responses(self, step: Step) -> str:
        responses = step.config.get("responseSchema")
        if not isinstance(responses, Mapping) or not responses:
            return "ApiResponse<number, unknown>"
        return _choices(
            f"ApiResponse<{status if str(status).isdecimal() else 'number'}, {self._body(step, str(status), schema)}>"
            for status, schema in responses.items()
        )

    def _body(self, step: Step, status: str, schema: object) -> str:
        return self._types.type_of(schema, name=type_name(f"{step.name} {status}", "Response"))

    # --- events

    def _emits_anything(self, step: Step) -> bool:
        return step.type is not StepType.NOOP and not step.is_triggered and not step.emits

    def _emits(self, step: Step) -> str:
        if self._emits_anything(step):
            return ANY_EVENT
        return _choices(self._event(self._topics[target.topic], target) for target in emits_of(step).values())

    def _any_event(self) -> str:
        others = "{ topic: string & {}; data?: unknown }"  # `& {}`: editors still offer the names of the known ones
        return _choices([*(self._event(topic, None) for topic in self._topics.values()), others])

    def _event(self, topic: Topic, target: EmitTarget | None) -> str:
        declared = None if target is None else target.schema
        data = self._types.type_of(declared, name=type_name(topic.name, "Data"))
        if not is_schema(declared):
            names = type_name(f"{topic.name} data", "Data")
            inputs = topic.inputs
            wanted = (self._types.type_of(schema, name=names) for schema in inputs)
            # of what nothing can suit, the type would be never: that loads with a warning, and must compile as well
            is_possible = not any(conflicts(*pair) for pair in combinations(inputs, 2))
            data = intersection(wanted) if is_possible else union(wanted)
        members = [f"topic: {quoted(topic.name)}", "data?: unknown" if data == "unknown" else f"data: {data}"]
        if topic.needs_group:
            members.append("messageGroupId: string")
        return block(members)


def path_params(route: str) -> str:
    """The type of the path parameters of an Express 4 pattern: `/orders/:id` has `{ id: string }`."""
    params = named_params(route).items()
    return block([f"{name}{'' if is_there else '?'}: string" for name, is_there in params]) if params else ANY_PARAMS


def _interface(name: str, members: Iterable[str]) -> str:
    inner = indent("\n".join(members), "  ")
    return f"interface {name} {{\n{inner}\n}}" if inner else f"interface {name} {{}}"


def _generic(name: str, arguments: list[str]) -> str:
    line = f"{name}<{', '.join(arguments)}>"
    if "\n" not in line and len(line) <= LONGEST_LINE:
        return line
    inner = indent(",\n".join(arguments), "  ")
    return f"{name}<\n{inner}\n>"


def _choices(types: Iterable[str]) -> str:
    """A union, on one line if it is short."""
    members = list(dict.fromkeys(types))
    line = union(members)
    return line if len(line) <= LONGEST_LINE and "\n" not in line else "\n".join(f"| {one}" for one in members)


def _comment(step: Step) -> str:
    what = f"{step.method} {step.route}" if step.type is StepType.API else _started_by(step)
    text = " ".join(f"{what}: {step.description}".split() if step.description else what.split())
    return f"/** {text.replace('*/', '* /')} · {step.place} */\n"


def _started_by(step: Step) -> str:
    return step.watches.what if step.watches else ", ".join(step.subscribes) or step.cron
