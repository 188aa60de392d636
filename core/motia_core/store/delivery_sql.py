"""Statements on deliveries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    union_all,
    update,
)

from motia_core.store.delivery_rows import FIELDS, columns_of
from motia_core.store.statements import ENQUEUE_LANE, QUEUE_LANE, Joined, Statement, at_most, sql
from motia_core.store.tables import DUE, IN_LANE, LATER, dead_letters, deliveries, progress

_id = bindparam("delivery_id", type_=BigInteger)
_the = deliveries.c.id == _id
_listed = deliveries.c.id.in_([_id])
_failed = deliveries.c.failures.concat(bindparam("line"))
_delivery = select(*columns_of(deliveries))
_of_step = deliveries.c.step_id == bindparam("of_step")

# --- changing

ENQUEUE = Joined(ENQUEUE_LANE, sql(insert(deliveries).values({name: bindparam(f"new_{name}") for name in FIELDS})))
COMPLETE = Joined(QUEUE_LANE, sql(delete(deliveries).where(_listed)))
END = Statement(QUEUE_LANE, sql(delete(deliveries).where(_the).returning(deliveries.c.id)))  # a guard: it was there
RETRY = Statement(
    QUEUE_LANE,
    sql(
        update(deliveries)
        .ordered_values(
            (deliveries.c.attempt, bindparam("new_attempt")),
            (deliveries.c.due_ms, bindparam("new_due_ms")),
            (deliveries.c.failures, _failed),
        )
        .where(_the)
    ),
)
_known = select(progress.c.key).where(progress.c.delivery_id == deliveries.c.id, progress.c.key == bindparam("of_key"))
POSTPONE = Statement(  # a guard: it is there, and does not remember the key
    QUEUE_LANE,
    sql(
        update(deliveries)
        .values(due_ms=bindparam("new_due_ms"))
        .where(_the, ~_known.exists())
        .returning(deliveries.c.id)
    ),
)
WAKE = Joined(QUEUE_LANE, sql(update(deliveries).values(due_ms=literal_column("0")).where(_listed)))
BURY = Statement(  # a guard: it was there
    QUEUE_LANE,
    sql(
        insert(dead_letters)
        .from_select(
            [*FIELDS, "failures", "dead_ms"],
            select(
                *(bindparam("last", type_=Integer) if name == "attempt" else deliveries.c[name] for name in FIELDS),
                _failed,
                bindparam("new_dead_ms", type_=BigInteger),
            ).where(_the),
        )
        .returning(dead_letters.c.id)
    ),
)


# --- reading


def _in_order(condition: ColumnElement[bool], by: str) -> tuple[Statement, Statement]:
    """Deliveries of a step and a shard, by a column and the id: those with a value of the column after an id, and
    those with a higher value. Apart, because SQLite cannot begin at a pair whose second half is a row's own number."""
    of_shard = _delivery.where(_of_step, deliveries.c.shard == bindparam("of_shard"), condition)
    value = bindparam("of_value", type_=BigInteger)
    same = of_shard.where(deliveries.c[by] == value, deliveries.c.id > bindparam("after_id", type_=BigInteger))
    beyond = of_shard.where(deliveries.c[by] > value)
    return (
        Statement(QUEUE_LANE, sql(at_most(same.order_by(deliveries.c.id)))),
        Statement(QUEUE_LANE, sql(at_most(beyond.order_by(deliveries.c[by], deliveries.c.id)))),
    )


def _lanes() -> Select[Any]:
    """One look into the index for each lane, however many deliveries it has."""
    lane = deliveries.c.lane
    first = select(func.min(lane).label("lane"), literal_column("1", Integer).label("number"))
    lanes = first.where(_of_step, IN_LANE, lane > bindparam("after_lane")).cte("lanes", recursive=True)
    following = select(func.min(lane)).where(_of_step, IN_LANE, lane > lanes.c.lane).scalar_subquery()
    more = (lanes.c.lane.is_not(None), lanes.c.number < bindparam("most", type_=Integer))
    lanes = lanes.union_all(select(following, lanes.c.number + literal_column("1", Integer)).where(*more))
    return select(lanes.c.lane).where(lanes.c.lane.is_not(None))


def _counts(condition: ColumnElement[bool]) -> Select[Any]:
    return select(deliveries.c.step_id, func.count()).where(condition).group_by(deliveries.c.step_id)


READ_DUE = _in_order(DUE, "rank")
READ_LATER = _in_order(LATER, "due_ms")
READ_LANES = Statement(QUEUE_LANE, sql(_lanes()))
READ_LANE = Statement(
    QUEUE_LANE,
    sql(
        at_most(
            _delivery.where(
                _of_step,
                deliveries.c.lane == bindparam("of_lane"),
                IN_LANE,
                deliveries.c.id > bindparam("after_id", type_=BigInteger),
            ).order_by(deliveries.c.id)
        )
    ),
)
READ = Joined(QUEUE_LANE, sql(_delivery.where(_listed)))
BACKLOGS = Statement(QUEUE_LANE, sql(union_all(*map(_counts, (DUE, LATER, IN_LANE)))))  # an index each
