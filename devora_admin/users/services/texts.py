"""Texts that staff type, checked before they are stored."""

from devora_admin.core.errors import InvalidInput

MAX_REASON = 500


def checked(text: str, *, field: str, label: str, limit: int) -> str:
    """Without blanks around it. Raises InvalidInput for what no store takes, or too much of it."""
    text = text.strip()
    if "\0" in text:
        raise InvalidInput(f"{label} must not contain a NUL character.", field=field)
    if len(text) > limit:
        raise InvalidInput(
            f"{label} may have {limit:,} characters; this has {len(text):,}.", field=field
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(f"{label} holds half a character.", field=field) from error
    return text


def name(text: str, *, limit: int) -> str:
    """Of what staff make, on one line. Raises InvalidInput (field name)."""
    text = checked(" ".join(text.split()), field="name", label="The name", limit=limit)
    if not text:
        raise InvalidInput("Give it a name.", field="name")
    return text


def reason(text: str) -> str:
    text = checked(text, field="reason", label="The reason", limit=MAX_REASON)
    if not text:
        raise InvalidInput("Give a reason; it is kept in the audit log.", field="reason")
    return text
