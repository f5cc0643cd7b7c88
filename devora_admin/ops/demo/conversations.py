"""Conversations between a customer and the AI, in markdown with code."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from devora_admin.ops.demo.source.brief import Brief

Message = dict[str, Any]

ASKS = (
    "Add a page that lists all {things}, newest first.",
    "The {thing} form loses what I typed when saving fails. Please fix it.",
    "Can you make the {things} table sortable by {field}?",
    "Make it look nicer on a phone, the cards overflow.",
    "I get `TypeError: Cannot read properties of undefined (reading '{field}')` on the home page.",
    "Add dark mode, and remember the choice.",
    "Let people export {things} as CSV.",
    "Please translate the interface into German. Leave the code in English.",
    "Only the owner of a {thing} should be able to delete it.",
    "Why is the first load so slow?",
    "Rename {things} to something friendlier and update every link.",
    "Undo the last change, it broke the build.",
    "Write tests for the {things} API.",
    "Please always use Tailwind for the styling.",
    "I prefer pnpm over npm, and vitest over jest.",
    "Don't use Redux, the context API is enough for the {things}.",
    "Use PostgreSQL for the {things}, not SQLite.",
)
OPENINGS = (
    "Done. Here is what changed:",
    "I found the cause: `{field}` is read before the data has loaded.",
    "Good idea. I went for the simplest thing that works:",
    "That needs two small changes.",
    "Fixed, and I added a test so that it stays fixed.",
)
NOTES = (
    "- the list reads at most **{limit}** {things} at once",
    "- `{field}` is checked on the server too",
    "- no new dependency was needed",
    "- the old address redirects to the new one",
    "- errors are shown beside the field, not in an alert",
    "- the button says *Saving…* while it waits",
)
CLOSINGS = (
    "Shall I deploy it?",
    "Try it with an empty list as well.",
    "Next I would look at **loading states**.",
    "If you want it the other way round, tell me.",
)


def conversation(
    brief: Brief, files: list[dict[str, Any]], *, turns: int, start: datetime
) -> list[Message]:
    """turns: questions, each with its answer. Quotes the project's own files."""
    random = brief.random
    at = start
    said: list[Message] = []
    for turn in range(turns):
        thing = random.choice(brief.domain.things)
        words = {
            "thing": thing.name.lower(),
            "things": thing.plural,
            "field": random.choice(thing.fields)[0],
            "limit": random.choice((20, 50, 100)),
        }
        at += timedelta(seconds=random.randint(20, 5400))
        ask = random.choice(ASKS).format(**words)
        if turn == 0:
            ask = f"I want an app that {brief.domain.pitch}. Call it “{brief.title}”."
        said.append({"role": "user", "content": ask, "timestamp": at})
        at += timedelta(seconds=random.randint(4, 90))
        answer: Message = {
            "role": "assistant",
            "content": _answer(random, files, words),
            "timestamp": at,
        }
        if random.random() < 0.7:
            answer["model"] = random.choice(("claude-sonnet", "claude-opus", "gpt-large"))
            answer["tokens"] = random.randint(200, 9000)
        said.append(answer)
    return said


def _answer(random: Random, files: list[dict[str, Any]], words: dict[str, Any]) -> str:
    quoted = random.choice(files)
    lines = quoted["content"].splitlines()
    start = random.randrange(max(1, len(lines) - 8))
    code = "\n".join(lines[start : start + random.randint(3, 14)])
    notes = "\n".join(note.format(**words) for note in random.sample(NOTES, k=3))
    opening = random.choice(OPENINGS).format(**words)
    fence = f"`{quoted['name']}`\n\n```{quoted['language']}\n{code}\n```"
    return f"{opening}\n\n{fence}\n\n{notes}\n\n{random.choice(CLOSINGS)}"
