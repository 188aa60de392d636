"""Something outside that the flow waits for."""

config = {
    "type": "noop",
    "name": "{{Name}}",
    "description": "Something outside that the flow waits for",
    "virtualSubscribes": [],
    "virtualEmits": [],
    "flows": ["{{flow}}"],
}
