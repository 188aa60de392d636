"""The conformance kit: what shows that an SDK keeps the rules of docs/protocol.md."""
