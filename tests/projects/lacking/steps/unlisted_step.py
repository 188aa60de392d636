import os

import firecrawl_like

KEY = os.environ["FIRECRAWL_API_KEY"]
config = {"type": "event", "name": "unlisted", "subscribes": ["asked"], "emits": []}


async def handler(input, context):
    firecrawl_like.crawl(KEY)
