config = {"type": "api", "name": "sync python", "method": "GET", "path": "/python/sync", "emits": []}


def handler(req, context):
    import time

    time.sleep(0.01)
    return {"status": 200, "body": {"sync": True}}
