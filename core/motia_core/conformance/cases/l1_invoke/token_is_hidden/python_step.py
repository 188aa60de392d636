import os

config = {"type": "api", "name": "token python", "method": "GET", "path": "/python/token_is_hidden"}


async def handler(req, context):
    token = os.environ.get("MOTIA_SIDECAR_TOKEN", "")
    return {"status": 200, "body": {"token": token, "languages": bool(os.environ["CONFORMANCE_LANGUAGES"])}}
