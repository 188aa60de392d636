import time

config = {"type": "event", "name": "broken", "subscribes": []}
time.sleep(60)
