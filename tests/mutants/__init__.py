"""The mutation test of the conformance kit: sidecars that break one rule each."""
