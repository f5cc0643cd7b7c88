"""Subjects, messages and tags as people type them, checked before they are stored."""

from collections.abc import Iterable

from devora_admin.core.errors import InvalidInput
from devora_admin.users.services.texts import checked

MAX_SUBJECT = 200
MAX_TEXT = 50_000
MAX_TAG = 40
MOST_TAGS = 20


def subject(text: str) -> str:
    """On one line. Raises InvalidInput (field subject)."""
    text = checked(" ".join(text.split()), field="subject", label="The subject", limit=MAX_SUBJECT)
    if not text:
        raise InvalidInput("Give a subject.", field="subject")
    return text


def message(text: str, *, field: str = "text", label: str = "The message") -> str:
    """Raises InvalidInput (field text)."""
    text = checked(text.replace("\r\n", "\n"), field=field, label=label, limit=MAX_TEXT)
    if not text:
        raise InvalidInput("Write something.", field=field)
    return text


def tags(given: Iterable[str]) -> list[str]:
    """In lower case, each once, in order. Raises InvalidInput (field tags)."""
    found = {
        checked(" ".join(each.split()).lower(), field="tags", label="A tag", limit=MAX_TAG)
        for each in given
    } - {""}
    if len(found) > MOST_TAGS:
        raise InvalidInput(f"An issue may have {MOST_TAGS} tags.", field="tags")
    return sorted(found)
