"""StepBacklog: the window on one step's deliveries."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from motia_core.engine.backlog import StepBacklog
from motia_core.model.event import Delivery
from motia_core.model.trace import TraceContext

TRACE = TraceContext("AAAAA-0000001", "")


def delivery(number: int, *, group: str = "", due_ms: int = 0) -> Delivery:
    return Delivery(number, "t", "s", b"", TRACE, emitted_ms=0, due_ms=due_ms, group_id=group)


def ready(backlog: StepBacklog) -> StepBacklog:
    """A backlog whose first read of the store found nothing."""
    backlog.extend([], 0, complete=True, skipped=backlog.begin_read())
    return backlog


def ids(backlog: StepBacklog) -> list[int]:
    found = []
    while (one := backlog.next()) is not None:
        found.append(one.id)
    return found


def test_deliveries_come_out_in_order() -> None:
    backlog = ready(StepBacklog(fifo=False, window=10))
    for number in (1, 2, 3):
        backlog.add(delivery(number), 0)
    assert ids(backlog) == [1, 2, 3]
    assert len(backlog) == 0


def test_delivery_waits_until_it_is_due() -> None:
    backlog = ready(StepBacklog(fifo=False, window=10))
    backlog.add(delivery(1, due_ms=50), 0)
    backlog.add(delivery(2), 0)
    assert ids(backlog) == [2]
    assert backlog.wake(49) == 50
    assert ids(backlog) == []
    assert backlog.wake(50) == 0
    assert ids(backlog) == [1]


def test_full_window_skips_and_reads_on_later() -> None:
    backlog = ready(StepBacklog(fifo=False, window=2))
    for number in range(1, 6):
        backlog.add(delivery(number), 0)
    assert backlog.behind
    assert not backlog.wants_more
    assert ids(backlog) == [1, 2]
    assert backlog.wants_more
    backlog.extend([delivery(3), delivery(4)], 0, complete=False, skipped=backlog.begin_read())
    assert ids(backlog) == [3, 4]
    backlog.extend([delivery(5)], 0, complete=True, skipped=backlog.begin_read())
    assert not backlog.behind
    assert ids(backlog) == [5]


def test_delivery_that_arrives_during_a_read_is_not_lost_when_the_read_missed_it() -> None:
    backlog = StepBacklog(fifo=False, window=10)
    skipped = backlog.begin_read()
    backlog.add(delivery(7), 0)
    backlog.extend([delivery(6)], 0, complete=True, skipped=skipped)
    assert backlog.wants_more
    backlog.extend([delivery(7)], 0, complete=True, skipped=backlog.begin_read())
    assert ids(backlog) == [6, 7]
    assert not backlog.behind


def test_delivery_that_arrives_during_a_read_is_not_doubled_when_the_read_has_it() -> None:
    backlog = StepBacklog(fifo=False, window=10)
    skipped = backlog.begin_read()
    backlog.add(delivery(6), 0)
    backlog.extend([delivery(6)], 0, complete=True, skipped=skipped)
    assert not backlog.behind
    assert ids(backlog) == [6]


def test_fifo_runs_one_of_a_group_at_a_time_and_groups_in_parallel() -> None:
    backlog = ready(StepBacklog(fifo=True, window=10))
    for number, group in ((1, "a"), (2, "a"), (3, "b")):
        backlog.add(delivery(number, group=group), 0)
    first, second = backlog.next(), backlog.next()
    assert first is not None
    assert second is not None
    assert [first.id, second.id] == [1, 3]
    assert backlog.next() is None
    backlog.done(first)
    assert ids(backlog) == [2]


def test_failing_head_blocks_only_its_group() -> None:
    backlog = ready(StepBacklog(fifo=True, window=10))
    for number, group in ((1, "a"), (2, "a"), (3, "b"), (4, "b")):
        backlog.add(delivery(number, group=group), 0)
    head, other = backlog.next(), backlog.next()
    assert head is not None
    assert other is not None
    head.due_ms = 100
    backlog.put_back(head, 0)
    backlog.done(other)
    assert ids(backlog) == [4]
    backlog.wake(100)
    assert ids(backlog) == [1]


def test_redriven_delivery_runs_although_its_id_is_old() -> None:
    backlog = ready(StepBacklog(fifo=False, window=10))
    backlog.add(delivery(5), 0)
    backlog.add_again(delivery(3))
    assert ids(backlog) == [5, 3]


@settings(max_examples=60, deadline=None)
@given(
    data=st.data(),
    fifo=st.booleans(),
    window=st.integers(1, 5),
    total=st.integers(1, 40),
)
def test_every_delivery_comes_out_exactly_once(data: st.DataObject, fifo: bool, window: int, total: int) -> None:
    """Random interleaving of commits, reads, runs, failures and completions against a model of the store."""
    backlog = StepBacklog(fifo=fifo, window=window)
    stored: dict[int, Delivery] = {}
    running: dict[int, Delivery] = {}
    started: list[int] = []
    next_id, now_ms = 1, 0
    reading: tuple[int, int, list[Delivery]] | None = None
    for _ in range(600):
        actions = ["clock"]
        if next_id <= total:
            actions.append("commit")
        if reading is not None:
            actions.append("read ends")
        elif not started and not stored and backlog.tail == 0:
            actions.append("read begins")
        if reading is None and (backlog.wants_more or (backlog.tail == 0 and not started)):
            actions.append("read begins")
        if len(backlog):
            actions.append("start")
        if running:
            actions += ["finish", "fail"]
        match data.draw(st.sampled_from(sorted(set(actions)))):
            case "clock":
                now_ms += 10
                backlog.wake(now_ms)
            case "commit":
                one = delivery(next_id, group=data.draw(st.sampled_from("ab")))
                stored[next_id] = one
                backlog.add(one, now_ms)
                next_id += 1
            case "read begins":
                after = backlog.tail
                page = [stored[i] for i in sorted(stored) if i > after][:window]
                reading = (backlog.begin_read(), window, page)
            case "read ends":
                assert reading is not None
                skipped, limit, page = reading
                backlog.extend(page, now_ms, complete=len(page) < limit, skipped=skipped)
                reading = None
            case "start":
                if (one := backlog.next()) is not None:
                    assert one.id not in running
                    assert not fifo or one.group_id not in {r.group_id for r in running.values()}
                    running[one.id] = one
                    started.append(one.id)
            case "finish":
                one = running.pop(data.draw(st.sampled_from(sorted(running))))
                del stored[one.id]
                backlog.done(one)
            case "fail":
                one = running.pop(data.draw(st.sampled_from(sorted(running))))
                started.remove(one.id)
                one.due_ms = now_ms + 10
                backlog.put_back(one, now_ms)
        if next_id > total and not stored:
            break
    if next_id > total and not stored:
        assert sorted(started) == list(range(1, total + 1))
        if fifo:
            assert len(backlog) == 0
