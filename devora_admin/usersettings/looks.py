"""Whether a text looks like a secret, whatever it is called."""

import math
import re
from collections import Counter

from devora_admin.core import sealed
from devora_admin.staff.masking import masked_text

# No part of it can begin at every character of a run, which would take a second of a long text.
_CREDENTIALS = re.compile(r"(?<=[a-z0-9+.-])://[^/\s@:]*:[^/\s@]+@", re.IGNORECASE)
_HOOKS = re.compile(
    r"https?://([\w.-]*hooks?\.|[^/\s]*/(api/)?webhooks?/|outlook\.office)", re.IGNORECASE
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_RUN = re.compile(r"[A-Za-z0-9_+=~-]{20,}")
_BITS_PER_CHARACTER = 3.2
_LOOKED_AT = 20_000


def looks_secret(text: str, *, wide: bool) -> bool:
    """wide: also for a long run of characters as no words have them."""
    text = text[:_LOOKED_AT]
    if sealed.is_sealed(text) or _CREDENTIALS.search(text) or _HOOKS.search(text):
        return True
    if masked_text(text) != text:
        return True
    return wide and any(map(_is_random, _RUN.findall(_UUID.sub("", text))))


def _is_random(run: str) -> bool:
    has_digits = any(letter.isdigit() for letter in run)
    has_letters = any(letter.isalpha() for letter in run)
    return has_digits and has_letters and bits_per_character(run) >= _BITS_PER_CHARACTER


def bits_per_character(text: str) -> float:
    """Shannon's entropy of its characters; 0 for one repeated."""
    total = len(text)
    return -sum(n / total * math.log2(n / total) for n in Counter(text).values()) if total else 0.0
