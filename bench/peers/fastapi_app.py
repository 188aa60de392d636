"""The peer: a FastAPI route whose handler runs in process, on uvicorn with one worker."""

from collections.abc import AsyncIterator

from fastapi import FastAPI, UploadFile
from fastapi.responses import StreamingResponse

app = FastAPI()


@app.get("/hello")
async def hello() -> dict[str, str]:
    return {"message": "hello"}


@app.post("/upload")
async def upload(f: UploadFile) -> dict[str, int]:
    size = 0
    while block := await f.read(1 << 20):
        size += len(block)
    return {"size": size}


BLOCK = b"x" * 65536


async def blocks() -> AsyncIterator[bytes]:
    for _ in range(1600):
        yield BLOCK


@app.get("/download")
async def download() -> StreamingResponse:
    return StreamingResponse(blocks())
