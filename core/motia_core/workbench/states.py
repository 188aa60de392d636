"""State and the items of streams in the management API, and the endpoints of 0.x for them (contract 10.3)."""

from __future__ import annotations

import json

import orjson
from quart import Response, request

from motia_core.clock import Clock
from motia_core.errors import BodyInvalidError, NotAvailableError, StateConflictError
from motia_core.model.stream import Address, Stream
from motia_core.model.wording import describe
from motia_core.workbench.audit import Audit
from motia_core.workbench.describe import Facts
from motia_core.workbench.exchange import read_body, read_number, to_json
from motia_core.workbench.mount import Management

KEPT_BYTES = 8 * 1024  # of a value in the audit log
OURS = "__motia:"  # what groups are called that the core keeps for itself
MOST_KEYS = 10_000  # of one answer in the way of 0.x, which knows no pages


class States:
    """The endpoints under `/state`."""

    def __init__(self, management: Management, audit: Audit) -> None:
        self._state = management.state
        self._inspection = management.inspection
        self._clock: Clock = management.clock
        self._audit = audit
        self._live = management.live

    async def groups(self) -> Response:
        """Groups, and how many keys they have."""
        limit, after = read_number("limit", 100), request.args.get("cursor", "")
        prefix = request.args.get("prefix", "")
        found = await self._inspection.state_groups(self._clock.now_ms(), prefix=prefix, after=after, limit=limit)
        groups = [{"group": group, "keys": count} for group, count in found if not group.startswith(OURS)]
        return to_json({"groups": groups, "cursor": found[-1][0] if len(found) == limit else ""})

    async def values(self) -> Response:
        """A page of a group."""
        group, prefix = request.args.get("group", ""), request.args.get("prefix", "")
        page = await self._state.list_keys(group, prefix, request.args.get("cursor", ""), read_number("limit", 100))
        found = json.loads(page)
        items = []
        for item in found["items"]:
            versioned = json.loads(await self._state.get_versioned(group, item["key"]))
            items.append({**item, "type": kind_of(item["value"]), "version": versioned["version"]})
        return to_json({"items": items, "cursor": found["cursor"]})

    async def set(self) -> Response:
        """Write a value, if it still has the version that the caller saw."""
        body = await read_body()
        group, key = text_of(body, "group"), text_of(body, "key")
        if "value" not in body:
            raise BodyInvalidError("value is missing: it may be any JSON.")
        value = json.dumps(body["value"], ensure_ascii=False, separators=(",", ":")).encode()
        expected = body.get("version")
        if isinstance(expected, int):
            answer = json.loads(await self._state.compare_and_set(group, key, expected, value, 0))
            if not answer["ok"]:
                raise StateConflictError(f"'{key}' in '{group}' was changed by somebody else meanwhile.", **answer)
            version = answer["version"]
        else:
            await self._state.set(group, key, value, 0)
            version = json.loads(await self._state.get_versioned(group, key))["version"]
        self._note("state.set", f"{group}/{key}", **_kept(body["value"], value))
        return to_json({"group": group, "key": key, "value": body["value"], "version": version})

    async def remove(self) -> Response:
        """Remove keys of a group."""
        body = await read_body()
        group, keys = text_of(body, "group"), body.get("keys")
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise BodyInvalidError(f"keys must be a list of texts, found {describe(keys)}.")
        removed = [key for key in keys if await self._state.delete(group, key) != b"null"]
        self._note("state.remove", group, keys=removed)
        return to_json({"removed": len(removed)})

    # --- as in 0.x

    async def items_as_before(self) -> Response:
        """All items, or those of a group."""
        group = request.args.get("groupId")
        groups = [group] if group else [name for name, _ in await self._all_groups()]
        items = []
        for name in groups:
            page = json.loads(await self._state.list_keys(name, "", "", 1_000))["items"]
            items += [
                {"groupId": name, "key": item["key"], "type": kind_of(item["value"]), "value": item["value"]}
                for item in page
            ]
            if len(items) >= MOST_KEYS:
                break
        return to_json(items[:MOST_KEYS])

    async def set_as_before(self) -> Response:
        body = await read_body()
        group, key = text_of(body, "groupId"), text_of(body, "key")
        value = json.dumps(body.get("value"), ensure_ascii=False).encode()
        await self._state.set(group, key, value, 0)
        self._note("state.set", f"{group}/{key}", **_kept(body.get("value"), value))
        return to_json(body)

    async def delete_as_before(self) -> Response:
        ids = (await read_body()).get("ids")
        if not isinstance(ids, list):
            raise BodyInvalidError(f"ids must be a list of 'group:key', found {describe(ids)}.")
        for one in ids:
            group, _, key = str(one).partition(":")
            await self._state.delete(group, key)
            self._note("state.remove", group, keys=[key])
        return Response(status=204)

    async def _all_groups(self) -> list[tuple[str, int]]:
        return await self._inspection.state_groups(self._clock.now_ms(), prefix="", after="", limit=1_000)

    def _note(self, action: str, target: str, **details: object) -> None:
        self._audit.note(action, target, **details)
        self._live.changed("state")


