"""What a handler gets: the trigger of an Invoke as Python values."""

from __future__ import annotations

from typing import Any

from motia._gen.motia.v1 import invoke_pb2
from motia.payload import Record, decode
from motia.sockets import read_event
from motia.upload import UploadedFile

JSON = invoke_pb2.BODY_FORMAT_JSON
TEXT = invoke_pb2.BODY_FORMAT_TEXT
BINARY = invoke_pb2.BODY_FORMAT_BINARY
MULTIPART = invoke_pb2.BODY_FORMAT_MULTIPART


def read_trigger(invoke: invoke_pb2.Invoke) -> Any:
    """The handler's first argument: a request, an event's data, a question to a hook, or None for a cron tick."""
    kind = invoke.WhichOneof("trigger")
    if kind == "http":
        return read_request(invoke.http)
    if kind == "event":
        data = invoke.event.data
        return decode(data, "event data") if data else None
    return invoke.stream if kind == "stream" else None


def read_request(http: invoke_pb2.HttpRequest) -> Record:
    """The five keys of a request, and the files of a form. Everything is a dict that also answers to attributes."""
    body: Any
    raw_body: str | bytes
    body_format = http.body_format
    if body_format == JSON:
        text = http.body
        body = decode(text, "request body")
        raw_body = (http.raw_body or text).decode(errors="replace")
    elif body_format == TEXT:
        body = http.body.decode(errors="replace")
        raw_body = http.raw_body.decode(errors="replace") or body
    elif body_format == MULTIPART:
        body = decode(http.body, "request body")
        raw_body = ""
    elif body_format == BINARY:
        body = Record()
        raw_body = http.raw_body or http.body
    else:
        body = Record()
        raw_body = ""
    headers = iter(http.headers)
    path_params = iter(http.path_params)
    query, values = http.query_params, http.path_values
    request = Record(
        body=body,
        headers=Record(zip(headers, headers)),  # noqa: B905 - one iterator twice pairs names with values
        pathParams=decode(values, "path parameters") if values else Record(zip(path_params, path_params)),  # noqa: B905
        queryParams=decode(query, "query parameters") if query else Record(),
        rawBody=raw_body,
    )
    if http.HasField("socket"):
        return read_event(http, request)
    if http.files:
        request["files"] = [UploadedFile(file) for file in http.files]
    return request
