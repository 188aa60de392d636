"""The names of a route's path parameters, as far as types can have them."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PARAM = re.compile(r":(\w+)(?:\((?:\\.|[^()\\])*\))?\*?(\?)?", re.ASCII)
_NAMELESS = re.compile(r"[*(]")


def named_params(route: str) -> Mapping[str, bool]:
    """Name to whether it is always there, of an Express 4 pattern; empty when there are others as well, or none."""
    if _NAMELESS.search(_PARAM.sub("", route)):
        return {}  # those are numbered
    return {name: not optional for name, optional in _PARAM.findall(route)}
