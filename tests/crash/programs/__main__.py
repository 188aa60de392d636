"""`python -m tests.crash.programs --minutes 10`: the random programs, by hand and for as long as you like."""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from pathlib import Path

from tests.crash.programs.chaos import ACTIONS
from tests.crash.programs.run import Options, Run


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.crash.programs")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--keys", type=int, default=10)
    parser.add_argument("--cores", type=int, default=1, help="more than one need --store")
    parser.add_argument("--store", default="", metavar="URL", help="an empty database: postgresql://…")
    parser.add_argument("--languages", default="python,typescript", help="python, typescript, or both")
    parser.add_argument("--only", action="append", choices=list(ACTIONS), help="what may happen; default: everything")
    parser.add_argument("--stuck", type=float, default=60.0, metavar="SECONDS", help="without progress")
    arguments = parser.parse_args()
    if arguments.cores > 1 and not arguments.store:
        parser.error("several cores need --store: each SQLite store belongs to one core")
    actions = {action: ACTIONS[action] for action in arguments.only or ACTIONS}
    print(f"seed {arguments.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="motia-programs-") as scratch:
        run = Run(
            Options(
                Path(scratch),
                arguments.seed,
                arguments.minutes * 60,
                arguments.keys,
                arguments.cores,
                arguments.store,
                arguments.languages.split(","),
                arguments.stuck,
                actions,
            )
        )
        asyncio.run(run.run())
        print(run.summary())


if __name__ == "__main__":
    main()
