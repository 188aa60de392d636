"""Keys of configs: Python writes them in snake_case, everybody else in camelCase."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def camel(name: str) -> str:
    """`body_schema` → `bodySchema`."""
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest) if first else name


def camel_case(config: Mapping[Any, Any]) -> dict[Any, Any]:
    """A config whose keys, but not those further in, are as everybody writes them."""
    return {camel(key) if isinstance(key, str) else key: value for key, value in config.items()}
