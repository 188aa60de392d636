"""POST /greetings: takes the name of a person to greet."""

from uuid import uuid4

from pydantic import BaseModel, Field


class Wish(BaseModel):
    name: str = Field(min_length=1)


config = {
    "type": "api",
    "name": "CreateGreeting",
    "description": "Takes the name of a person to greet",
    "method": "POST",
    "path": "/greetings",
    "bodySchema": Wish,
    "emits": ["greeting.requested"],
    "flows": ["greetings"],
}


async def handler(req, context):
    greeting_id = uuid4().hex[:8]
    await context.emit({"topic": "greeting.requested", "data": {"id": greeting_id, "name": req["body"].name}})
    context.logger.info("Greeting requested", {"id": greeting_id})
    return {"status": 202, "body": {"id": greeting_id}}
