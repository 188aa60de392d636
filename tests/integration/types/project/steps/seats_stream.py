config = {
    "name": "seats",
    "schema": {"type": "object", "properties": {"row": {"type": "string"}}, "required": ["row"]},
    "baseConfig": {"storageType": "default"},
}
