"""Answers a question word by word, as a language model would; this one is made of a few sentences and a dice."""

import asyncio
import random

config = {
    "type": "event",
    "name": "Answer",
    "description": "Writes an answer into a stream, word by word",
    "flows": ["live-board"],
    "subscribes": ["question.asked"],
    "emits": [],
}

OPENINGS = ["Good question, {author}.", "Let me think about that, {author}.", "Funny that you ask, {author}."]
THOUGHTS = [
    "There are {notes} on this board, and each of them is somebody's idea.",
    "The shortest way is often the one that somebody has already walked.",
    "I would start with the note that nobody has moved yet.",
    "Ask the person who wrote it, they are probably looking at this page right now.",
    "Write it down, move it around, and throw away what does not help.",
]
ENDINGS = ["That is all I know.", "What do you think?", "I hope that helps."]


async def handler(question, context):
    board, author = question["board"], question["author"]
    notes = await context.streams.notes.get_group(board)
    count = f"{len(notes)} note{'' if len(notes) == 1 else 's'}"
    sentences = [random.choice(OPENINGS), *random.sample(THOUGHTS, 2), random.choice(ENDINGS)]
    words = " ".join(sentences).format(author=author, notes=count).split()
    answer = {"question": question["question"], "author": author, "text": "", "done": False}
    for position in range(1, len(words) + 1):
        answer["text"] = " ".join(words[:position])
        await context.streams.answers.set(board, context.trace_id, answer)
        await asyncio.sleep(random.uniform(0.02, 0.09))
    await context.streams.answers.set(board, context.trace_id, {**answer, "done": True})
