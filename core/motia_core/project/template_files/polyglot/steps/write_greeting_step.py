"""Writes the greeting and keeps it."""

import os

from pydantic import BaseModel


class Request(BaseModel):
    id: str
    name: str


config = {
    "type": "event",
    "name": "WriteGreeting",
    "description": "Writes the greeting and keeps it",
    "subscribes": ["greeting.requested"],
    "input": Request,
    "emits": [],
    "flows": ["greetings"],
}


async def handler(request, context):
    text = f"{os.environ.get('GREETING', 'Hello')}, {request.name}!"
    await context.state.set("greetings", request.id, {"id": request.id, "text": text})
    context.logger.info(text, {"id": request.id})
