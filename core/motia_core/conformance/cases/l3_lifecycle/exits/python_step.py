import os
import sys
import time

config = {"type": "api", "name": "bad python", "method": "GET", "path": "/python/bad/:how", "emits": []}


async def handler(req, context):
    how = req["pathParams"]["how"]
    if how == "exit":
        sys.exit(1)
    if how == "die":
        os._exit(3)
    if how == "block":
        time.sleep(5)
    if how == "flood":
        for number in range(200_000):
            print(number)
    return {"status": 200, "body": how}
