"""The golden frames as they are kept, and what shows that an SDK reads and writes them."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message

from motia_core.conformance.wire.golden.making import TOP

FILE = Path(__file__).parent / "frames.jsonl"
KINDS: dict[str, type[Message]] = {kind.DESCRIPTOR.full_name: kind for kind in TOP}
WAIT_S = 60.0  # a compiler may have to be run first


@dataclass(frozen=True)
class Golden:
    """One of them."""

    name: str  # "CoreFrame.invoke.http"
    message: str  # "motia.v1.CoreFrame"
    data: bytes
    content: dict[str, object]

    def read(self, data: bytes) -> Message:
        """Bytes as this kind of message.

        Raises:
            DecodeError: They are none.
        """
        return KINDS[self.message].FromString(data)

    def from_content(self) -> Message:
        """The message that its JSON describes."""
        return json_format.ParseDict(self.content, KINDS[self.message]())


def golden_frames() -> list[Golden]:
    """All golden frames."""
    documents = [json.loads(line) for line in FILE.read_text().splitlines()]
    return [Golden(each["name"], each["message"], base64.b64decode(each["bytes"]), each["json"]) for each in documents]


async def misread(command: Sequence[str], folder: Path, wait_s: float = WAIT_S) -> list[str]:
    """What an SDK's golden command does not read and write as it should, a sentence each.

    The command gets a line for each frame on its standard input: the message's name, a space, its bytes in base64. For
    each it writes a line with the bytes (base64) of the message that it has read.
    """
    frames = golden_frames()
    lines = "".join(f"{each.message} {base64.b64encode(each.data).decode()}\n" for each in frames)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        async with asyncio.timeout(wait_s):
            stdout, stderr = await process.communicate(lines.encode())
    except TimeoutError:
        process.kill()
        await process.wait()
        return [f"{command[0]} takes longer than {wait_s:g} s"]
    if process.returncode:
        return [f"{command[0]} ended with code {process.returncode}: {stderr.decode(errors='replace')[-500:]}"]
    answers = stdout.decode(errors="replace").split()
    if len(answers) != len(frames):
        return [f"{len(frames)} golden frames were given, {len(answers)} came back"]
    return [what for each, answer in zip(frames, answers, strict=True) if (what := _difference(each, answer))]


def _difference(golden: Golden, answer: str) -> str:
    try:
        message = golden.read(base64.b64decode(answer, validate=True))
    except (ValueError, DecodeError) as error:
        return f"{golden.name} came back as no message: {error}"
    if message == golden.read(golden.data):
        return ""
    found = json_format.MessageToDict(message, preserving_proto_field_name=True)
    return f"{golden.name} came back as {json.dumps(found)[:300]}"
