"""Files of the project, for those who look at steps."""

from __future__ import annotations

from pathlib import Path

from motia_core.errors import NotAvailableError

MOST_BYTES = 1024 * 1024


def read_source(path: Path) -> str:
    """The beginning of a file.

    Raises:
        NotAvailableError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES).decode(errors="replace")
    except OSError as error:
        raise NotAvailableError(f"{path} cannot be read: {error.strerror}.") from error
