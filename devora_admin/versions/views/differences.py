"""What a page shows of a comparison: as many files as fit, each as HTML, and where the rest is."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast
from urllib.parse import quote

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from devora_admin.core import markup
from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import is_htmx
from devora_admin.projects.views.numbers import number
from devora_admin.versions import diff_html
from devora_admin.versions.diff_html import Colours, More
from devora_admin.versions.diffs.manifests import Change
from devora_admin.versions.manifest import Entry
from devora_admin.versions.queries.compare import NOW, Body, Comparison, FileDiff, Ref, Side

View = Literal["side", "inline"]
ROWS_AT_ONCE = 1_200
FILES_AT_ONCE = 50
MOST_ROWS_OF_ONE = 600
"""Of a file among others; a longer difference waits until it is asked for."""
MOST_ROWS = 6_000
"""Changed lines of a file that is shown alone."""
LONGEST_PATH = 2_000
_REASONS = {
    "binary": "It holds NUL characters, so it is no text that could be compared by lines.",
    "large": "It is too large to be compared by lines.",
    "same": "The text is the same on both sides.",
    "space": "Only white space differs.",
}


@dataclass(frozen=True, slots=True)
class Look:
    """What is compared, and how it is shown; all of it stands in the address."""

    project_id: str
    old: Ref
    new: Ref
    view: View = "side"
    ignore_space: bool = False
    seen: str = ""
    """The mark of the project of now as the page showed it first."""

    def address(self, route: str = "compare", *, as_seen: bool = False, **more: Any) -> str:
        """as_seen: for what is loaded into the page, and must not mix with a later state."""
        asked: dict[str, Any] = {"from": self.old, "to": self.new, "view": self.view}
        if self.ignore_space:
            asked["space"] = "ignore"
        if as_seen and self.seen:
            asked["seen"] = self.seen
        asked |= {key: value for key, value in more.items() if value not in ("", None)}
        return f"{reverse(f'versions:{route}', args=[self.project_id])}?{urlencode(asked)}"

    def more(self, path: str, was: str, *, is_alone: bool = False) -> More:
        alone = "1" if is_alone else ""
        return More(
            self.address("compare_lines", as_seen=True, file=path, was=was, alone=alone),
            self.address(file=path, was=was, lines="all"),
        )


@dataclass(frozen=True, slots=True)
class ShownFile:
    change: Change
    anchor: str
    html: SafeString
    """Empty when `reason` says why, or when the file waits."""
    reason: str
    waits: int
    """Lines of a difference that is shown when it is asked for."""
    hidden: int
    """Lines of it that are too many to show."""
    other: SafeString
    is_malformed: bool
    url: str
    """Of this file alone."""
    part_url: str
    """The same, for a place in a page."""
    restore_url: str

    @property
    def sizes(self) -> tuple[int | None, int | None]:
        old, new = self.change.old, self.change.new
        return (old.size if old else None), (new.size if new else None)

    @property
    def languages(self) -> tuple[str, str] | None:
        """Before and after, where they differ."""
        old, new = self.change.old, self.change.new
        if old is None or new is None or old.shown_language == new.shown_language:
            return None
        return old.shown_language, new.shown_language


@dataclass(frozen=True, slots=True)
class Part:
    files: list[ShownFile]
    rest: int
    """Files that come after these."""
    next_url: str
    next_part_url: str
    """The same, for a place in a page."""


def asked_look(request: HttpRequest, project_id: str, *, old: Ref, new: Ref) -> Look:
    """Raises InvalidInput. old and new: what is compared when the address says nothing."""
    get = request.GET
    view, space = get.get("view") or "side", get.get("space") or ""
    if view not in ("side", "inline"):
        raise InvalidInput("A comparison is shown side by side or inline.", field="view")
    if space not in ("", "ignore"):
        raise InvalidInput("White space is shown, or ignored.", field="space")
    old, new = _ref(get.get("from"), "from") or old, _ref(get.get("to"), "to") or new
    # A page of its own shows what is there now; only what joins another page must match it.
    seen = get.get("seen", "")[:64] if is_htmx(request) else ""
    return Look(project_id, old, new, cast("View", view), bool(space), seen)


def _ref(text: str | None, field: str) -> Ref | None:
    return NOW if text == NOW else number(text, field=field, least=1)


def asked_path(request: HttpRequest, name: str) -> str:
    path = request.GET.get(name, "")
    if len(path) > LONGEST_PATH:
        raise InvalidInput("No path is as long as that.", field=name)
    return path


def part_of(comparison: Comparison, look: Look, *, skip: int = 0, restorable: bool = False) -> Part:
    found: list[ShownFile] = []
    rows = 0
    for change in comparison.changes[skip:]:
        diff = comparison.file(change, ignore_space=look.ignore_space)
        own = diff_html.rows_of(diff.body)
        if found and (rows + own > ROWS_AT_ONCE or len(found) == FILES_AT_ONCE):
            break
        side = _restorable(comparison.old, comparison.new) if restorable else None
        shown = shown_file(diff, look, side=side)
        rows += 0 if shown.waits else own
        found.append(shown)
    end = skip + len(found)
    rest = len(comparison.changes) - end
    if not rest:
        return Part(found, 0, "", "")
    return Part(found, rest, look.address(skip=end), look.address(as_seen=True, skip=end))


def names(comparison: Comparison, look: Look, part: Part, skip: int = 0) -> SafeString:
    """The list of all files: those on the page lead to their place, others to a page of theirs."""
    here = range(skip, skip + len(part.files))
    beside = look.address()  # once: a list of thousands is drawn with it
    return diff_html.names_html(
        (change, f"#{_anchor(change)}" if index in here else f"{beside}&{_of_file(change)}")
        for index, change in enumerate(comparison.changes)
    )


def _anchor(change: Change) -> str:
    """The same wherever the file is shown, alone or among others."""
    return f"file-{zlib.crc32(change.path.encode()):08x}"


def _of_file(change: Change) -> str:
    asked = f"file={quote(change.path)}"
    return f"{asked}&was={quote(change.from_path)}" if change.from_path else asked


def shown_file(
    diff: FileDiff,
    look: Look,
    *,
    side: Side | None = None,
    is_alone: bool = False,
    context: int = diff_html.CONTEXT,
) -> ShownFile:
    change = diff.change
    body, hidden = diff_html.limited(diff.body, MOST_ROWS)
    own = diff_html.rows_of(diff.body, context=context)
    waits = own if own > MOST_ROWS_OF_ONE and not is_alone else 0
    more = look.more(change.path, change.from_path, is_alone=is_alone)
    more = diff_html.NO_MORE if hidden else more
    is_side = look.view == "side"
    return ShownFile(
        change=change,
        anchor=_anchor(change),
        html=SafeString("")
        if waits or body.reason
        else diff_html.body_html(
            body,
            side=is_side,
            more=more,
            context=context,
            colours=colours_of(diff) if is_alone else diff_html.PLAIN,
        ),
        reason=_REASONS.get(body.reason, ""),
        waits=waits,
        hidden=hidden if is_alone else 0,
        other=body_alone(diff.other, look) if diff.other else SafeString(""),
        is_malformed=diff.is_malformed,
        url=look.address(file=change.path, was=change.from_path),
        part_url=look.address(as_seen=True, file=change.path, was=change.from_path),
        restore_url=_restore_url(look, change, side),
    )


def colours_of(diff: FileDiff) -> Colours:
    """Of a file that is shown alone: for hundreds it would take longer than one waits."""
    old, new = diff.change.old, diff.change.new
    return Colours(_coloured(old, diff.body.old), _coloured(new, diff.body.new))


def _coloured(entry: Entry | None, text: Sequence[str]) -> Sequence[str]:
    if entry is None or sum(map(len, text)) > markup.HIGHLIGHTED_CHARS:
        return ()
    return markup.code_lines("\n".join(text), entry.shown_language)


def body_alone(body: Body, look: Look) -> SafeString:
    """Without links to the lines around: of what is no file."""
    shown, hidden = diff_html.limited(body, MOST_ROWS_OF_ONE)
    html = diff_html.body_html(shown, side=look.view == "side")
    note = _REASONS.get(body.reason, "")
    if hidden:
        note = f"{hidden:,} more changed lines are too many to show here."
    return html + format_html('<p class="diff-note">{}</p>', note) if note else html


def _restorable(*sides: Side) -> Side | None:
    """The version whose files can be put back from here."""
    return next((side for side in sides if side.version), None)


def _restore_url(look: Look, change: Change, side: Side | None) -> str:
    if side is None:
        return ""
    entry = change.old if side.ref == look.old else change.new
    if entry is None:
        return ""
    address = reverse("versions:restore", args=[look.project_id, side.ref])
    return f"{address}?{urlencode({'file': entry.path})}"
