"""What the test kit raises. The same rules as for `motia_core.errors`."""

from __future__ import annotations

from motia_core.errors import MotiaError


class KitError(MotiaError):
    """The author of a test must act."""


class RigError(KitError):
    """A test asks for what there is not, or what makes no sense."""

    code = "TEST_MISTAKE"


class StillBusyError(KitError, AssertionError):
    """What a test waits for does not come."""

    code = "TEST_STILL_BUSY"


class UnexpectedFailureError(KitError, AssertionError):
    """A handler failed, and the test did not expect it."""

    code = "TEST_UNEXPECTED_FAILURE"
