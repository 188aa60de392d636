"""Edge: language processes over gRPC. The only package that knows the protobuf code."""

import os

# The core starts processes while gRPC runs. They are executed anew, so gRPC's own care for forks is not needed, and
# would print a line for each of them.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
