from motia import StreamConfig

config = StreamConfig(
    name="py-shelf",
    schema={"type": "object", "properties": {"n": {"type": "number"}}},
    base_config={"storage_type": "default"},
    on_join=lambda subscription, context, auth: {"unauthorized": subscription["groupId"] == "locked"},
)
