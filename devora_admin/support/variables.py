"""Places in a stored text that are filled in for one issue: {{customer.first_name|there}}.

A list of our own, replaced in one pass: what is filled in is never read for more of them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from devora_admin.core.errors import InvalidInput

VARIABLES = {
    "customer.name": "The customer's name",
    "customer.first_name": "The first word of it",
    "customer.email": "Their e-mail address",
    "issue.number": "The number of the issue",
    "issue.subject": "Its subject",
    "project.name": "The project it is about",
    "staff.name": "Your own name",
}
_MOST = 200
"""Characters that are filled in at one place."""
_PLACE = re.compile(r"\{\{\s*([A-Za-z_][\w.]*)\s*(?:\|([^{}|]*))?\}\}")
# What was meant to be one: other braces, as in code, are part of the text.
_MEANT = re.compile(r"\{\{\s*(?:customer|issue|project|staff)\b[^\n]{0,40}")


@dataclass(frozen=True, slots=True)
class Filled:
    text: str
    missing: tuple[str, ...]
    """Variables that are empty here, and for which the text gives nothing else."""


def check(text: str, *, field: str = "text") -> None:
    """Raises InvalidInput that names what is no variable."""
    for found in _PLACE.finditer(text):
        if found[1] not in VARIABLES:
            raise InvalidInput(f"“{found[0]}” is no variable. Choose one of the list.", field=field)
    for found in _MEANT.finditer(text):
        if not _PLACE.match(text, found.start()):
            raise InvalidInput(
                f"“{found[0].strip()}” is not complete. Write it as {{{{customer.name}}}} or "
                "{{customer.first_name|there}}.",
                field=field,
            )


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """values: by variable; one that is empty gives way to what stands behind its bar."""
    missing: dict[str, None] = {}

    def put(found: re.Match[str]) -> str:
        name, instead = found[1], found[2]
        if name not in VARIABLES:
            return found[0]
        value = " ".join(values.get(name, "").split())[:_MOST]
        if not value and instead is None:
            missing[name] = None
        return value or (instead or "").strip()

    return Filled(_PLACE.sub(put, text), tuple(missing))
