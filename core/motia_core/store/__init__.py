"""Edge: the SQL store behind the engine's ports."""
