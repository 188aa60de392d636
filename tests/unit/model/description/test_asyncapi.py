"""Topics and streams as AsyncAPI, valid by the official schema of AsyncAPI 3.0."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings

from motia_core.model.description.asyncapi import asyncapi
from motia_core.model.description.info import Info
from tests.fakes.projects import a_project
from tests.unit.model.description.test_dialect import SCHEMAS

SPECS = Path(__file__).parents[3] / "npm" / "node_modules" / "@asyncapi" / "specs" / "schemas"
ORDER = {
    "type": "object",
    "properties": {"id": {"$ref": "#/$defs/Id"}},
    "required": ["id"],
    "$defs": {"Id": {"type": "string"}},
}


@cache
def official() -> Any:
    file = SPECS / "3.0.0-without-$id.json"
    if not file.exists():
        pytest.fail(f"{file} is missing: run make setup")
    return jsonschema_rs.validator_for(json.loads(file.read_text()))


def described(configs: Mapping[str, Mapping[str, object]], *servers: str) -> Any:
    """The document of these files, which is valid."""
    document = json.loads(json.dumps(asyncapi(a_project(configs), Info("shop"), servers)))
    assert [error.message for error in official().iter_errors(document)] == []
    return document


def an_event(name: str, *topics: str, **config: object) -> dict[str, object]:
    return {"type": "event", "name": name, "subscribes": topics, "emits": [], **config}


def test_topics_are_channels_that_steps_send_to_and_receive_from() -> None:
    document = described(
        {
            "steps/a.step.ts": {
                "type": "api", "name": "Create", "method": "POST", "path": "/x", "flows": ["f"],
                "emits": ["order.created", {"topic": "mail send", "label": "l"}],
            },
            "steps/b_step.py": an_event("Price order", "order.created", waitsFor=["order.paid"], input=ORDER),
            "steps/c.step.js": {"type": "cron", "name": "Tick", "cron": "0 9 * * *", "emits": ["order.created"]},
            "steps/d.step.js": {"type": "noop", "name": "Bank", "virtualEmits": ["never"], "virtualSubscribes": []},
        },
        "http://127.0.0.1:3000",
    )  # fmt: skip
    channels = document["channels"]
    assert {key: channel["address"] for key, channel in channels.items()} == {
        "order.created": "order.created",
        "mail_send": "mail send",
        "order.paid": "order.paid",
    }
    assert channels["order.paid"]["description"] == "Read by Price order."
    said = {name: (one["action"], one["channel"]["$ref"]) for name, one in document["operations"].items()}
    assert said == {
        "createSendOrderCreated": ("send", "#/channels/order.created"),
        "createSendMailSend": ("send", "#/channels/mail_send"),
        "priceOrderReceiveOrderCreated": ("receive", "#/channels/order.created"),
        "priceOrderReceiveOrderPaid": ("receive", "#/channels/order.paid"),
        "tickSendOrderCreated": ("send", "#/channels/order.created"),
    }
    message = document["components"]["messages"]["OrderCreated"]
    assert message["payload"]["properties"] == {"id": {"$ref": "#/components/schemas/Id"}}
    assert message["examples"] == [{"payload": {"id": "text"}}]
    assert document["servers"]["core"]["host"] == "127.0.0.1:3000"


def test_a_message_is_what_all_subscribers_accept() -> None:
    document = described(
        {
            "steps/a.step.ts": an_event("A", "t", input=ORDER),
            "steps/b.step.ts": an_event("B", "t", input=ORDER),
            "steps/c.step.ts": an_event("C", "t", input={"required": ["total"]}),
            "steps/d.step.ts": an_event("D", "t"),
        }
    )
    payload = document["components"]["messages"]["T"]["payload"]
    assert [part["required"] for part in payload["allOf"]] == [["id"], ["total"]]


def test_payloads_are_draft_7() -> None:
    tuple_schema = {"type": "array", "prefixItems": [{"type": "string"}], "items": False}
    payload = described({"steps/a.step.ts": an_event("A", "t", input=tuple_schema)})["components"]["messages"]["T"]
    assert payload["payload"] == {"type": "array", "items": [{"type": "string"}], "additionalItems": False}


def test_streams_are_channels_with_their_items() -> None:
    document = described(
        {"steps/chat.stream.ts": {"name": "chat", "schema": ORDER}, "steps/log.stream.ts": {"name": "log"}}
    )
    assert document["channels"]["stream.chat"]["address"] == "chat"
    assert document["operations"]["sendChatItem"]["action"] == "send"
    assert document["components"]["messages"]["ChatItem"]["payload"]["required"] == ["id"]
    assert document["components"]["messages"]["LogItem"]["payload"] == {}


@settings(max_examples=30, deadline=None)
@given(SCHEMAS, SCHEMAS)
def test_the_document_is_valid_whatever_the_steps_say(one: Any, other: Any) -> None:
    definitions = {"definitions": {"X": {"type": "object"}, "Y": {"$id": "#y"}}}
    described(
        {
            "steps/a.step.ts": an_event("A", "t", "ü / ~", input={**one, **definitions}),
            "steps/b.step.ts": an_event("A", "t", input={**other, **definitions}),
            "steps/chat.stream.ts": {"name": "t", "schema": {**other, **definitions}},
        }
    )
