config = {"name": "triggers-python", "schema": {"type": "object"}, "base_config": {"storage_type": "default"}}
