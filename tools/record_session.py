"""Record a session of the newest revision of the protocol that the Python SDK speaks, for the conformance kit.

A recording stays as it is once its revision is released; `--again` is for one that is not. Usage:
python tools/record_session.py [--again]
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from motia_core.conformance.wire import STEPS, prepare
from motia_core.conformance.wire.recorded.recording import path_of, write_recording
from motia_core.conformance.wire.recorded.session import record
from motia_core.model.language import PYTHON


async def main() -> None:
    """Record and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--again", action="store_true")
    again = parser.parse_args().again
    with TemporaryDirectory() as folder:
        subject = await prepare(PYTHON, STEPS / "python", Path(folder))
        revision, said = await record(subject)
    if path_of(revision).exists() and not again:
        raise SystemExit(f"{path_of(revision)} is there already: it is replaced with --again, before a release only")
    write_recording(revision, said)
    print(f"{path_of(revision)}: {len(said)} frames")


if __name__ == "__main__":
    asyncio.run(main())
