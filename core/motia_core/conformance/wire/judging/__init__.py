"""The judge: watches a session and reports every rule of docs/protocol.md that the sidecar breaks, by its name."""