class StreamItems:
    """The endpoints under `/streams`, `/stream-groups` and `/stream-items`."""

    def __init__(self, management: Management, audit: Audit) -> None:
        self._streams = management.streams
        self._project = management.project
        self._inspection = management.inspection
        self._watchers = management.watchers
        self._clock: Clock = management.clock
        self._audit = audit

    async def all(self) -> Response:
        """All streams."""
        return to_json({"streams": [self._describe(stream) for stream in self._project().streams]})

    async def details(self, name: str) -> Response:
        """One, with its schema."""
        stream = self._find(name)
        return to_json({**self._describe(stream), "schema": stream.config.get("schema")})

    async def groups(self) -> Response:
        """Groups of a stream, and how many items they have."""
        name = self._find(request.args.get("stream", "")).name
        limit, after = read_number("limit", 100), request.args.get("cursor", "")
        prefix, now_ms = request.args.get("prefix", ""), self._clock.now_ms()
        found = await self._inspection.stream_groups(name, now_ms, prefix=prefix, after=after, limit=limit)
        groups = [{"group": group, "items": count} for group, count in found]
        return to_json({"groups": groups, "cursor": found[-1][0] if len(found) == limit else ""})

    async def group(self, name: str, group_id: str) -> Response:
        """The items of a group."""
        items = [_bare(item) for item in json.loads(await self._streams.get_group(self._find(name).name, group_id))]
        return to_json({"streamName": name, "groupId": group_id, "items": items, "count": len(items)})

    async def item(self, name: str, group_id: str, item_id: str) -> Response:
        """One item."""
        found = json.loads(await self._streams.get(Address(self._find(name).name, group_id, item_id)))
        if found is None:
            raise NotAvailableError(f"There is no item {item_id!r} in group {group_id!r} of stream {name!r}.")
        return to_json({"streamName": name, "groupId": group_id, "itemId": item_id, "data": _bare(found)})

    async def write(self) -> Response:
        """Set or remove an item."""
        body = await read_body()
        name = self._find(text_of(body, "stream")).name
        address = Address(name, text_of(body, "group"), text_of(body, "id"))
        data = body.get("data")
        if data is None:
            found = await self._streams.delete(address)
            self._audit.note("stream.remove", "/".join(address))
        elif isinstance(data, dict):
            found = await self._streams.set(address, orjson.dumps(data))
            self._audit.note("stream.set", "/".join(address))
        else:
            raise BodyInvalidError(f"data must be an object, or null to remove the item, found {describe(data)}.")
        return to_json(_bare(json.loads(found)))

    def _find(self, name: str) -> Stream:
        for stream in self._project().streams:
            if stream.name == name:
                return stream
        raise NotAvailableError(f"There is no stream {name!r}.")

    def _describe(self, stream: Stream) -> Facts:
        return {
            "id": stream.name,
            "name": stream.name,
            "hidden": False,
            "filePath": stream.path,
            "language": stream.language,
            "watchers": self._watchers(stream.name),
            "presence": stream.has_presence,
            "ttlMs": stream.ttl_ms or None,
            "maxItems": stream.max_items or None,
        }


def kind_of(value: object) -> str:
    """What 0.x calls the type of a value."""
    if value is None:
        return "null"
    kinds = {bool: "boolean", int: "number", float: "number", str: "string", list: "array"}
    return kinds.get(type(value), "object")


def _kept(value: object, text: bytes) -> dict[str, object]:
    """What the audit log has of a value."""
    return {"value": value} if len(text) <= KEPT_BYTES else {}


def text_of(body: dict[str, object], name: str) -> str:
    """A field of a body that must be a text.

    Raises:
        BodyInvalidError: It is none.
    """
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise BodyInvalidError(f"{name} must be a text that is not empty, found {describe(value)}.")
    return value


def _bare(item: object) -> object:
    return {key: value for key, value in item.items() if key != "__motia"} if isinstance(item, dict) else item
