"""What is imported from motia works within a step only."""

from motia import OutsideOfStepError, api, logger, stateManager

try:
    stateManager.get("any", "key")
except OutsideOfStepError as error:
    refused = str(error)
logger.info("a file is being imported")

config = {"name": "PyOutside", "triggers": [api("GET", "/py/outside")], "enqueues": []}


def handler(request, ctx):
    return {"status": 200, "body": {"refused": refused}}
