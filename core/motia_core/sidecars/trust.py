"""How the core knows external sidecars, and they the core: the shared token, and TLS."""

from __future__ import annotations

import grpc

from motia_core.errors import SettingsError
from motia_core.settings import SidecarSettings


def shared_token(settings: SidecarSettings) -> str:
    """What external sidecars show. A file is read each time, so that its content can be changed.

    Raises:
        SettingsError: The file cannot be read, or is empty.
    """
    if settings.token_file is None:
        return settings.token or ""
    try:
        token = settings.token_file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"sidecars.token_file {settings.token_file} cannot be read: {error}") from error
    if not token:
        raise SettingsError(f"sidecars.token_file {settings.token_file} is empty")
    return token


def credentials(settings: SidecarSettings) -> grpc.ServerCredentials | None:
    """What the core shows to those who dial, and asks of them; None: plain TCP."""
    return None
