"""The topics and streams of a project as an AsyncAPI 3.0 document."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from motia_core.model.description.components import Components, Embedded, is_schema
from motia_core.model.description.dialect import Schema, draft_7
from motia_core.model.description.info import Info
from motia_core.model.description.naming import camel_name, operation_names
from motia_core.model.description.samples import NOTHING, sample
from motia_core.model.project import Project
from motia_core.model.schema_refs import type_name, unique_name
from motia_core.model.step import Step, StepType
from motia_core.model.stream import Stream

VERSION = "3.0.0"
_NOT_IN_IDS = re.compile(r"[^A-Za-z0-9._-]+")


def asyncapi(project: Project, info: Info, servers: Iterable[str] = ()) -> Schema:
    """The document, as JSON-able values.

    A topic is a channel with one message: its payload is what the inputs of all subscribers accept. Steps receive
    what they subscribe to or wait for, and send what they declare in emits. A stream is a channel with its items.

    Args:
        project: Whose steps and streams are described; noop steps are not.
        info: What the document says about itself.
        servers: URLs of cores that take events.
    """
    channels = _Channels(project)
    schemas = {name: draft_7(schema) for name, schema in channels.components.finish().items()}
    document: Schema = {
        "asyncapi": VERSION,
        "info": info.describe(),
        "defaultContentType": "application/json",
        "channels": channels.channels,
        "operations": channels.operations,
        "components": {"schemas": schemas, "messages": channels.messages()},
    }
    if found := {f"core{at or ''}": _server(url) for at, url in enumerate(servers)}:
        document["servers"] = found
    return document


def _server(url: str) -> Schema:
    parts = urlsplit(url)
    return {
        "host": parts.netloc,
        "protocol": parts.scheme,
        "pathname": "/__motia/emit",
        "description": "Takes events from outside: POST {topic, data}.",
    }


class _Channels:
    """Collects channels, messages and operations."""

    def __init__(self, project: Project) -> None:
        self.components = Components()
        self.channels: dict[str, Schema] = {}
        self.operations: dict[str, Schema] = {}
        self._payloads: dict[str, Embedded] = {}  # by message
        self._of_topic: dict[str, tuple[str, str]] = {}  # channel and message
        self._names = operation_names(project.steps)
        steps = [step for step in project.steps if step.type is not StepType.NOOP]
        for topic in dict.fromkeys(topic for step in steps for topic in (*_sent(step), *_received(step))):
            self._add_topic(topic, steps)
        for step in steps:
            for action, topics in (("receive", _received(step)), ("send", _sent(step))):
                for topic in dict.fromkeys(topics):
                    self._operation(step, action, topic)
        for stream in project.streams:
            self._add_stream(stream)

    def messages(self) -> dict[str, Schema]:
        """The messages by name, when all is collected."""
        found: dict[str, Schema] = {}
        for name, payload in self._payloads.items():
            found[name] = {"name": name, "payload": draft_7(payload)}
            if (example := sample(self.components, payload)) is not NOTHING:
                found[name]["examples"] = [{"payload": example}]
        return found

    def _add_topic(self, topic: str, steps: list[Step]) -> None:
        channel, name = self._of_topic[topic] = self._ids(topic, topic)
        inputs = {step.id: step.config.get("input") for step in steps if topic in step.subscribes}
        named = [(f"{type_name(self._names[one], 'Step')}Input", source) for one, source in inputs.items()]
        self._payloads[name] = self._payload([(own, source) for own, source in named if is_schema(source)])
        readers = ", ".join(step.name for step in steps if topic in _received(step))
        self.channels[channel] = {
            "address": topic,
            "title": topic,
            "description": f"Read by {readers}." if readers else "No step reads it.",
            "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        }

    def _add_stream(self, stream: Stream) -> None:
        channel, name = self._ids(f"stream.{stream.name}", f"{stream.name} item")
        source = stream.config.get("schema")
        self._payloads[name] = self._payload([(type_name(stream.name, "Item"), source)] if is_schema(source) else [])
        self.channels[channel] = {
            "address": stream.name,
            "title": stream.name,
            "description": "A stream: items of groups, each with an id.",
            "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        }
        self.operations[unique_name(camel_name(f"send {stream.name} item"), self.operations)] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{channel}"},
            "summary": f"Items that steps set in the stream {stream.name}.",
            "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"}],
        }

    def _ids(self, channel: str, message: str) -> tuple[str, str]:
        """Ids of a new channel and its message."""
        ascii_name = _NOT_IN_IDS.sub("_", type_name(message, "Event"))
        own = unique_name(_NOT_IN_IDS.sub("_", channel).strip("_") or "topic", self.channels)
        return own, unique_name(ascii_name.strip("_") or "Event", self._payloads)

    def _payload(self, sources: list[tuple[str, object]]) -> Embedded:
        found: list[Embedded] = []
        for name, source in sources:
            schema = self.components.embed(source, name)
            if schema not in found:
                found.append(schema)
        if not found:
            return {}
        return found[0] if len(found) == 1 else {"allOf": found}

    def _operation(self, step: Step, action: str, topic: str) -> None:
        channel, name = self._of_topic[topic]
        operation: Schema = {
            "action": action,
            "channel": {"$ref": f"#/channels/{channel}"},
            "summary": step.name,
            "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"}],
        }
        if step.description:
            operation["description"] = step.description
        if step.flows:
            operation["tags"] = [{"name": flow} for flow in step.flows]
        own = f"{self._names[step.id]}{action.title()}{type_name(topic, 'Event')}"
        self.operations[unique_name(_NOT_IN_IDS.sub("_", own), self.operations)] = operation


def _received(step: Step) -> tuple[str, ...]:
    return (*step.subscribes, *step.waits_for)


def _sent(step: Step) -> tuple[str, ...]:
    return tuple(target.topic for target in step.emits)
