config = {"type": "noop", "name": "noop python", "virtualEmits": ["noop.python"], "virtualSubscribes": []}
