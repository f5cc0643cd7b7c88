"""EMAIL_URL and the addresses e-mails are from, read as what Django's settings need of them."""

from dataclasses import dataclass, field
from email.utils import formataddr, getaddresses
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

_EXAMPLE = "smtp://user:password@mail.example.com:587"
_PORTS = {"smtp": 587, "smtps": 465}
_VALID = EmailValidator(allowlist=["localhost"])


@dataclass(frozen=True, slots=True)
class MailServer:
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    use_starttls: bool = True
    use_tls: bool = False
    """From the first byte on, as on port 465."""


def mail_server(url: str) -> MailServer | None:
    """None for "". Raises ValueError with one sentence."""
    if not url:
        return None
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    try:
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise ValueError("EMAIL_URL has a port that is no number.") from error
    if parts.scheme not in _PORTS or not parts.hostname or options.get("tls", "1") not in "01":
        raise ValueError(f"EMAIL_URL is no address such as {_EXAMPLE}")
    return MailServer(
        host=parts.hostname,
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        use_starttls=parts.scheme == "smtp" and options.get("tls", "1") == "1",
        use_tls=parts.scheme == "smtps",
    )


def mailbox(name: str, text: str) -> str:
    """An address with or without a name before it. Raises ValueError with one sentence."""
    text = text.strip()
    if not text:
        return ""
    found = getaddresses([text]) if text.isprintable() else []
    shown, address = found[0] if len(found) == 1 else ("", "")
    try:
        _VALID(address)
    except ValidationError as error:
        raise ValueError(
            f"{name} {text!r} is no address such as Support <support@example.com>"
        ) from error
    return formataddr((shown, address)) if shown.isascii() else f"{shown} <{address}>"
