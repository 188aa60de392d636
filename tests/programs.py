"""Tests of Ruby where it is not installed are skipped, and said so; in CI it must be there."""

from __future__ import annotations

import os
import subprocess

import pytest

PACKAGES = "ruby ruby-grpc ruby-google-protobuf ruby-minitest"
REASON = f"Ruby with grpc is not installed: NOTHING was tested in it (Debian: {PACKAGES})"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    wanting = [item for item in items if _needs_ruby(item)]
    if wanting and not os.environ.get("CI") and not _has_ruby():
        for item in wanting:
            item.add_marker(pytest.mark.skip(reason=REASON))


def _needs_ruby(item: pytest.Item) -> bool:
    callspec = getattr(item, "callspec", None)
    values = callspec.params.values() if callspec is not None else ()
    return item.get_closest_marker("ruby") is not None or any(
        type(value) is str and value == "ruby" for value in values
    )


def _has_ruby() -> bool:
    command = ["ruby", "-e", "require 'grpc'; require 'minitest'"]
    try:
        return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
    except OSError:
        return False
