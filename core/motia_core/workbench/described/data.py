"""State, and the items of streams."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from motia_core.workbench.described.operation import (
    NOTHING,
    At,
    Cursor,
    JsonSchema,
    Limit,
    Operation,
    Operations,
    Payload,
)

ValueType = Literal["null", "boolean", "number", "string", "array", "object"]


class GroupsQuery(TypedDict, total=False):
    """Which groups."""

    prefix: str
    cursor: str
    limit: Limit


class StateGroup(TypedDict):
    """A group of state."""

    group: str
    keys: int


class StateGroups(TypedDict):
    """Groups, by name."""

    groups: list[StateGroup]
    cursor: Cursor


class ValuesQuery(TypedDict, total=False):
    """Which values."""

    group: str
    prefix: Annotated[str, Meta(description="Of keys.")]
    cursor: str
    limit: Limit


class Value(TypedDict):
    """A value of state."""

    key: str
    value: Any
    type: ValueType
    version: int


class Values(TypedDict):
    """Values of a group, by key."""

    items: list[Value]
    cursor: Cursor


class HistoryQuery(TypedDict, total=False):
    """Of which key."""

    group: str
    key: str
    limit: Limit


# who has changed a value: an attempt of a step, or somebody through this API
ChangedBy = TypedDict("ChangedBy", {"name": str, "traceId": str, "attemptId": int, "from": str}, total=False)


class Change(TypedDict):
    """A change of a value. `count`: so often one after the other; this is the last of them."""

    time: At
    type: Annotated[str, Meta(examples=["state.set", "state.delete"])]
    data: Payload | None
    error: str | None
    count: int
    by: ChangedBy


class History(TypedDict):
    """Changes, newest first."""

    changes: list[Change]


class SetValue(TypedDict):
    """What to write."""

    group: str
    key: str
    value: Any
    version: NotRequired[Annotated[int, Meta(description="Write only if this is its version still; 0: it has none.")]]


class WrittenValue(TypedDict):
    """What was written."""

    group: str
    key: str
    value: Any
    version: int


class RemoveKeys(TypedDict):
    """What to remove."""

    group: str
    keys: list[str]


class Removed(TypedDict):
    """How many there were."""

    removed: int


class OldItem(TypedDict):
    """A value of state, as in 0.x."""

    groupId: str
    key: str
    type: ValueType
    value: Any


class OldItemsQuery(TypedDict, total=False):
    """Of which group; without it of all."""

    groupId: str


class OldSet(TypedDict):
    """What to write."""

    groupId: str
    key: str
    value: NotRequired[Any]


class OldDelete(TypedDict):
    """What to remove."""

    ids: Annotated[list[str], Meta(examples=[["group:key"]])]


class Stream(TypedDict):
    """A stream of the project."""

    id: str
    name: str
    hidden: bool
    filePath: str
    language: str
    watchers: int
    presence: bool
    ttlMs: int | None
    maxItems: int | None


class StreamDetails(Stream):
    """A stream with its schema."""

    schema: JsonSchema


class Streams(TypedDict):
    """The streams."""

    streams: list[Stream]


class StreamGroupsQuery(GroupsQuery):
    """Which groups of which stream."""

    stream: str


class StreamGroup(TypedDict):
    """A group of a stream."""

    group: str
    items: int


class StreamGroups(TypedDict):
    """Groups, by name."""

    groups: list[StreamGroup]
    cursor: Cursor


class GroupItems(TypedDict):
    """The items of a group, oldest first."""

    streamName: str
    groupId: str
    items: list[dict[str, Any]]
    count: int


class OneItem(TypedDict):
    """An item."""

    streamName: str
    groupId: str
    itemId: str
    data: dict[str, Any]


class WriteItem(TypedDict):
    """An item to set; with data null it is removed."""

    stream: str
    group: str
    id: str
    data: NotRequired[dict[str, Any] | None]


_Item = Annotated[Any, Meta(description="The item, or null when there was none to remove.")]

OPERATIONS: Operations = {
    "GET /state/groups": Operation("Groups of state", StateGroups, query=GroupsQuery, errors=(400,)),
    "GET /state/values": Operation("Values of a group", Values, query=ValuesQuery, errors=(400,)),
    "GET /state/history": Operation("How a value came about", History, query=HistoryQuery, errors=(400,)),
    "POST /state/set": Operation("Write a value", WrittenValue, body=SetValue, errors=(400, 409)),
    "POST /state/remove": Operation("Remove values", Removed, body=RemoveKeys, errors=(400,)),
    "GET /state": Operation("Values, as in Motia 0.x", list[OldItem], query=OldItemsQuery),
    "POST /state": Operation("Write a value, as in Motia 0.x", OldSet, body=OldSet, errors=(400,)),
    "POST /state/delete": Operation(
        "Remove values, as in Motia 0.x", NOTHING, body=OldDelete, status=204, errors=(400,)
    ),
    "GET /streams": Operation("The project's streams", Streams),
    "GET /streams/all": Operation("The project's streams", Streams),
    "GET /streams/details/<path:name>": Operation("A stream", StreamDetails, errors=(404,)),
    "GET /streams/group/<name>/<path:group_id>": Operation("The items of a group", GroupItems, errors=(404,)),
    "GET /streams/item/<name>/<group_id>/<path:item_id>": Operation("An item", OneItem, errors=(404,)),
    "GET /stream-groups": Operation("Groups of a stream", StreamGroups, query=StreamGroupsQuery, errors=(400, 404)),
    "POST /stream-items": Operation("Set or remove an item", _Item, body=WriteItem, errors=(400, 404)),
}
