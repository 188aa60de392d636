"""What of the HTTP settings can be seen to be wrong before anything is started."""

from __future__ import annotations

from motia_core.ingress.compression import Compression
from motia_core.ingress.tls import check_tls
from motia_core.settings import HttpSettings


def check_settings(settings: HttpSettings) -> None:
    """Look for the files, folders and libraries that the settings name.

    Raises:
        SettingsError: One is missing or cannot be used.
    """
    check_tls(settings)
    Compression(settings.compression)
    if settings.static:
        from motia_core.ingress.static import Static  # only here: what it imports takes time and memory

        Static(settings)
