"""Words as people and programs write them. Pure."""

import re
import unicodedata
from collections.abc import Container

_WORD = re.compile(r"[A-Za-z0-9_]+")
_SEAM = re.compile(
    r"(?<=[a-z0-9])(?=[A-Z])"  # camel|Case
    r"|(?<=[A-Z])(?=[A-Z][a-z])"  # HTTP|Server
    r"|(?<=[A-Za-z0-9])_+(?=[A-Za-z0-9])"  # snake_case, without the _
)

_NAME = re.compile(r"[^\W\d][\w$]*|[$][\w$]+")
_SHAPE = re.compile(
    r"[^\W_]_+[^\W_]|__\w|\w__|[$]"  # snake_case, __dunder__, $scope
    r"|[a-z0-9][A-Z]|[A-Z]{2}[a-z]"  # camelCase, PascalCase, HTTPServer
    r"|[^\W\d_]\d"  # sha256
)
_MOST_IN_A_NAME = 100  # longer ones are data: Base64, hashes


def identifiers(text: str) -> list[str]:
    """What only programs write so: `getUserName`, `user_id`, `sha256`. Each once, as it stands.

    Plain words, `render` or `Button`, are words to everyone and no identifiers here.
    """
    return [
        name
        for name in dict.fromkeys(_NAME.findall(text))
        if len(name) <= _MOST_IN_A_NAME and not _is_plain(name) and _SHAPE.search(name)
    ]


def _is_plain(name: str) -> bool:
    """Small letters alone, which most words are: known without looking for a shape."""
    return name.islower() and name.isalpha()


def split_identifiers(text: str, *, whole: Container[str] = ()) -> str:
    """camelCase → camel Case, HTTPServer → HTTP Server, snake_case → snake case.

    whole: words in lower case that stay in one piece, such as "typescript".
    """
    return _WORD.sub(
        lambda found: found[0] if found[0].lower() in whole else _SEAM.sub(" ", found[0]), text
    )


def says_something(text: str) -> bool:
    """Whether there is anything to find in `text`: a letter, digit, symbol or punctuation mark."""
    return any(
        unicodedata.category(character)[0] in "LNSP" and character != "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def is_whole(text: str) -> bool:
    """Whether UTF-8 can hold it: no half of a surrogate pair is in it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def storable(text: str) -> str:
    """With a mark in place of what is no character to PostgreSQL: NUL and halves of pairs.

    For ids, which are opaque: two that only look alike stay two.
    """
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()
    return text.replace("\0", "\ufffd")
