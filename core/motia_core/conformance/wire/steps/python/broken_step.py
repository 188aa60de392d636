"""Cannot be loaded."""

raise RuntimeError("wire: broken")
