"""Types and languages that occur: what the filters offer."""

from dataclasses import dataclass

from devora_admin.core.listing.seen import values
from devora_admin.projects.documents import projects


@dataclass(frozen=True, slots=True)
class Seen:
    types: list[str]
    languages: list[str]


def seen() -> Seen:
    return Seen(values(projects(), "project_type"), values(projects(), "files.language"))
