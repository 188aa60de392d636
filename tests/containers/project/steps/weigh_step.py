config = {"type": "event", "name": "Weigh", "subscribes": ["parcel.taken"], "emits": ["parcel.weighed"]}


async def handler(parcel, context):
    await context.emit({"topic": "parcel.weighed", "data": {**parcel, "through": [*parcel["through"], "python"]}})
