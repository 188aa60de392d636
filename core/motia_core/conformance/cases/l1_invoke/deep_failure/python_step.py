config = {"type": "api", "name": "deep python", "method": "GET", "path": "/python/deep_failure"}


def deeper(depth):
    try:
        if depth == 0:
            raise ValueError("x" * 100_000)
        deeper(depth - 1)
    except Exception as error:
        raise RuntimeError(f"step {depth} of python went wrong {depth}") from error


async def handler(req, context):
    if req["queryParams"].get("well"):
        return {"status": 200, "body": "well"}
    return deeper(40)
