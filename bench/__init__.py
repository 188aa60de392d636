"""Load and latency harness with peers. Not part of `make test`."""
