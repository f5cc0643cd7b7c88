"""Which values of a settings document are secrets. This is the one place that decides.

All of `api_keys` is. In `integrations` everything is, but what by its key and its look can be none:
in doubt it is a secret. Elsewhere only what by its key or its look clearly is one.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from devora_admin.core.raw_bson import ARRAY, Element, elements
from devora_admin.core.values.kinds import TEXTS, kind_of, shown
from devora_admin.core.values.paths import Path
from devora_admin.usersettings.looks import looks_secret

API_KEYS, INTEGRATIONS, PREFERENCES = "api_keys", "integrations", "preferences"
_OURS = {"_id", "id", "user_id"}

_NEVER = {"null", "undefined", "bool", "date", "timestamp", "minKey", "maxKey"}
"""Kinds that hold no secret, wherever they stand."""
_NUMBERS = {"int32", "int64", "double", "decimal128"}

_TELLING = re.compile(
    r"token|secret|passw|pwd|passphrase|credential|api_?keys?\b|webhook|"
    r"(access|private|secret|signing|encryption|license|deploy|ssh|bot)_keys?\b"
)
"""In a key's words: clearly a secret."""
_SECRET_WORDS = {
    "key", "keys", "pass", "cred", "creds", "auth", "authorization", "hook", "hooks", "dsn",
    "signature", "signing", "private", "cert", "certificate", "bearer", "session", "cookie",
    "jwt", "otp", "totp", "pin", "pat", "refresh", "seed", "salt", "hash", "connection",
}  # fmt: skip
_ABOUT = {
    "type", "expires", "expiry", "expiration", "at", "in", "on", "count", "limit", "max", "min",
    "status", "enabled", "scope", "scopes", "used",
}  # fmt: skip
"""As a key's last word: something about a secret, such as `token_type`."""
_HARMLESS_WORDS = _ABOUT | {
    "login", "user", "username", "name", "email", "account", "org", "organization", "organisation",
    "team", "workspace", "channel", "repo", "repository", "branch", "region", "url", "host",
    "domain", "port", "permissions", "state", "kind", "provider", "plan", "mode", "version",
    "environment", "env", "active", "default", "language", "locale", "timezone", "by", "note",
    "description", "label", "title", "avatar", "icon", "color", "path", "folder", "project", "site",
    "page", "bucket", "number", "id",
}  # fmt: skip
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@dataclass(frozen=True, slots=True)
class Place:
    """A secret where it stands. path: from the top of the settings document."""

    path: Path
    part: Element

    @property
    def text(self) -> str | None:
        """None when it is stored as no text, or as bytes that are none."""
        if self.part.kind != 0x02:
            return None
        try:
            return self.part.data[4:-1].decode()
        except UnicodeDecodeError:
            return None

    @property
    def field(self) -> str:
        return field_of(self.path)


def field_of(path: Path) -> str:
    """What a sealed value is bound to: `api_keys.openai`, the keys joined by dots.

    A path with an empty key, one with a dot in it, or a list is written as JSON instead:
    `["api_keys","a.b"]`, so that no two paths have one name. A position in a list is null there,
    as taking an item out moves those behind it.
    """
    if all(isinstance(step, str) and step and "." not in step for step in path):
        joined = ".".join(map(str, path))
        if joined.isprintable():
            return joined
    steps = [None if isinstance(step, int) else step for step in path]
    # Escaped: a key that is no UTF-8 has no other form.
    return json.dumps(steps, separators=(",", ":"))


def secrets_in(parts: Iterable[Element]) -> Iterator[Place]:
    """Every secret of a settings document, in the order of the document."""
    for part in parts:
        if part.name not in _OURS:
            yield from _within(part, (part.name,), is_inside=part.name == API_KEYS)


def secrets_below(part: Element, path: Path) -> Iterator[Place]:
    """Those at and below a place, found as from the top."""
    is_inside = path[0] == API_KEYS or any(
        is_telling(step, str(path[0])) for step in path[1:] if isinstance(step, str)
    )
    yield from _within(part, path, is_inside=is_inside)


def _within(part: Element, path: Path, *, is_inside: bool) -> Iterator[Place]:
    if not part.is_container:
        if _is_secret(part, path, is_inside=is_inside):
            yield Place(path, part)
        return
    for index, child in enumerate(elements(part.data)):
        if part.kind == ARRAY:
            yield from _within(child, (*path, index), is_inside=is_inside)
        else:
            inside = is_inside or is_telling(child.name, str(path[0]))
            yield from _within(child, (*path, child.name), is_inside=inside)


def _is_secret(part: Element, path: Path, *, is_inside: bool) -> bool:
    kind = kind_of(part)
    if kind in _NEVER or kind in ("object", "array") or not _has_content(part):
        return False
    if is_inside:
        return path[0] in (API_KEYS, INTEGRATIONS) or kind not in _NUMBERS
    if kind in _NUMBERS:
        return False
    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    if kind in TEXTS and looks_secret(shown(part).text, wide=path[0] == INTEGRATIONS):
        return True
    if path[0] != INTEGRATIONS:
        return False
    words = _words(key)
    return len(path) == 1 or len(path) == 2 or not words or words[-1] not in _HARMLESS_WORDS


def _has_content(part: Element) -> bool:
    return part.kind != 0x02 or len(part.data) > 5


def is_telling(key: str, section: str) -> bool:
    """Whether all below this key is secret. section: the field of the document it is in."""
    words = _words(key)
    if not words or words[-1] in _ABOUT:
        return False
    if _TELLING.search("_".join(words)):
        return True
    return section == INTEGRATIONS and not _SECRET_WORDS.isdisjoint(words)


def _words(key: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(key)]
