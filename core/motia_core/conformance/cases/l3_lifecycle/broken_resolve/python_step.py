import not_there

config = {"type": "event", "name": "broken", "subscribes": []}
print(not_there)
