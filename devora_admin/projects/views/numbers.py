from devora_admin.core.errors import InvalidInput


def number(text: str | None, *, field: str, least: int = 0) -> int | None:
    """A whole number of the address, None when absent. Raises InvalidInput."""
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < least:
        raise InvalidInput(f"“{text[:20]}” is not a number this page has.", field=field)
    return int(text)
