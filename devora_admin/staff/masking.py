"""Keeps secrets out of the audit log, whatever a caller hands it."""

import json
import re
from collections.abc import Mapping
from typing import Any

SECRET = "(secret)"  # noqa: S105  what stands in a secret's place
DOTS = "•••• "
_SHOWS_ITS_END = 12
"""Characters; the last four of less would give too much away."""

_NAMES = re.compile(
    r"passw(or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential"
    r"|authorization|cookie|recovery[_-]?code|totp",
    re.IGNORECASE,
)
# A name such as `secret_field` says which secret, and holds none.
_ABOUT_ONE = re.compile(r"_(id|name|field|kind|provider|label|count|at)$", re.IGNORECASE)
_NEVER_ENDS = re.compile(r"passw(or)?d|passphrase|recovery|cookie", re.IGNORECASE)
_SHAPES = re.compile(
    r"enc:v\d+:[^\s\"']+"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
    r"|\b(?:sk|rk|pk)[-_][A-Za-z0-9_-]{16,}"
    r"|\b(?:gh[opsur]_|github_pat_|glpat-|hf_|gsk_|xox[abeprs]-|SG\.)[A-Za-z0-9._-]{16,}"
    r"|\bAKIA[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{30,}"
    r"|\b(?:argon2|pbkdf2_\w+|scrypt)\$[^\s\"']+|\$(?:argon2\w+|2[aby])\$[^\s\"']+",
    re.DOTALL,
)
# A run that is no token is passed over whole: begun anew at each "eyJ" in it, a long one would be
# read as many times.
_TOKENS = re.compile(
    r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}|\beyJ[A-Za-z0-9_-]*"
)


def masked(value: Any, *, name: str = "") -> Any:
    """The value with every secret in it replaced. name: its key, which may tell it is one."""
    if isinstance(value, str):
        return _secret_text(value, name) if _is_secret(name) else masked_text(str(value))
    if isinstance(value, Mapping):
        return {str(key): masked(item, name=_below(name, str(key))) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item, name=name) for item in value]
    if isinstance(value, bytes) and _is_secret(name):
        return SECRET
    return value


def masked_text(text: str) -> str:
    """A text with what looks like a key, token or password hash replaced."""
    if text[:1] in ("{", "["):
        return _masked_json(text)
    return _masked_shapes(text)


def is_masked(value: Any) -> bool:
    """Whether a secret was taken out of this value, so that it cannot be put back."""
    if isinstance(value, str):
        return SECRET in value or DOTS in value
    if isinstance(value, Mapping):
        return any(is_masked(item) for item in value.values())
    return isinstance(value, list | tuple) and any(is_masked(item) for item in value)


def _masked_json(text: str) -> str:
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        return _masked_shapes(text)
    made = masked(tree)
    return text if made == tree else json.dumps(made, ensure_ascii=False)


def _masked_shapes(text: str) -> str:
    text = _TOKENS.sub(lambda found: _ending(found[0]) if "." in found[0] else found[0], text)
    return _SHAPES.sub(lambda found: _ending(found[0]), text)


def _is_secret(name: str) -> bool:
    return bool(_NAMES.search(name)) and not _ABOUT_ONE.search(name)


def _below(name: str, key: str) -> str:
    """What is inside a secret is secret."""
    return f"{name}.{key}" if _is_secret(name) else key


def _secret_text(text: str, name: str) -> str:
    if not text or text == SECRET or text.startswith(DOTS):
        return text
    return SECRET if _NEVER_ENDS.search(name) else _ending(text)


def _ending(text: str) -> str:
    shows = len(text) >= _SHOWS_ITS_END and not text.startswith(("enc:", "---", "$", "argon2$"))
    shows = shows and not text.startswith(("pbkdf2", "scrypt"))
    return DOTS + text[-4:] if shows else SECRET
