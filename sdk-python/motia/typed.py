"""What the generated `motia_types.py` of a project builds on. Only type checkers and editors look at it."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Mapping
from typing import Any, Generic, Literal, TypedDict, TypeVar, overload

from motia.payload import Record
from motia.streams import Stream
from motia.types import Duration

Body = TypeVar("Body")
PathParams = TypeVar("PathParams")
QueryParams = TypeVar("QueryParams")
Headers = TypeVar("Headers")
Item = TypeVar("Item")


class EventOptions(TypedDict, total=False):
    """What an event may have beside topic, data and message group."""

    delay: Duration
    at: datetime.datetime | str | float
    idempotencyKey: str
    idempotencyWindow: Duration
    priority: int


class Response(TypedDict, total=False):
    """What an api handler returns when its config has no responseSchema."""

    status: int
    headers: Mapping[str, Any]
    body: Any


class Request(Record, Generic[Body, PathParams, QueryParams, Headers]):
    """A request whose parts have types: as keys and as attributes."""

    __slots__ = ()

    body: Body
    pathParams: PathParams
    queryParams: QueryParams
    headers: Headers
    rawBody: str | bytes

    @overload  # type: ignore[override]  # narrower than dict's: only these keys are there
    def __getitem__(self, key: Literal["body"]) -> Body: ...
    @overload
    def __getitem__(self, key: Literal["pathParams"]) -> PathParams: ...
    @overload
    def __getitem__(self, key: Literal["queryParams"]) -> QueryParams: ...
    @overload
    def __getitem__(self, key: Literal["headers"]) -> Headers: ...
    @overload
    def __getitem__(self, key: Literal["rawBody"]) -> str | bytes: ...
    def __getitem__(self, key: str) -> Any:
        """As of a dict."""
        return super().__getitem__(key)

    @overload  # type: ignore[override]  # narrower than dict's: only these keys are there
    def get(self, key: Literal["body"], default: Any = None) -> Body: ...
    @overload
    def get(self, key: Literal["pathParams"], default: Any = None) -> PathParams: ...
    @overload
    def get(self, key: Literal["queryParams"], default: Any = None) -> QueryParams: ...
    @overload
    def get(self, key: Literal["headers"], default: Any = None) -> Headers: ...
    @overload
    def get(self, key: Literal["rawBody"], default: Any = None) -> str | bytes: ...
    def get(self, key: str, default: Any = None) -> Any:
        """As of a dict."""
        return super().get(key, default)


class TypedStream(Stream, Generic[Item]):
    """A stream whose items have a type, for async handlers."""

    __slots__ = ()

    def get(self, group_id: str, id: str) -> Awaitable[Item | None]:  # noqa: A002
        return super().get(group_id, id)  # type: ignore[no-any-return]  # what the base returns can be awaited

    def set(self, group_id: str, id: str, data: Item) -> Awaitable[Item]:  # noqa: A002
        return super().set(group_id, id, data)  # type: ignore[no-any-return]

    def delete(self, group_id: str, id: str) -> Awaitable[Item | None]:  # noqa: A002
        return super().delete(group_id, id)  # type: ignore[no-any-return]

    def get_group(self, group_id: str) -> Awaitable[list[Item]]:
        return super().get_group(group_id)  # type: ignore[no-any-return]

    getGroup = get_group
