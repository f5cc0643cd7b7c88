"""What happened to a customer: the sources of the timeline, registered by the apps that own them.

    timeline.register(Source(
        name="notes", collection="customer_notes", customer_field="customer_id", time_field="at",
        kinds=(Kind("note", "Notes", icon="sticky"),),
        fields={"text": "$text", "author": "$author"},
        entry=lambda row, can: Entry(kind="note", label="Internal note", icon="sticky",
                                     text=row["text"], who=row["author"]),
    ))

A source needs the index `(customer_field, time_field descending, _id descending)`, and one with a
`kind_field` also `(customer_field, kind_field, time_field descending, _id descending)`. What stands
under "project_id" in `fields` is given its project's name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from devora_admin.users.panels import Can

Row = Mapping[str, Any]

# The places of kinds among the filters; between two of them is room for more.
EVENTS, ISSUES, STAFF = 10, 20, 30


@dataclass(frozen=True, slots=True)
class Kind:
    """One filter of the timeline."""

    name: str
    """In the address, unique among all sources."""
    label: str
    icon: str = "dot"
    values: tuple[str, ...] = ()
    """Of the source's `kind_field`. (): every row of the source."""


@dataclass(frozen=True, slots=True)
class Detail:
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One row for people. Its texts are escaped, and cut where they are long."""

    kind: str
    """The name of the Kind it falls under, or of the type it stands for by itself."""
    label: str
    icon: str = "dot"
    tone: str = ""
    """"", success, info, warning or danger."""
    text: str = ""
    """What one reads at a glance: an error's message, a note."""
    facts: tuple[tuple[str, str], ...] = ()
    """Name and value of what stands small beside it."""
    who: str = ""
    """The staff member who did it."""
    project_id: str = ""
    """Linked with the name of the project."""
    url: str = ""
    """Of a page about this one thing."""
    url_label: str = ""
    details: tuple[Detail, ...] = ()
    fault: str = ""
    """What is wrong with the stored row, in words."""


@dataclass(frozen=True, slots=True)
class Source:
    name: str
    """Unique. Parts rows of the same time, so a new name breaks links to pages of the timeline."""
    collection: str
    customer_field: str
    time_field: str
    kinds: tuple[Kind, ...]
    fields: Mapping[str, Any]
    """What `entry` gets, as expressions of an aggregation; keep large values out."""
    entry: Callable[[Row, Can], Entry]
    permission: str = "users.view"
    order: int = 50
    """Where its kinds stand among the filters."""
    kind_field: str = ""
    """Tells rows of one source apart. A value that no Kind takes is a kind by itself."""
    condition: Mapping[str, Any] = field(default_factory=dict)
    """What rows must fulfil to be shown at all."""
    is_platforms: bool = False
    """Whether the platform writes it, so that its times may be anything but dates."""


@dataclass(frozen=True, slots=True)
class Names:
    """Where the names of what rows point to are found: by the app that owns the collection."""

    collection: str
    key: str
    label: str


_sources: dict[str, Source] = {}
_project_names: list[Names] = []


def register(source: Source) -> None:
    _sources[source.name] = source


def register_project_names(names: Names) -> None:
    _project_names[:] = [names]


def sources(can: Can) -> list[Source]:
    """Those whose rows this person may see."""
    allowed = (source for source in _sources.values() if can(source.permission))
    return sorted(allowed, key=lambda source: source.name)


def project_names() -> Names | None:
    return _project_names[0] if _project_names else None
