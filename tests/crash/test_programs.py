"""Random programs in both languages under a hail of kills end with the counters that the model predicts.

For hours instead of seconds: `python -m tests.crash.programs --minutes 60`.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from tests.crash.programs.run import Options, Run

SECONDS = 14.0
STUCK_S = 25.0


@pytest.mark.alone
def test_programs(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # shown when it fails
    run = Run(Options(tmp_path, seed, SECONDS, languages=("python", "typescript"), stuck_s=STUCK_S))
    asyncio.run(run.run())
    assert run.chaos.kills
    assert run.model.programs
