"""The browsers people sign in with: what they are called, and which of them are known.

A browser keeps a signed cookie after a full sign-in. Its attempts at that account are counted
apart, so that a stranger who guesses at the address does not lock its owner out.
"""

import hashlib
import re
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from devora_admin.core.ids import new_id

COOKIE = "devora_device"
KEPT = timedelta(days=180)
_SALT = "staff device"
_NAME_LENGTH = 300

_BROWSERS = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"),
    ("Safari/", "Safari"), ("curl/", "curl"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("CrOS", "ChromeOS"), ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def user_agent(request: HttpRequest) -> str:
    return re.sub(r"[^\x20-\x7e]", "", request.headers.get("User-Agent", ""))[:_NAME_LENGTH]


def describe(agent: str) -> str:
    """“Firefox on Linux”, from what the browser says of itself."""
    browser = next((name for part, name in _BROWSERS if part in agent), "")
    system = next((name for part, name in _SYSTEMS if part in agent), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "Unknown device"


def is_phone(agent: str) -> bool:
    return "Mobile" in agent or "iPhone" in agent or "Android" in agent


def known_device(request: HttpRequest | None, email: str) -> str:
    """The id of this browser when `email` has signed in with it before, else ""."""
    device, account = _read(request)
    return device if account == _account(email) else ""


def any_device(request: HttpRequest) -> str:
    """The id of this browser when anybody has signed in with it before, else ""."""
    return _read(request)[0]


def _read(request: HttpRequest | None) -> tuple[str, str]:
    cookie = request.COOKIES.get(COOKIE, "") if request else ""
    try:
        device, _, account = signing.loads(cookie, salt=_SALT, max_age=KEPT).partition(":")
    except (signing.BadSignature, AttributeError):
        return "", ""
    return device, account


def remember(request: HttpRequest, response: HttpResponseBase, email: str) -> None:
    device = known_device(request, email) or new_id()
    response.set_cookie(
        COOKIE,
        signing.dumps(f"{device}:{_account(email)}", salt=_SALT),
        max_age=int(KEPT.total_seconds()),
        secure=settings.SECURE_COOKIES,
        httponly=True,
        samesite="Lax",
    )


def _account(email: str) -> str:
    return hashlib.sha256(email.encode("utf-8", "replace")).hexdigest()[:16]
