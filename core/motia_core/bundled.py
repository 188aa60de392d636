"""Where the SDKs are that come with motia-core: in the wheel, or in the repository."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BUNDLED = Path(__file__).resolve().parent / "_sdk"


def sdk_folder(language: str) -> Path:
    """The folder of an SDK: "node", "python", "go" or "ruby"."""
    bundled = BUNDLED / language
    return bundled if bundled.exists() else REPOSITORY / f"sdk-{language}"
