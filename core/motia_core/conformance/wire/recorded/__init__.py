"""Recorded sessions: what a core and a sidecar of each revision of the protocol have said, message by message."""
