"""Golden frames: every message of the protocol with every field filled, as bytes and as JSON."""
