"""Edge: the management API under /__motia."""
