"""What a person typed, made fit for searching. Pure."""

import re
import unicodedata

from devora_admin.core.errors import InvalidInput
from devora_admin.memory import words

MOST_CHARACTERS = 10_000
"""Room for an error message with its whole trace."""
_MOST_WORDS = 200
_WORD = re.compile(r"[\w$]+")


def clean(text: str) -> str:
    """NFC, without what PostgreSQL cannot store or nobody can see. Raises InvalidInput."""
    if len(text) > MOST_CHARACTERS:
        raise InvalidInput(
            f"That is too long to search for: use at most {MOST_CHARACTERS:,} characters.",
            field="q",
        )
    kept = "".join(" " if unicodedata.category(each)[0] == "C" else each for each in text)
    kept = " ".join(unicodedata.normalize("NFC", kept).split())
    if not kept:
        raise InvalidInput("Type what you are looking for.", field="q")
    if not any(unicodedata.category(each)[0] in "LNS" for each in kept):
        raise InvalidInput(
            "There is only punctuation in that. Add a word of what you are looking for.", field="q"
        )
    return kept


def words_of(text: str) -> list[str]:
    """Each word once, in order, as it was typed."""
    return list(dict.fromkeys(_WORD.findall(text)))[:_MOST_WORDS]


def identifiers_of(text: str) -> list[str]:
    return words.identifiers(text)[:_MOST_WORDS]
