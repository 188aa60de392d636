"""`python -m motia`: the sidecar process. Started by the core, not by hand."""

import os
import sys

# `-m` puts the project first on sys.path. Until the project is loaded it must not be there, or a file of the
# user's called queue.py would be what asyncio imports.
sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry or ".") != os.getcwd()]  # noqa: PTH109

# grpc and protobuf of the core, for a project's environment that has none of its own; what it has comes first.
if transport_path := os.environ.pop("MOTIA_TRANSPORT_PATH", ""):
    sys.path.append(transport_path)

from motia.main import main  # noqa: E402

if __name__ == "__main__":
    main(transport_path)
