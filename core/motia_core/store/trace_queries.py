"""Searches in what was recorded: a statement for each combination of filters, made when it is first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)

from motia_core.model.trace import LogRecord
from motia_core.store.server import Operation
from motia_core.store.statements import SOURCES, TRACE_LANE, Statement, at_most, sql
from motia_core.store.tables import attempts, logs, when_begun


def named(statement: Statement, values: Mapping[str, object]) -> Operation:
    """The operation with parameters by name; values that it does not take are ignored."""
    return statement.operation(*(values[name] for name in SOURCES[statement.text].parameters))


def of_trace(table: FromClause, trace_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a row of `attempts` or `logs` is of this trace. Compared in two parts: if the whole were compared too,
    SQLite would put the value in the place of the column, and not see any more that there is an index."""
    is_head = _head(table.c.trace_id) == _head(trace_id)
    return and_(when_begun(table.c.trace_id) == when_begun(trace_id), is_head)


def _head(trace_id: ColumnElement[str]) -> ColumnElement[str]:
    return func.substr(trace_id, literal_column("1"), literal_column("6"))


_first, _others, _later = attempts.alias("first"), attempts.alias("others"), attempts.alias("later")
_same = of_trace(_others, _first.c.trace_id)
_none: ColumnElement[int] = literal_column("0")
_is_failed = attempts.c.status == literal_column("'failed'")
_others_failed = _others.c.status == literal_column("'failed'")


def _sum(value: ColumnElement[int]) -> ColumnElement[int]:
    return select(value).where(_same).scalar_subquery()


def _all(value: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(value), _none)


_failed = _sum(_all(case((_others_failed, literal_column("1")), else_=_none)))
_again = select(_later.c.id).where(  # what was tried again ended as the last time did
    of_trace(_later, _others.c.trace_id),
    _later.c.id > _others.c.id,
    _later.c.delivery_id == _others.c.delivery_id,
    _others.c.delivery_id > _none,
)
_is_last = and_(_others_failed, ~_again.exists())
_unresolved = _sum(_all(case((_is_last, literal_column("1")), else_=_none)))
_ended = _sum(func.max(_others.c.started_ms + _others.c.duration_us // literal_column("1000")))
_began = _sum(func.min(_others.c.started_ms))
_latest_error = (
    select(_others.c.error)
    .where(_same, _others_failed)
    .order_by(_others.c.id.desc())
    .limit(literal_column("1"))
    .offset(_none)
    .scalar_subquery()
)
_RUN = (  # in the order of RunRecord
    _first.c.trace_id,
    _first.c.id,
    _first.c.step,
    _first.c.trigger,
    _first.c.label,
    func.max(_none, -_first.c.parent_id),
    _began,
    _ended,
    _sum(func.count()),
    _failed,
    _unresolved,
    func.coalesce(_latest_error, literal_column("''")),
)


@cache
def runs_statement(filters: frozenset[str], status: str) -> Statement:
    """Runs, newest first. A run is known by its first attempt, which nothing else in it has caused.

    Args:
        filters: Fields of RunFilter that are given, and `before_id` and `trace_id`.
        status: Of RunFilter.
    """
    of_step = select(attempts.c.trace_id).where(attempts.c.step == bindparam("step"))
    failed = select(attempts.c.trace_id).where(_is_failed)
    is_failed = and_(_first.c.trace_id.in_(failed), _unresolved > _none)
    with_text = or_(
        _contains(_first.c.trace_id, _first.c.step, _first.c.label),
        _first.c.trace_id.in_(failed.where(_contains(attempts.c.error))),
    )
    conditions: dict[str, ColumnElement[bool]] = {
        "trace_id": of_trace(_first, bindparam("trace_id")),
        "status": is_failed if status == "failed" else _unresolved == _none,
        "step": _first.c.trace_id.in_(of_step),
        "trigger": _first.c.trigger == bindparam("trigger"),
        "text": with_text,
        "since_ms": _ended >= _number("since_ms"),
        "until_ms": _first.c.started_ms <= _number("until_ms"),
        "least_ms": _ended - _began >= _number("least_ms"),
        "before_id": _first.c.id < _number("before_id"),
    }
    wanted = [condition for name, condition in conditions.items() if name in filters]
    earlier = select(_others.c.id).where(_same, _others.c.id < _first.c.id)
    query = select(*_RUN).where(_first.c.parent_id <= _none, ~earlier.exists(), *wanted).order_by(_first.c.id.desc())
    return Statement(TRACE_LANE, sql(at_most(query)))


@cache
def logs_statement(filters: frozenset[str]) -> Statement:
    """Log records, newest first.

    Args:
        filters: Fields of LogFilter that are given, and `before_id`.
    """
    conditions: dict[str, ColumnElement[bool]] = {
        "level": logs.c.level >= bindparam("level", type_=Integer),
        "step": logs.c.step == bindparam("step"),
        "trace_id": of_trace(logs, bindparam("trace_id")),
        "text": _contains(logs.c.message, logs.c.fields, logs.c.step, logs.c.trace_id),
        "since_ms": logs.c.time_ms >= _number("since_ms"),
        "until_ms": logs.c.time_ms <= _number("until_ms"),
        "before_id": logs.c.id < _number("before_id"),
    }
    wanted = [condition for name, condition in conditions.items() if name in filters]
    query = select(*(logs.c[name] for name in LogRecord._fields)).where(*wanted).order_by(logs.c.id.desc())
    return Statement(TRACE_LANE, sql(at_most(query)))


def _number(name: str) -> ColumnElement[int]:
    return bindparam(name, type_=BigInteger)


def _contains(*columns: ColumnElement[object]) -> ColumnElement[bool]:
    """Whether the text, in lower case, is in one of them, however that is written."""
    whole = columns[0]
    for column in columns[1:]:
        whole = whole.op("||")(literal_column("' '")).op("||")(column)
    return func.instr(func.lower(whole), bindparam("text")) > literal_column("0")
