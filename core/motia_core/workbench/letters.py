"""Dead letters in the management API."""

from __future__ import annotations

import json
from typing import cast

from quart import Response, request

from motia_core.errors import BodyInvalidError, NotAvailableError
from motia_core.workbench.audit import Audit
from motia_core.workbench.describe import describe_letter
from motia_core.workbench.exchange import read_body, read_number, to_json
from motia_core.workbench.mount import Management

CHUNK = 500  # that are moved at once


class Letters:
    """The endpoints under `/__motia/dlq`."""

    def __init__(self, management: Management, audit: Audit) -> None:
        self._audit = audit
        self._admin = management.admin
        self._dead_letters = management.dead_letters

    async def page(self) -> Response:
        """The newest, or the newest below an id."""
        limit = read_number("limit", 100)
        letters = await self._dead_letters.page(
            topic=request.args.get("topic", ""),
            step_id=request.args.get("step", ""),
            before_id=read_number("before", 0, at_most=2**53),
            limit=limit,
        )
        more = letters[-1].delivery.id if len(letters) == limit else None
        shown = [describe_letter(letter, is_whole=False) for letter in letters]
        return to_json({"deadLetters": shown, "nextBefore": more})

    async def one(self, letter_id: int) -> Response:
        """One with its data and all that failed."""
        letter = await self._dead_letters.get(letter_id)
        if letter is None:
            raise NotAvailableError(f"There is no dead letter {letter_id}; it may have been redriven or discarded.")
        return to_json(describe_letter(letter, is_whole=True))

    async def redrive(self) -> Response:
        """Deliver again, with other data if the body has some."""
        body = await read_body()
        ids, topic, step = _selection(body)
        # the standard library's JSON: it keeps integers of any size
        text = json.dumps(body["data"], ensure_ascii=False, separators=(",", ":")) if "data" in body else None
        data = text.encode() if text is not None else None
        if ids is None:
            count = await self._admin.redrive_all(topic=topic, step_id=step, data=data)
        else:
            count = sum([await self._admin.redrive(chunk, data) for chunk in _chunks(ids)])
        self._audit.note("dlq.redrive", step or topic, ids=ids, count=count)
        return to_json({"redriven": count})

    async def discard(self) -> Response:
        """Delete."""
        ids, topic, step = _selection(await read_body())
        if ids is None:
            count = await self._admin.discard_all(topic=topic, step_id=step)
        else:
            count = sum([await self._dead_letters.discard(chunk) for chunk in _chunks(ids)])
        self._audit.note("dlq.discard", step or topic, ids=ids, count=count)
        return to_json({"discarded": count})


def _selection(body: dict[str, object]) -> tuple[list[int] | None, str, str]:
    """Ids, oldest first; or None, for all that these filters let through."""
    ids, topic, step = body.get("ids"), body.get("topic") or "", body.get("step") or ""
    if isinstance(ids, list) and all(type(one) is int for one in ids) and "all" not in body:
        return sorted(cast(list[int], ids)), "", ""
    if body.get("all") is not True or ids is not None:
        raise BodyInvalidError('Say which: {"ids": [1, 2]}, or {"all": true} with topic and step as filters.')
    if not isinstance(topic, str) or not isinstance(step, str):
        raise BodyInvalidError("topic and step must be strings.")
    return None, topic, step


def _chunks(ids: list[int]) -> list[list[int]]:
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
