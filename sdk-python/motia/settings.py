"""What the launcher says in the environment."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from dataclasses import dataclass


class SettingsError(Exception):
    """The environment does not say how to reach the core."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to reach the core and as whom."""

    address: str
    token: str
    language: str


def read_settings(environ: MutableMapping[str, str] = os.environ) -> Settings:
    """Read the launcher's variables, and remove the token so that user code and its children never see it."""
    token = environ.pop("MOTIA_SIDECAR_TOKEN", "")
    address = environ.get("MOTIA_SIDECAR_ADDRESS", "")
    if not address:
        raise SettingsError(
            "MOTIA_SIDECAR_ADDRESS is not set. `python -m motia` is started by the core: run `motia-core serve` instead"
        )
    return Settings(address, token, environ.get("MOTIA_SIDECAR_LANGUAGE", "python"))
