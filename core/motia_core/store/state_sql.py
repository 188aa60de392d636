"""Statements on state. A value whose time is over is not there."""

from __future__ import annotations

from functools import cache

from sqlalchemy import BigInteger, BindParameter, bindparam, delete, exists, func, literal_column, or_, select, update

from motia_core.store.server import Operation
from motia_core.store.statements import STATE_LANE, Joined, Statement, at_most, sql, upsert
from motia_core.store.tables import state

_now = bindparam("now", type_=BigInteger)
_live = or_(state.c.expires_ms == literal_column("0"), state.c.expires_ms > _now)
_of_group = state.c.group_id == bindparam("of_group")
_of_key = _of_group & (state.c.key == bindparam("of_key"))
_of_version = _of_key & (state.c.version == bindparam("of_version"))
_insert = upsert(state).values({column.name: bindparam(f"new_{column.name}") for column in state.c})
_key = [state.c.group_id, state.c.key]
_excluded = {name: _insert.excluded[name] for name in ("value", "version", "expires_ms")}
_pairs = select(state.c.key, state.c.value).where(_of_group)

GET = Statement(STATE_LANE, sql(select(state.c.value, state.c.version).where(_of_key, _live)))
SET = Joined(STATE_LANE, sql(_insert.on_conflict_do_update(index_elements=_key, set_=_excluded)), last_counts=True)
DELETE = Statement(STATE_LANE, sql(delete(state).where(_of_key, _live).returning(state.c.value)))
GET_GROUP = Statement(STATE_LANE, sql(_pairs.where(_live).order_by(state.c.key)))
CLEAR = Statement(STATE_LANE, sql(delete(state).where(_of_group)))

# Each of these returns a row if the key had the expected version.
_REPLACE = Statement(
    STATE_LANE,
    sql(
        update(state)
        .ordered_values(
            (state.c.value, bindparam("new_value")),
            (state.c.version, bindparam("new_version")),
            (state.c.expires_ms, func.coalesce(bindparam("new_expires_ms", type_=BigInteger), state.c.expires_ms)),
        )
        .where(_of_version, _live)
        .returning(state.c.version)
    ),
)
_ADD = Statement(
    STATE_LANE,
    sql(
        _insert.on_conflict_do_update(
            index_elements=_key,
            set_=_excluded,
            where=(state.c.expires_ms != literal_column("0")) & (state.c.expires_ms <= _now),
        ).returning(state.c.version)
    ),
)
_REMOVE = Statement(STATE_LANE, sql(delete(state).where(_of_version, _live).returning(state.c.version)))
_IS_MISSING = Statement(STATE_LANE, sql(select(literal_column("1")).where(~exists().where(_of_key, _live))))


def compare_and_set(
    key: tuple[str, str], new: tuple[bytes | None, int, int | None], expected: int, now_ms: int
) -> Operation:
    """Write a new value, version and time of expiry (None: as it is) if the key has the expected version; a value of
    None removes it. Returns a row if it had."""
    value, version, expires_ms = new
    if value is None:
        return _REMOVE.operation(*key, expected, now_ms) if expected else _IS_MISSING.operation(*key, now_ms)
    if expected:
        return _REPLACE.operation(value, version, expires_ms, *key, expected, now_ms)
    return _ADD.operation(*key, value, version, expires_ms or 0, now_ms)


@cache
def _page(continues: bool, ends: bool) -> Statement:
    lower: BindParameter[str] = bindparam("lower")
    page = _pairs.where(state.c.key > lower if continues else state.c.key >= lower)
    if ends:
        page = page.where(state.c.key < bindparam("upper"))
    return Statement(STATE_LANE, sql(at_most(page.where(_live).order_by(state.c.key))))


def page(group: str, prefix: str, after_key: str, limit: int, now_ms: int) -> Operation:
    """Keys with a prefix, as a range of the index."""
    continues = bool(after_key) and after_key >= prefix
    upper = _after_all_with(prefix)
    bounds = (after_key if continues else prefix, *([upper] if upper else []))
    return _page(continues, bool(upper)).operation(group, *bounds, now_ms, limit)


def _after_all_with(prefix: str) -> str:
    """The first text above all that start with a prefix, by code point; empty: there is none."""
    stem = prefix.rstrip(chr(0x10FFFF))
    if not stem:
        return ""
    following = ord(stem[-1]) + 1
    return stem[:-1] + chr(0xE000 if following == 0xD800 else following)  # surrogates cannot be stored
