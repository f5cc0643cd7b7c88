import secrets
import uuid


def new_id() -> str:
    """An id like the platform's: a UUID as text."""
    return str(uuid.uuid4())


def new_token() -> str:
    """256 bits of randomness, safe in a URL."""
    return secrets.token_urlsafe(32)
