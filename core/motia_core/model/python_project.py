"""The `motia_types.py` of a project: what its Python handlers get and give, for type checkers and editors."""

from __future__ import annotations

import keyword
from collections.abc import Iterator
from itertools import combinations
from textwrap import indent

from motia_core.model.compat import conflicts
from motia_core.model.project import Project
from motia_core.model.python_types import PythonTypes, alias, literal, typed_dict, union
from motia_core.model.route_params import named_params
from motia_core.model.schema_flat import combined, mapping
from motia_core.model.schema_refs import type_name
from motia_core.model.step import Step, StepType
from motia_core.model.topics import Topic, emits_of, is_schema, topics_of

HEADER = '''"""Written by motia-core from the steps of this project: edit those, not this.

The names are for annotations: `if TYPE_CHECKING: from motia_types import …`. At run time they mean nothing.
"""

# fmt: off
# ruff: noqa
from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import Literal, TypeAlias, TypedDict, overload

    from motia import Context, Event, Streams
    from motia.typed import EventOptions, Request, Response, TypedStream
    from typing_extensions import Never, NotRequired
'''
FOOTER = """
else:

    def __getattr__(name: str) -> Any:
        return Any
"""
NAMES = (  # that are taken by the header and by what follows it
    *("Any", "Awaitable", "Context", "Event", "EventOptions", "Literal", "Never", "NotRequired", "ProjectStreams"),
    *("Request", "Response", "Streams", "TYPE_CHECKING", "TypeAlias", "TypedDict", "TypedStream", "overload"),
)
NARROWER = "  # type: ignore[override]"  # than in the class above
ANY_VALUES = "dict[str, str | list[str]]"


def motia_types(project: Project) -> str:
    """The text of motia_types.py.

    Args:
        project: As it was loaded; steps that failed to load are not in it.
    """
    return _Writer(project).text()


