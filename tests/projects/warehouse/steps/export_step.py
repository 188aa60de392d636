from motia import MotiaHttpArgs, http


async def count(args, ctx, next_fn):
    args.response.headers({"x-before": "yes"})
    return await next_fn()


async def flag(args, ctx, next_fn):
    args.request.body["flagged"] = True
    return await next_fn()


config = {"name": "PyExport", "triggers": [http("POST", "/py/export", middleware=[count, flag])], "enqueues": []}


async def handler(args: MotiaHttpArgs, ctx) -> None:
    await args.response.status(206)
    await args.response.headers({"content-type": "text/plain"})
    async for piece in args.request.request_body.stream:
        args.response.writer.stream.write(piece)
    args.response.writer.stream.write(b"|")
    await args.response.writer.stream.write(str(args.request.body["flagged"]))
    args.response.close()
