"""The environment of the user's code: that of the core, completed from the project's .env."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from motia_core.errors import SettingsError

OURS = ("MOTIA_HTTP_ADMIN_TOKEN", "MOTIA_SIDECARS_TOKEN")  # for the core only; user code has no use for it


def project_environment(project: Path, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment with what .env adds to it; a variable that is set already stays as it is.

    Raises:
        SettingsError: .env is there but cannot be read.
    """
    real = dict(os.environ if environ is None else environ)
    return {**_dotenv(project / ".env"), **real}


def sidecar_environment(
    project: Path, environ: Mapping[str, str] | None = None, *, node_env: str = "development"
) -> dict[str, str]:
    """What user code sees: the project's environment, with NODE_ENV set.

    Some libraries take a missing NODE_ENV for production and end the process when a variable is missing.
    """
    env = project_environment(project, environ)
    env.setdefault("NODE_ENV", node_env)
    for name in OURS:
        env.pop(name, None)
    return env


def _dotenv(path: Path) -> dict[str, str]:
    from dotenv import dotenv_values  # most starts of the command line do not need it

    try:
        # as it stands, like the dotenv of 0.x: a password may have ${ in it
        values = dotenv_values(path, interpolate=False) if path.is_file() else {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path.name} cannot be read: {error}; it must be UTF-8 text") from error
    return {name: value for name, value in values.items() if value is not None and "\0" not in name + value}
