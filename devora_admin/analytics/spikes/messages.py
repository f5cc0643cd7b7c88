"""What the events of one fault have in common: their message without what differs each time."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from devora_admin.core import raw_bson
from devora_admin.staff.masking import masked_text
from devora_admin.support.suggestions import fingerprints
from devora_admin.support.suggestions.scanning import scan
from devora_admin.support.suggestions.spiking import Fault

_LONGEST = 200
_READ = 1000
_TYPE = 60
_DIFFERS = re.compile(
    r"(?P<quoted>\"[^\"\n]{0,300}\"|`[^`\n]{0,300}`|“[^”\n]{0,300}”|(?<!\w)'[^'\n]{0,300}'(?!\w))"
    r"|(?P<url>\b[a-z][a-z0-9+.-]{1,15}://\S{1,300})"
    r"|(?P<address>[^\s@<>()]{1,64}@[^\s@<>()]{1,255})"
    r"|(?P<path>(?<![\w.])(?:[A-Za-z]:)?(?:[\w.@~-]{0,100}[/\\]){1,20}[\w.@~-]{1,100}(?::\d+)*)"
    r"|(?P<id>\b(?=[0-9a-zA-Z-]*\d)(?=[0-9a-zA-Z-]*[a-zA-Z])[0-9a-zA-Z]{2,}(?:-[0-9a-zA-Z]+){3,}\b"
    r"|\b(?:0x)?(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{8,}\b"
    r"|\b(?=\w*\d)(?=\w*[A-Za-z])\w{20,}\b)"
    r"|(?P<number>\d+(?:[.,:]\d+)*)"
)
_SHOWN = {"quoted": "“…”", "url": "(address)", "address": "(e-mail)", "path": "(path)",
          "id": "(id)", "number": "#"}  # fmt: skip


@lru_cache(maxsize=4096)
def normal(message: str) -> str:
    """Without numbers, ids, quotes, paths, addresses and secrets, and of a length to be read."""
    first = message[:_READ].strip().partition("\n")[0]
    first = masked_text(scan.redacted(first).lstrip("{["))
    said = _DIFFERS.sub(lambda found: _SHOWN[found.lastgroup or "number"], first)
    return " ".join(said.split())[:_LONGEST].replace("\0", "")


def fault_of(event_type: str, properties: Any) -> Fault:
    """properties: as the platform stored them, whatever that is."""
    told = properties if isinstance(properties, Mapping) else {}
    code = _text(told.get("code"))[:_TYPE]
    message = normal(_text(told.get("message")) or _text(told.get("error")))
    model = _text(told.get("model"))[:_TYPE]
    return _fault(event_type, normal(code), message, normal_model(model))


@lru_cache(maxsize=4096)
def _fault(event_type: str, code: str, message: str, model: str) -> Fault:
    name = fingerprints.of_fault(event_type, code, message, model)
    return Fault(name, event_type, code, message, model)


def normal_model(model: str) -> str:
    """Its name has numbers that matter."""
    return masked_text(scan.redacted(model)).replace("\0", "").strip()


def _text(value: Any) -> str:
    return raw_bson.printable(value) if raw_bson.is_text(value) else ""
