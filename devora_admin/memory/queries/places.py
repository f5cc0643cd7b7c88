"""Where what was found lies, as pages show it and link to it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from devora_admin.memory.queries.answers import Hit, Segment
from devora_admin.projects.queries.filetree import icon_of
from devora_admin.projects.queries.names import Names, names
from devora_admin.shell.templatetags.shell import address
from devora_admin.support.states import STATUSES

SPEAKERS = {"user": "Customer", "customer": "Customer", "assistant": "Devora AI",
            "ai": "Devora AI", "system": "System", "resolution": "Resolution"}  # fmt: skip
_ICONS = {"project": "boxes", "message": "chat-left-text", "note": "chat-left-quote",
          "issue": "life-preserver"}  # fmt: skip
_LONGEST_PROJECT = 80


class Located(Protocol):
    """What is remembered, as far as its place goes: a Hit, or an item of the inspector."""

    @property
    def chunk_id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def user_id(self) -> str: ...
    @property
    def project_id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def line_from(self) -> int: ...
    @property
    def line_to(self) -> int: ...
    @property
    def turn(self) -> int | None: ...
    @property
    def role(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    """Of the file, from 1; 0 where there are no lines."""
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """url: exactly there; "" where no page shows it."""

    url: str
    title: str
    note: str
    """What follows the title: the lines, the turn, the state."""
    icon: str
    project: str
    project_url: str
    customer: str
    customer_url: str


@dataclass(frozen=True, slots=True)
class Found:
    hit: Hit
    place: Place
    lines: tuple[Line, ...]
    snippet: tuple[Segment, ...]
    """Without the title, where the text begins with it."""

    @property
    def is_code(self) -> bool:
        return self.hit.kind == "code"

    @property
    def is_said(self) -> bool:
        """In a conversation of a project that is there, which tells more than who spoke."""
        return self.hit.kind in ("message", "note") and bool(self.place.project)

    @property
    def title(self) -> str:
        if not self.is_said:
            return self.place.title
        said = f"{self.place.project[:_LONGEST_PROJECT]} · {self.place.title}"
        return ", ".join(filter(None, (said, self.place.note)))

    @property
    def note(self) -> str:
        """What follows the title."""
        return "" if self.is_said else self.place.note


def found(hits: Iterable[Hit], called: Names) -> tuple[Found, ...]:
    return tuple(_found(hit, place_of(hit, called)) for hit in hits)


def _found(hit: Hit, place: Place) -> Found:
    snippet = _without(place.title, hit.snippet) if hit.kind == "project" else hit.snippet
    return Found(hit, place, tuple(_lines(hit)), snippet)


def _without(title: str, snippet: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """The snippet from its second line on, if its first is the title; it may be nothing else."""
    first, _, rest = "".join(each.text for each in snippet).partition("\n")
    if first.strip() != title.strip() or not rest.strip():
        return snippet
    left, kept = len(first) + 1, []
    for each in snippet:
        if left < len(each.text):
            kept.append(Segment(each.text[left:], each.is_match))
        left = max(0, left - len(each.text))
    return tuple(kept)


def names_for(hits: Iterable[Located], *, project_id: str = "", customer_id: str = "") -> Names:
    """What those of the hits and of the filters are called, in one round trip."""
    shown = tuple(hits)
    return names(
        [project_id, *(hit.project_id for hit in shown)],
        [customer_id, *(hit.user_id for hit in shown)],
    )


def place_of(hit: Located, called: Names) -> Place:
    title, note = _title(hit, called)
    owner = called.customers.get(hit.user_id)
    project = called.projects.get(hit.project_id, "")
    return Place(
        url=_url(hit),
        title=title,
        note=note,
        icon=icon_of(hit.language) if hit.kind == "code" else _ICONS.get(hit.kind, "file-earmark"),
        project="" if hit.kind == "project" else project,
        project_url=address("projects:detail", hit.project_id) if project else "",
        customer=owner.label if owner else hit.user_id,
        customer_url=address("users:detail", hit.user_id) if owner else "",
    )


def _title(hit: Located, called: Names) -> tuple[str, str]:
    speaker = SPEAKERS.get(hit.role, hit.role.capitalize() or "Somebody")
    if hit.kind == "code":
        return hit.path, _numbered("line", hit.line_from, hit.line_to)
    if hit.kind == "project":
        return called.projects.get(hit.project_id) or hit.title or "A project", ""
    if hit.kind == "message":
        return speaker, f"turn {hit.turn + 1:,}" if hit.turn is not None else ""
    if hit.kind == "note":
        return speaker, "told through the API"
    number, state = hit.facts.get("number"), hit.facts.get("status")
    said = f"#{number}" if number is not None else ""
    told = STATUSES.get(state, state) if isinstance(state, str) else ""
    return hit.title or "An issue", " · ".join(filter(None, (said, told)))


def _numbered(noun: str, first: int, last: int) -> str:
    if not first:
        return ""
    return f"{noun} {first:,}" if last <= first else f"{noun}s {first:,}\u2013{last:,}"


def _url(hit: Located) -> str:
    project = address("projects:detail", hit.project_id)
    if hit.kind == "code" and project:
        lines = f"#L{hit.line_from}-L{max(hit.line_from, hit.line_to)}" if hit.line_from else ""
        return f"{project}?{urlencode({'file': hit.path})}{lines}"
    if hit.kind == "message" and hit.turn is not None:
        talk = address("projects:conversation", hit.project_id)
        return talk and f"{talk}?turn={hit.turn + 1}#turn-{hit.turn + 1}"
    if hit.kind == "issue":
        if issue := _reversed("support:detail", hit.facts.get("number")):
            return issue + _message(hit)
        return _reversed("memory:item", hit.user_id, hit.chunk_id)
    if hit.kind == "project":
        return project
    return _reversed("memory:item", hit.user_id, hit.chunk_id)


def _message(hit: Located) -> str:
    """The page begins with the end of a thread; asked for a message it shows that one."""
    return f"?message={hit.turn}#m{hit.turn}" if hit.turn else ""


def _reversed(name: str, *keys: object) -> str:
    try:
        return reverse(name, args=keys)
    except NoReverseMatch:  # no such page, or a key that no address can hold
        return ""


def _lines(hit: Hit) -> Iterator[Line]:
    """The snippet line by line, as its segments go over the ends of lines."""
    numbers = count(hit.snippet_line) if hit.snippet_line else iter(lambda: 0, 1)
    line: list[Segment] = []
    for segment in hit.snippet:
        first, *others = segment.text.split("\n")
        line.append(Segment(first, segment.is_match))
        for text in others:
            yield Line(next(numbers), tuple(line))
            line = [Segment(text, segment.is_match)]
    if line:
        yield Line(next(numbers), tuple(line))


def of_evidence(
    kind: str, project_id: str, path: str, turn: int | None, project: str
) -> tuple[str, str]:
    """The place of what a preference was learned from, for people, and its address.

    project: what it is called; "" where it is gone.
    """
    there = project or "a project that is gone"
    address_of = address("projects:detail", project_id) if project else ""
    if turn is not None and kind == "message":
        talk = address("projects:conversation", project_id) if project else ""
        return f"Turn {turn + 1:,} in {there}", talk and f"{talk}?turn={turn + 1}#turn-{turn + 1}"
    if path:
        return f"{path} of {there}", address_of and f"{address_of}?{urlencode({'file': path})}"
    return ("Told through the API", "") if kind == "note" else (there, address_of)
