"""The peer: a FastAPI route whose handler runs in process, on uvicorn with one worker."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/hello")
async def hello() -> dict[str, str]:
    return {"message": "hello"}
