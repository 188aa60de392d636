import os

config = {"type": "event", "name": "broken", "subscribes": []}
os._exit(3)