class _Writer:
    def __init__(self, project: Project) -> None:
        self._project = project
        self._topics = topics_of(project.steps)
        self._types = PythonTypes(NAMES)
        self._events: dict[str, str] = {}  # class by topic

    def text(self) -> str:
        python = [step for step in self._project.steps if step.language == "python"]
        own = [step for step in python if step.type is not StepType.NOOP and not step.is_triggered]
        for step in sorted(own, key=lambda step: step.id):
            self._step(step)
        parts = [self._streams(), *self._types.declarations]
        return "\n".join([HEADER, indent("\n\n".join(parts), "    "), FOOTER])

    # --- steps

    def _step(self, step: Step) -> None:
        """Declare what the handler of a step gets and gives."""
        prefix = type_name(step.name, "Step")
        context = self._types.name(f"{prefix}Context")
        events = union(self._emitted(step))
        self._types.declare(
            context,
            f"class {context}(Context):\n"
            f'    """Of {step.place}, for an async handler."""\n\n'
            "    streams: ProjectStreams\n\n"
            f"    def emit(self, event: {events}) -> Awaitable[None]: ...{NARROWER}",
        )
        if step.type is StepType.EVENT:
            self._alias(f"{prefix}Input", self._read(step, "input", f"{prefix}Data") or "Any")
        if step.is_socket:
            self._alias(f"{prefix}Event", "dict[str, Any]")
        elif step.type is StepType.API:
            self._alias(f"{prefix}Request", self._request(step, prefix))
            self._alias(f"{prefix}Response", self._responses(step, prefix))

    def _alias(self, name: str, written: str) -> None:
        own = self._types.name(name)
        self._types.declare(own, alias(own, written))

    def _read(self, step: Step, key: str, name: str) -> str:
        """The type of what the handler gets under a schema of its config; empty when there is none."""
        schema = step.config.get(key)
        return self._types.type_of(schema, name, is_filled=True) if is_schema(schema) else ""

    def _request(self, step: Step, prefix: str) -> str:
        body = self._read(step, "bodySchema", f"{prefix}Body") or "dict[str, Any]"
        path = self._read(step, "pathSchema", f"{prefix}Path") or self._path(step, prefix)
        query = self._read(step, "querySchema", f"{prefix}Query") or ANY_VALUES
        headers = self._read(step, "headersSchema", f"{prefix}Headers") or ANY_VALUES
        return f"Request[{body}, {path}, {query}, {headers}]"

    def _path(self, step: Step, prefix: str) -> str:
        params = named_params(step.route)
        if not params:
            return "dict[str, str]"
        name = self._types.name(f"{prefix}Path")
        fields = {key: "str" if is_there else "NotRequired[str]" for key, is_there in params.items()}
        self._types.declare(name, typed_dict(name, fields))
        return name

    def _responses(self, step: Step, prefix: str) -> str:
        names = []
        for status, schema in mapping(step.config.get("responseSchema")).items():
            body = self._types.type_of(schema, f"{prefix}{type_name(str(status), '')}Body".replace("_", ""))
            name = self._types.name(f"{prefix}{status}" if f"{prefix}{status}".isidentifier() else f"{prefix}Other")
            code = literal([int(status)]) if str(status).isdecimal() else "int"
            fields = {"status": code, "body": body, "headers": "NotRequired[dict[str, Any]]"}
            self._types.declare(name, typed_dict(name, fields))
            names.append(name)
        return " | ".join(names) or "Response"

    # --- events and streams

    def _emitted(self, step: Step) -> Iterator[str]:
        if not step.emits:  # may emit everything
            yield from (self._event(topic) for topic in self._topics.values())
            yield "Event"
        for topic, target in emits_of(step).items():
            if is_schema(target.schema):
                prefix = type_name(f"{step.name} {topic}", "Event")
                yield self._event_class(self._topics[topic], f"{prefix}Event", target.schema)
            else:
                yield self._event(self._topics[topic])

    def _event(self, topic: Topic) -> str:
        if topic.name not in self._events:
            inputs = topic.inputs
            is_possible = not any(conflicts(*pair) for pair in combinations(inputs, 2))
            schema = combined(inputs) if inputs and is_possible else None
            name = f"{type_name(topic.name, 'Topic')}Event"
            self._events[topic.name] = self._event_class(topic, name, schema)
        return self._events[topic.name]

    def _event_class(self, topic: Topic, wanted: str, schema: object) -> str:
        name = self._types.name(wanted)
        data = self._types.type_of(schema, f"{type_name(topic.name, 'Topic')}Data")
        fields = {
            "topic": literal([topic.name]),
            "data": "NotRequired[Any]" if data == "Any" else data,
            "messageGroupId": "str" if topic.needs_group else "NotRequired[str]",
        }
        self._types.declare(name, typed_dict(name, fields, "EventOptions"))
        return name

    def _streams(self) -> str:
        """The class of `ctx.streams`."""
        streams = {}
        for stream in sorted(self._project.streams, key=lambda stream: stream.name):
            item = self._types.type_of(stream.config.get("schema"), f"{type_name(stream.name, 'Stream')}Item")
            streams[stream.name] = f"TypedStream[{item}]"
        if not streams:
            return "class ProjectStreams(Streams): ..."
        members = [f"{name}: {written}" for name, written in streams.items() if _is_member(name)]
        ways = [
            f"def __getitem__(self, name: {literal([name])}) -> {written}: ..." for name, written in streams.items()
        ]
        if len(ways) > 1:
            ways = [f"@overload\n{way}" for way in ways]
            ways[0] = ways[0].replace("@overload", f"@overload{NARROWER}")
            ways.append("def __getitem__(self, name: str) -> Any: ...")
        else:
            ways[0] += NARROWER
        body = "\n".join([*members, *([""] if members else []), *ways])
        return f"class ProjectStreams(Streams):\n{indent(body, '    ')}"


def _is_member(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("__") and name != "get"
