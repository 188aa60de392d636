"""Statements on what is remembered of deliveries, what they wait for, what was emitted meanwhile, and used keys."""

from __future__ import annotations

from operator import attrgetter

from sqlalchemy import BigInteger, bindparam, delete, select

from motia_core.store.server import Operation
from motia_core.store.statements import QUEUE_LANE, Joined, Statement, sql, upsert
from motia_core.store.tables import progress, signals, unique_keys, waited_topics, waits

_now = bindparam("now", type_=BigInteger)
_remember = upsert(progress).values({column.name: bindparam(f"new_{column.name}") for column in progress.c})
_wait = upsert(waits).values({column.name: bindparam(f"new_{column.name}") for column in waits.c})
_signal = upsert(signals).values({column.name: bindparam(f"new_{column.name}") for column in signals.c})
_topic = upsert(waited_topics).values(topic=bindparam("new_topic"))
_use = upsert(unique_keys).values({column.name: bindparam(f"new_{column.name}") for column in unique_keys.c})
_waits = select(*waits.c).order_by(waits.c.delivery_id)

# The fields of Remembered, Wait and Signal are the columns of their tables.
remembered_row, wait_row, signal_row = (attrgetter(*table.c.keys()) for table in (progress, waits, signals))

REMEMBER = Joined(QUEUE_LANE, sql(_remember.on_conflict_do_nothing()))  # the first value counts
REMEMBERED = Statement(
    QUEUE_LANE,
    sql(select(*progress.c).where(progress.c.delivery_id == bindparam("of_delivery")).order_by(progress.c.key)),
)
FORGET = Joined(QUEUE_LANE, sql(delete(progress).where(progress.c.delivery_id.in_([bindparam("of_delivery")]))))

WAIT = Statement(
    QUEUE_LANE,
    sql(
        _wait.on_conflict_do_update(
            index_elements=[waits.c.delivery_id],
            set_={column.name: _wait.excluded[column.name] for column in waits.c if not column.primary_key},
        )
    ),
)
WAIT_FOR_TOPIC = Statement(QUEUE_LANE, sql(_topic.on_conflict_do_nothing()))
ANSWER = Statement(
    QUEUE_LANE,
    sql(
        delete(waits)
        .where(waits.c.delivery_id == bindparam("of_delivery"), waits.c.key == bindparam("of_key"))
        .returning(waits.c.delivery_id)
    ),
)
UNWAIT = Joined(QUEUE_LANE, sql(delete(waits).where(waits.c.delivery_id.in_([bindparam("of_delivery")]))))
WAITS = Statement(QUEUE_LANE, sql(_waits))
WAITS_FOR = Statement(QUEUE_LANE, sql(_waits.where(waits.c.topic == bindparam("of_topic"))))
WAITED_TOPICS = Statement(QUEUE_LANE, sql(select(waited_topics.c.topic).order_by(waited_topics.c.topic)))

SIGNAL = Joined(QUEUE_LANE, sql(_signal))
SIGNALS = Statement(
    QUEUE_LANE,
    sql(
        select(*signals.c)
        .where(signals.c.topic == bindparam("of_topic"), signals.c.id > bindparam("after"), signals.c.expires_ms > _now)
        .order_by(signals.c.id)
    ),
)

USE_KEY = Statement(  # returns a row if nobody has used it, or its time is over
    QUEUE_LANE,
    sql(
        _use.on_conflict_do_update(
            index_elements=[unique_keys.c.scope, unique_keys.c.key],
            set_={"expires_ms": _use.excluded.expires_ms},
            where=unique_keys.c.expires_ms <= _now,
        ).returning(unique_keys.c.expires_ms)
    ),
)


def forget(delivery_id: int) -> list[Operation]:
    """What a delivery remembers and waits for is gone."""
    return [FORGET.operation([(delivery_id,)]), UNWAIT.operation([(delivery_id,)])]
