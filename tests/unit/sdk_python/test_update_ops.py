"""Operations of Motia 1.0 in our words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from motia.update_ops import to_operations


@pytest.mark.parametrize(
    ("op", "own"),
    [
        ({"type": "set", "path": "a.b", "value": 1}, {"type": "set", "path": "/a.b", "value": 1}),
        ({"type": "set", "path": "a/b~c", "value": 1}, {"type": "set", "path": "/a~1b~0c", "value": 1}),
        ({"type": "merge", "value": {"a": 1}}, {"type": "merge", "path": "", "value": {"a": 1}}),
        ({"type": "append", "path": ["a", 0], "value": 1}, {"type": "append", "path": "/a/0", "value": 1}),
        ({"type": "increment", "path": "n", "by": 2}, {"type": "increment", "path": "/n", "by": 2}),
        ({"type": "decrement", "path": "n", "by": 2}, {"type": "increment", "path": "/n", "by": -2}),
        ({"type": "decrement", "path": "n"}, {"type": "increment", "path": "/n", "by": -1}),
        (SimpleNamespace(type="remove", path="n"), {"type": "remove", "path": "/n"}),
    ],
)
def test_operation_is_one_of_ours(op: Any, own: dict[str, Any]) -> None:
    assert to_operations([op]) == [own]
