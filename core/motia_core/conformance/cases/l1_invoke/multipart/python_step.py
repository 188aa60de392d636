config = {"type": "api", "name": "multipart python", "method": "POST", "path": "/python/multipart", "emits": []}


def shown(file):
    facts = {"field": file.field, "filename": file.filename, "type": file.content_type, "size": file.size}
    with file.open() as content:
        return {**facts, "text": content.read(8).decode(), "disk": file.path is not None}


async def handler(req, context):
    files = [shown(file) for file in req.get("files", [])]
    return {"status": 200, "body": {"body": req["body"], "raw": req["rawBody"], "files": files}}
