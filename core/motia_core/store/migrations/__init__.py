"""Alembic revisions of the store: a branch for each of its two files."""
