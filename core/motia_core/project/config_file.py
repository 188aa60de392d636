"""Finds the project's motia.config, and tells whether it has an `app` hook without running it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

NAMES = ("motia.config.ts", "motia.config.js")  # the first that is there counts
# Texts are matched first, so that nothing in them is taken for a comment.
_COMMENT = re.compile(r"""("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|//[^\n]*|/\*.*?\*/""", re.DOTALL)
_APP = re.compile(r"(?<![\w$.])[\"']?app[\"']?\s*[:(,}]|\.app\s*=(?!=)")


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A config file."""

    path: str  # relative to the project root
    may_have_hook: bool  # its text names `app`


def find_config(root: Path) -> ConfigFile | None:
    """The project's config file, if it has one."""
    for name in NAMES:
        file = root / name
        if file.is_file():
            try:
                text = file.read_text("utf-8", errors="replace")
            except OSError:
                text = ""  # the sidecar will say what is wrong with it
            return ConfigFile(name, _names_app(text))
    return None


def _names_app(text: str) -> bool:
    code = _COMMENT.sub(lambda match: match[1] or " ", text)
    return _APP.search(code) is not None
