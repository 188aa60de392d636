"""Finds the configs of the project, and tells without running them what they may be needed for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

NAMES = {  # by language group; the first that is there counts
    "node": ("motia.config.ts", "motia.config.js"),
    "python": ("motia.config.py",),
}
# Texts are matched first, so that nothing in them is taken for a comment.
_COMMENT = re.compile(r"""("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|//[^\n]*|/\*.*?\*/""", re.DOTALL)
_OWN_PLUGINS = re.compile(r"""registerApi|['"]\.{1,2}/""")  # written here, or in a file of the project
_APP = re.compile(r"(?<![\w$.])[\"']?app[\"']?\s*[:(,}]|\.app\s*=(?!=)")


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A config file."""

    path: str  # relative to the project root
    may_have_hook: bool  # its text names `app`, or plugins that are the project's own
    may_have_middleware: bool  # its text names that
    may_have_stream_auth: bool = False  # the same
    may_have_plugins: bool = False  # the same


def find_configs(root: Path) -> dict[str, ConfigFile]:
    """The project's config files, by the language group that loads them."""
    found = {group: next((name for name in names if (root / name).is_file()), "") for group, names in NAMES.items()}
    return {group: _config_file(root, name) for group, name in found.items() if name}


def _config_file(root: Path, name: str) -> ConfigFile:
    try:
        text = (root / name).read_text("utf-8", errors="replace")
    except OSError:
        text = ""  # the sidecar will say what is wrong with it
    has_stream_auth = any(name in text for name in ("streamAuth", "stream_auth", "authenticateStream"))
    return ConfigFile(
        name, _names_hook(text) and not name.endswith(".py"), "middleware" in text, has_stream_auth, "plugins" in text
    )


def _names_hook(text: str) -> bool:
    code = _COMMENT.sub(lambda match: match[1] or " ", text)
    return _APP.search(code) is not None or ("plugins" in code and _OWN_PLUGINS.search(code) is not None)
