"""`python -m tests.mutants NAME`: be this mutant; without a name, the sidecar that keeps every rule."""

from __future__ import annotations

import sys

from tests.mutants.sidecar import Sidecar, main

if len(sys.argv) > 1:
    from tests.mutants import beginning, calling, ending, loading, losing, working  # noqa: F401  # they register what they define
    from tests.mutants.mutant import MUTANTS

    main(MUTANTS[sys.argv[1]].kind)
else:
    main(Sidecar)
