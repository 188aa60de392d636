config = {
    "name": "hooked-python",
    "schema": {"type": "object"},
    "presence": True,
    "messages": {"topic": "hooked.python"},
}


def can_access(subscription, auth, context):
    if subscription["groupId"] == "broken":
        raise RuntimeError("it broke")
    return "yes" if subscription["groupId"] == "vague" else subscription["groupId"] != "closed"


async def can_send(subscription, auth, context):
    if subscription["message"]["type"] == "break":
        raise RuntimeError("it broke")
    return subscription["message"]["type"] == "say"


async def on_join(subscription, context, auth):
    return {"unauthorized": True} if subscription["groupId"] == "unwanted" else {"presence": {"from": "python"}}


async def on_leave(subscription, context, auth):
    left = {"streamName": subscription["streamName"], "groupId": subscription["groupId"]}
    await context.state.set("journal-hooked-python", "left", left)
