"""Statements on streams. Every write takes the next sequence and logs what it did under it, in one transaction.

Whoever takes a sequence holds the row of the clock until it commits, so that sequences become visible in their order,
on however many cores: who has read the log up to one need never look below it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    LargeBinary,
    String,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    outerjoin,
    select,
    true,
    update,
)

from motia_core.model.stream import Change, ChangeKind
from motia_core.store.server import Operation
from motia_core.store.statements import STREAM_LANE, Statement, at_most, sql, steps, upsert
from motia_core.store.tables import Name, stream_changes, stream_clock, stream_items, stream_members

items, changes, clock, members = stream_items.c, stream_changes.c, stream_clock.c, stream_members.c
Key = tuple[str, str, str]  # stream, group, item

_now = bindparam("now", type_=BigInteger)
_of_group = and_(items.stream == bindparam("of_stream"), items.group_id == bindparam("of_group"))
_of_item = and_(_of_group, items.item_id == bindparam("of_item"))
_of_version = and_(_of_item, items.version == bindparam("of_version"))
_no_expiry = items.expires_ms == literal_column("0")
_expired = and_(items.expires_ms != literal_column("0"), items.expires_ms <= _now)
_live = or_(_no_expiry, items.expires_ms > _now)
_stored = (items.item_id, items.item, items.created_ms, items.version)
_sequence = select(clock.sequence).scalar_subquery()
_logged = [changes[name] for name in ("sequence", "stream", "group_id", "item_id", "kind", "data", "created_ms")]
_names = [column.name for column in _logged]
_one = select(literal_column("1").label("one")).subquery("one")

GET = Statement(STREAM_LANE, sql(select(*_stored).where(_of_item, _live)))
GET_GROUP = Statement(STREAM_LANE, sql(select(*_stored).where(_of_group, _live).order_by(items.created_id)))
PAGE = Statement(
    STREAM_LANE,
    sql(
        at_most(
            select(items.created_id, *_stored)
            .where(_of_group, items.created_id > bindparam("after", type_=BigInteger), _live)
            .order_by(items.created_id)
        )
    ),
)


# --- taking a sequence, and logging under it

_now_us = bindparam("now_us", type_=BigInteger)
# Of a clock that begins nothing is known of what was before: it may be that of a restored backup.
_taken = upsert(stream_clock).values(id=literal_column("1"), sequence=_now_us, forgotten=_now_us - literal_column("1"))
_following = case(
    (clock.sequence < _taken.excluded.sequence, _taken.excluded.sequence), else_=clock.sequence + literal_column("1")
)
_TAKE = Statement(
    STREAM_LANE,
    sql(
        _taken.on_conflict_do_update(index_elements=[clock.id], set_={"sequence": _following}).returning(clock.sequence)
    ),
)
# After several were logged at once.
_CATCH_UP = Statement(
    STREAM_LANE,
    sql(
        update(stream_clock)
        .values(sequence=select(func.max(changes.sequence)).scalar_subquery())
        .where(clock.sequence < select(func.max(changes.sequence)).scalar_subquery())
    ),
)
_kind = case(
    (items.created_id == bindparam("created_id", type_=BigInteger), literal_column("'create'")),
    else_=literal_column("'update'"),
)
_LOG_SET = Statement(
    STREAM_LANE,
    sql(
        insert(stream_changes)
        .from_select(
            _names,
            select(
                items.version, items.stream, items.group_id, items.item_id, _kind, items.item, items.created_ms
            ).where(_of_item, items.version == _sequence),
        )
        .returning(changes.created_ms, changes.sequence)
    ),
)


def _log_removal(condition: ColumnElement[bool]) -> str:
    """Logs what is about to be removed, each item under a sequence of its own, from the one that was taken on."""
    number = func.row_number().over(order_by=items.created_id) - literal_column("1")
    removed = select(
        _sequence + number,
        items.stream,
        items.group_id,
        items.item_id,
        literal_column("'delete'"),
        items.item,
        items.created_ms,
    ).where(condition)
    return sql(insert(stream_changes).from_select(_names, removed))


_LOG_DELETE = Statement(STREAM_LANE, _log_removal(_of_item))
_LOG_REMOVE = Statement(STREAM_LANE, _log_removal(_of_version))
_LOG_EVENT = Statement(
    STREAM_LANE,
    sql(
        insert(stream_changes).from_select(
            _names,
            select(
                clock.sequence,
                bindparam("of_stream", type_=Name),
                bindparam("of_group", type_=Name),
                bindparam("of_item", type_=Name),
                bindparam("kind", type_=String),
                bindparam("data", type_=LargeBinary),
                literal_column("0"),
            ),
        )
    ),
)


# --- writing

_new = upsert(stream_items).values(
    **{
        name: bindparam(f"new_{name}") for name in ("stream", "group_id", "item_id", "item", "created_ms", "created_id")
    },
    version=_sequence,
    expires_ms=bindparam("new_expires_ms"),
)
_key = [items.stream, items.group_id, items.item_id]
_replaced = {name: _new.excluded[name] for name in ("item", "version", "expires_ms")}
_SET = Statement(STREAM_LANE, sql(_new.on_conflict_do_update(index_elements=_key, set_=_replaced)))
_ADD = Statement(STREAM_LANE, sql(_new.on_conflict_do_update(index_elements=_key, set_=_replaced, where=_expired)))
_REPLACE = Statement(
    STREAM_LANE,
    sql(
        update(stream_items)
        .ordered_values(
            (items.item, bindparam("new_item")),
            (items.version, _sequence),
            (items.expires_ms, bindparam("new_expires_ms")),
        )
        .where(_of_version, _live)
    ),
)
_DELETE = Statement(STREAM_LANE, sql(delete(stream_items).where(_of_item).returning(*_stored)))
_REMOVE = Statement(STREAM_LANE, sql(delete(stream_items).where(_of_version).returning(*_stored)))
# What makes a condition hold returns a row.
_IS_VERSION = Statement(STREAM_LANE, sql(select(literal_column("1")).where(exists().where(_of_version, _live))))
_IS_MISSING = Statement(STREAM_LANE, sql(select(literal_column("1")).where(~exists().where(_of_item, _live))))

# To make room for an item that is new: the oldest go.
_others = stream_items.alias("others")
_in_its_group = and_(_others.c.stream == bindparam("of_stream"), _others.c.group_id == bindparam("of_group"))
_oldest_kept = (
    select(_others.c.created_id)
    .where(_in_its_group)
    .order_by(_others.c.created_id.desc())
    .limit(literal_column("1"))
    .offset(bindparam("kept", type_=Integer))
    .scalar_subquery()
)
_is_known = exists(select(literal_column("1")).where(_in_its_group, _others.c.item_id == bindparam("of_item")))
_over = and_(_of_group, items.created_id <= _oldest_kept, ~_is_known)
_LOG_OVER = Statement(STREAM_LANE, _log_removal(_over))
_DELETE_OVER = Statement(STREAM_LANE, sql(delete(stream_items).where(_over)))

# Items whose time is over: those of a moment, or before, so that both statements mean the same.
_first_expired = at_most(select(items.expires_ms).where(_expired).order_by(items.expires_ms))
EXPIRED = Statement(
    STREAM_LANE,
    sql(select(func.count(), func.max(literal_column("expires_ms"))).select_from(_first_expired.subquery())),
)
NEXT_EXPIRY = Statement(STREAM_LANE, sql(select(func.min(items.expires_ms)).where(~_no_expiry)))
_LOG_EXPIRED = Statement(STREAM_LANE, _log_removal(_expired))
_DELETE_EXPIRED = Statement(STREAM_LANE, sql(delete(stream_items).where(_expired)))


def set_item(
    key: Key, item: bytes, *, now_ms: int, now_us: int, created_id: int, expires_ms: int, max_items: int
) -> Operation:
    """Write an item; returns when it was first set, and its version."""
    write = _SET.operation(*key, item, now_ms, created_id, expires_ms)
    log = _LOG_SET.operation(created_id, *key)
    return steps(*_room_for(key, now_us, max_items), take(now_us), write, log)


def compare_and_set(
    key: Key,
    item: bytes | None,
    *,
    expected: int,
    now_ms: int,
    now_us: int,
    created_id: int,
    expires_ms: int,
    max_items: int,
) -> Operation:
    """Write an item, or remove it, if it has the expected version (0: there is none); returns a row if it had: as
    `set_item`, or what was removed."""
    taken = take(now_us)
    if item is None:
        return steps(taken, _LOG_REMOVE.operation(*key, expected), _REMOVE.operation(*key, expected))
    log = _LOG_SET.operation(created_id, *key)
    if expected:
        return steps(taken, _REPLACE.operation(item, expires_ms, *key, expected, now_ms), log)
    add = _ADD.operation(*key, item, now_ms, created_id, expires_ms, now_ms)
    return steps(*_room_for(key, now_us, max_items), taken, add, log)


def _room_for(key: Key, now_us: int, max_items: int) -> Iterator[Operation]:
    if max_items:
        group = key[:2]
        over = (*group, *group, max_items - 1, *key)
        yield take(now_us)
        yield _LOG_OVER.operation(*over)
        yield _CATCH_UP.operation()
        yield _DELETE_OVER.operation(*over)


def has_version(key: Key, expected: int, now_ms: int) -> Operation:
    """Returns a row if an item has a version (0: there is none)."""
    return _IS_VERSION.operation(*key, expected, now_ms) if expected else _IS_MISSING.operation(*key, now_ms)


def delete_item(key: Key, now_us: int) -> Operation:
    """Remove an item; returns what it was."""
    return steps(take(now_us), _LOG_DELETE.operation(*key), _DELETE.operation(*key))


def expire(until_ms: int, now_us: int) -> Operation:
    """Remove items whose time was over then."""
    return steps(
        take(now_us),
        _LOG_EXPIRED.operation(until_ms),
        _CATCH_UP.operation(),
        _DELETE_EXPIRED.operation(until_ms),
    )


def take(now_us: int) -> Operation:
    """Take a sequence for nothing; returns it."""
    return _TAKE.operation(now_us, now_us)


def log_event(key: Key, kind: ChangeKind, data: bytes, now_us: int) -> Operation:
    """Log what changes no item."""
    return steps(take(now_us), _LOG_EVENT.operation(*key, kind.value, data))


# --- reading: together with how far it goes, in one statement

_position = func.coalesce(_sequence, literal_column("0"))


def _with_position(condition: ColumnElement[bool]) -> str:
    found = outerjoin(_one, stream_items, and_(condition, _live))
    return sql(select(_position, *_stored).select_from(found).order_by(items.created_id))


SNAPSHOT_OF_GROUP = Statement(STREAM_LANE, _with_position(_of_group))
SNAPSHOT_OF_ITEM = Statement(STREAM_LANE, _with_position(_of_item))


def _changes_with_position(*conditions: ColumnElement[bool]) -> str:
    since = changes.sequence > bindparam("after", type_=BigInteger)
    of_them = at_most(select(*_logged).where(since, *conditions).order_by(changes.sequence)).subquery("found")
    forgotten = func.coalesce(select(clock.forgotten).scalar_subquery(), literal_column("0"))
    found = outerjoin(_one, of_them, true())
    return sql(select(_position, forgotten, *of_them.c).select_from(found).order_by(of_them.c.sequence))


_group_changed = and_(changes.stream == bindparam("of_stream"), changes.group_id == bindparam("of_group"))
_no_members = changes.kind.not_in([literal_column("'join'"), literal_column("'leave'")])
CHANGES = Statement(STREAM_LANE, _changes_with_position())
CHANGES_OF_GROUP = Statement(STREAM_LANE, _changes_with_position(_group_changed, _no_members))
CHANGES_OF_ITEM = Statement(
    STREAM_LANE, _changes_with_position(_group_changed, changes.item_id == bindparam("of_item"), _no_members)
)


def read_changes(rows: list[Any]) -> tuple[int, int, list[Change]]:
    """The position, up to where changes are forgotten, and the changes."""
    position, forgotten = rows[0][:2]
    found = [
        Change(sequence, stream, group, item_id, ChangeKind(kind), data, created_ms)
        for _, _, sequence, stream, group, item_id, kind, data, created_ms in rows
        if sequence is not None
    ]
    return position, forgotten, found


# --- members

_member = upsert(stream_members).values({column.name: bindparam(f"new_{column.name}") for column in members})
_set_member = {name: _member.excluded[name] for name in ("core_id", "info")}
_member_key = [members.stream, members.group_id, members.member_id]
_of_members = and_(members.stream == bindparam("of_stream"), members.group_id == bindparam("of_group"))
JOIN = Statement(STREAM_LANE, sql(_member.on_conflict_do_update(index_elements=_member_key, set_=_set_member)))
LEAVE = Statement(
    STREAM_LANE, sql(delete(stream_members).where(_of_members, members.member_id == bindparam("of_member")))
)
MEMBERS = Statement(
    STREAM_LANE, sql(select(members.member_id, members.info).where(_of_members).order_by(members.member_id))
)
LEAVE_ALL = Statement(STREAM_LANE, sql(delete(stream_members)))


# --- forgetting changes

_old = changes.sequence <= bindparam("until", type_=BigInteger)
_oldest = at_most(select(changes.sequence).where(_old).order_by(changes.sequence)).subquery("oldest")
OLD = Statement(STREAM_LANE, sql(select(func.count(), func.max(_oldest.c.sequence))))
NEWEST_OVER = Statement(
    STREAM_LANE,
    sql(
        select(changes.sequence)
        .order_by(changes.sequence.desc())
        .limit(literal_column("1"))
        .offset(bindparam("kept", type_=Integer))
    ),
)
_FORGET = Statement(
    STREAM_LANE,
    sql(
        update(stream_clock)
        .values(forgotten=bindparam("until"))
        .where(clock.forgotten < bindparam("until", type_=BigInteger))
    ),
)
_DELETE_OLD = Statement(STREAM_LANE, sql(delete(stream_changes).where(_old)))


def forget(until: int) -> Operation:
    """Forget changes up to a sequence."""
    return steps(_FORGET.operation(until, until), _DELETE_OLD.operation(until))
