"""Edge: the user's files."""
