config = {"type": "event", "name": "broken", "subscribes": []}
raise ValueError("KEY is required")
