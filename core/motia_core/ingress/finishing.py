"""The last hand on a response: what the settings add to it. There is none when they say nothing."""

from __future__ import annotations

from motia_core.ingress.compression import Compression
from motia_core.ingress.cors import Cors
from motia_core.ingress.interface import HeaderPair
from motia_core.ingress.reply import CORS, Reply
from motia_core.settings import CorsSettings, HttpSettings


class Finishing:
    """CORS and compression as the settings say.

    Raises:
        SettingsError: An encoding needs a library that is not installed.
    """

    def __init__(self, settings: HttpSettings) -> None:
        self._cors = Cors(settings.cors) if settings.cors != CorsSettings() else None
        self._compression = Compression(settings.compression) if settings.compression.encodings else None
        self.answers_options = bool(settings.cors.allow_origins)  # otherwise they are for steps
        self.is_needed = self._cors is not None or self._compression is not None

    async def apply(self, reply: Reply, method: str, asked: dict[bytes, bytes]) -> None:
        """Finish a response.

        Args:
            reply: Changed in place.
            method: The request's.
            asked: The request's headers.
        """
        if self._compression is not None:
            await self._compression.apply(reply, asked, is_head=method == "HEAD")
        if self._cors is not None:
            self._cors.apply(reply, asked, is_options=method == "OPTIONS" and self.answers_options)

    def cors(self, asked: dict[bytes, bytes]) -> tuple[HeaderPair, ...]:
        """What a response that is no `Reply`, and none to OPTIONS, has of CORS, with its Vary."""
        if self._cors is None:
            return CORS
        return (*self._cors.pairs(asked, is_options=False), *self._cors.vary())
