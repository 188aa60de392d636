"""`python -m tests.simulation SEED…`, or `FIRST-LAST`: runs seeds; of a single one it tells the whole story."""

from __future__ import annotations

import sys

from tests.simulation.run import SeedFailed, simulate


def main(arguments: list[str]) -> int:
    """The exit code."""
    failed = 0
    for argument in arguments:
        first, _, last = argument.partition("-")
        for seed in range(int(first), int(last or first) + 1):
            try:
                model = simulate(seed)
            except SeedFailed as error:
                failed += 1
                print(error)
            else:
                if not last:
                    print("\n".join(model.events), "\nall promises were kept")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
