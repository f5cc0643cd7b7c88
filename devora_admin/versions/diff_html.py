"""Differences as HTML, put together by hand: a page has thousands of lines, and a template would
take fifteen times as long for each."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import urlencode

from django.utils.safestring import SafeString, mark_safe

from devora_admin.versions.diffs import lines, words
from devora_admin.versions.diffs.lines import Block, Hunk
from devora_admin.versions.diffs.manifests import Change
from devora_admin.versions.diffs.words import Pair, Span
from devora_admin.versions.queries.compare import Body

CONTEXT = 3
MOST_CHARS = 1_000
"""Of a line that is shown; of a longer one, the part around the first difference."""
_LEAD_CHARS = 200
ADDED, REMOVED = "+", "\u2212"
# Controls, and marks that reorder what is shown or end a line elsewhere: they are named instead.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
_SPAN = re.compile(r'<span class="(?P<css>[a-z0-9 ]+)">(?P<inner>[^<]*)</span>|(?P<plain>[^<]+)')
_NAMES = {"\r": "CR", "\f": "FF", "\x0b": "VT", "\x1b": "ESC", "\x7f": "DEL"}


@dataclass(frozen=True, slots=True)
class Colours:
    """Lines of both sides coloured by `markup.code_lines`; empty where there are none."""

    old: Sequence[str] = ()
    new: Sequence[str] = ()


PLAIN = Colours()


@dataclass(frozen=True, slots=True)
class More:
    """Where the lines between the changes are: by script, and as a page."""

    url: str
    """Ends where the place of the lines is added; "" when there is no more to be had."""
    page_url: str


NO_MORE = More("", "")


def body_html(
    body: Body,
    *,
    side: bool,
    more: More = NO_MORE,
    context: int = CONTEXT,
    colours: Colours = PLAIN,
) -> SafeString:
    """The lines of a body, collapsed to `context` lines around each change."""
    pieces: list[str] = []
    at = 0
    shift = 0
    row = _Rows(body, side, colours)
    for hunk in lines.hunks(body.blocks, len(body.old), context=context):
        pieces.append(_gap(at, hunk.old, hunk.new - hunk.old, more))
        pieces += row.hunk(hunk)
        at, shift = hunk.old + hunk.old_count, hunk.new + hunk.new_count - hunk.old - hunk.old_count
    pieces.append(_gap(at, len(body.old), shift, more))
    pieces.append(row.ends())
    return mark_safe("".join(pieces))  # noqa: S308 (every text is escaped below)


def kept_html(
    body: Body, first: tuple[int, int], count: int, *, side: bool, colours: Colours = PLAIN
) -> SafeString:
    """Lines that are the same on both sides. first: where they begin, from 0."""
    rows = _Rows(body, side, colours).kept(*first, count)
    return mark_safe("".join(rows))  # noqa: S308 (as above)


def limited(body: Body, most: int) -> tuple[Body, int]:
    """The first changes of a body, up to `most` changed lines, and how many lines that leaves."""
    total = sum(block.old_count + block.new_count for block in body.blocks)
    kept: list[Block] = []
    left = most
    for block in body.blocks:
        old_count = min(block.old_count, left)
        new_count = min(block.new_count, left - old_count)
        kept.append(Block(block.old, old_count, block.new, new_count))
        left -= old_count + new_count
        if not left:
            break
    if total <= most:
        return body, 0
    last = kept[-1]
    old, new = body.old[: last.old_end], body.new[: last.new_end]
    return Body(old, new, kept), total - most


def rows_of(body: Body, *, context: int = CONTEXT) -> int:
    """About how many lines `body_html` shows."""
    removed = sum(block.old_count for block in body.blocks)
    found = lines.hunks(body.blocks, len(body.old), context=context)
    return sum(hunk.new_count for hunk in found) + removed


class _Rows:
    def __init__(self, body: Body, side: bool, colours: Colours) -> None:
        self.body, self.side, self.colours = body, side, colours

    def hunk(self, hunk: Hunk) -> Iterator[str]:
        old, new = hunk.old, hunk.new
        for block in hunk.blocks:
            yield from self.kept(old, new, block.old - old)
            yield from self._sides(block) if self.side else self._stacked(block)
            old, new = block.old_end, block.new_end
        yield from self.kept(old, new, hunk.old + hunk.old_count - old)

    def ends(self) -> str:
        """Says which side has no line end at its end, when one of them only has."""
        if self.body.old_ends == self.body.new_ends:
            return ""
        which = "before" if not self.body.old_ends else "after"
        return f'<p class="diff-note">No line end at the end of the file {which}.</p>'

    def kept(self, old: int, new: int, count: int) -> Iterator[str]:
        for old_at, new_at in zip(range(old, old + count), range(new, new + count), strict=True):
            text = self._new(new_at)
            if self.side:
                is_same = self.body.old[old_at] == self.body.new[new_at]
                left = text if is_same else self._old(old_at)
                yield (
                    f'<div class="dr"><span class="dn">{old_at + 1}</span><span class="ds"></span>'
                    f'<span class="dc">{left}</span><span class="dn">{new_at + 1}</span>'
                    f'<span class="ds"></span><span class="dc">{text}</span></div>'
                )
            else:
                yield (
                    f'<div class="dr"><span class="dn">{old_at + 1}</span>'
                    f'<span class="dn">{new_at + 1}</span><span class="ds"></span>'
                    f'<span class="dc">{text}</span></div>'
                )

    def _old(self, at: int, spans: Sequence[Span] = ()) -> str:
        coloured = self.colours.old[at] if at < len(self.colours.old) else ""
        return _line(self.body.old[at], coloured, spans, "del")

    def _new(self, at: int, spans: Sequence[Span] = ()) -> str:
        coloured = self.colours.new[at] if at < len(self.colours.new) else ""
        return _line(self.body.new[at], coloured, spans, "ins")

    def _stacked(self, block: Block) -> Iterator[str]:
        first = ' data-change tabindex="-1"'
        removed, added = self._marked(self._pairs(block))
        for at, text in removed.items():
            yield (
                f'<div class="dr is-removed"{first}><span class="dn">{at + 1}</span>'
                f'<span class="dn"></span><span class="ds">{REMOVED}</span>'
                f'<span class="dc">{text}</span></div>'
            )
            first = ""
        for at, text in added.items():
            yield (
                f'<div class="dr is-added"{first}><span class="dn"></span>'
                f'<span class="dn">{at + 1}</span><span class="ds">{ADDED}</span>'
                f'<span class="dc">{text}</span></div>'
            )
            first = ""

    def _sides(self, block: Block) -> Iterator[str]:
        first = ' data-change tabindex="-1"'
        pairs = self._pairs(block)
        removed, added = self._marked(pairs)
        for left, right in pairs:
            old = _NOTHING if left is None else _half("removed", REMOVED, left, removed[left])
            new = _NOTHING if right is None else _half("added", ADDED, right, added[right])
            yield f'<div class="dr is-pair"{first}>{old}{new}</div>'
            first = ""

    def _pairs(self, block: Block) -> list[Pair]:
        return words.pairs_of(block, self.body.old, self.body.new)

    def _marked(self, pairs: Sequence[Pair]) -> tuple[dict[int, str], dict[int, str]]:
        """The lines of a block by their numbers, with the words marked that changed."""
        body = self.body
        removed: dict[int, str] = {}
        added: dict[int, str] = {}
        for left, right in pairs:
            if left is not None and right is not None:
                old, new = body.old[left], body.new[right]
                if max(len(old), len(new)) > MOST_CHARS:
                    start = words.same_start(old, new)
                    removed[left], added[right] = _cut(old, start), _cut(new, start)
                else:
                    marks = words.marks(old, new)
                    removed[left] = self._old(left, marks.old)
                    added[right] = self._new(right, marks.new)
            elif left is not None:
                removed[left] = self._old(left)
            elif right is not None:
                added[right] = self._new(right)
        return removed, added


_NOTHING = "".join(f'<span class="{css} is-none"></span>' for css in ("dn", "ds", "dc"))


def _half(kind: str, sign: str, at: int, text: str) -> str:
    css = f"is-{kind}"
    return (
        f'<span class="dn {css}">{at + 1}</span><span class="ds {css}">{sign}</span>'
        f'<span class="dc {css}">{text}</span>'
    )


def _gap(start: int, end: int, shift: int, more: More) -> str:
    """A link to the old lines from `start` to `end`, which are `shift` further down on the new
    side."""
    count = end - start
    if count <= 0:
        return ""
    what = f"{count:,} unchanged line{'s' if count > 1 else ''}"
    if not more.url:
        return f'<p class="diff-gap">{what}</p>'
    place = urlencode({"old": start + 1, "new": start + shift + 1, "count": count})
    return (
        f'<p class="diff-gap"><a href="{escape(more.page_url)}"'
        f' hx-get="{escape(more.url)}&amp;{escape(place)}" hx-target="closest p"'
        f' hx-swap="outerHTML show:none">Show {what}</a></p>'
    )


def gap_html(start: int, count: int, shift: int, more: More) -> SafeString:
    return mark_safe(_gap(start, start + count, shift, more))  # noqa: S308 (as above)


_SIGNS = {"added": ADDED, "removed": REMOVED, "changed": "~", "renamed": "→"}


def names_html(named: Iterable[tuple[Change, str]]) -> SafeString:
    """Items of a list of files that differ, each with the address of its place."""
    rows = (
        f'<li><a href="{escape(url)}" title="{escape(change.path)}">'
        f'<span class="diff-status diff-{change.status}" aria-hidden="true">'
        f"{_SIGNS[change.status]}</span>"
        f'<span class="visually-hidden">{change.status.capitalize()}: </span>'
        f'<span class="compare-name">{_short(change.path)}</span>'
        f"{_counts(change)}</a></li>"
        for change, url in named
    )
    return mark_safe("".join(rows))  # noqa: S308 (as above)


def _counts(change: Change) -> str:
    told = (
        f'<span class="diff-{css}">{sign}{count:,}</span>'
        for css, sign, count in (("plus", ADDED, change.added), ("minus", REMOVED, change.removed))
        if count
    )
    return f'<span class="diff-counts">{" ".join(told)}</span>'


def _short(path: str) -> str:
    """The folder may be cut off, the name hardly ever."""
    folder, slash, name = path[-300:].rpartition("/")
    return f'<span class="compare-folder">{_safe(folder + slash)}</span><bdi>{_safe(name)}</bdi>'


def _cut(text: str, around: int) -> str:
    start = max(0, around - _LEAD_CHARS) if around > MOST_CHARS - _LEAD_CHARS else 0
    end = start + MOST_CHARS
    before = f'<i class="diff-cut">{start:,} characters …</i>' if start else ""
    rest = len(text) - end
    after = f'<i class="diff-cut">… {rest:,} more characters</i>' if rest > 0 else ""
    return f"{before}{_safe(text[start:end])}{after}"


def _line(text: str, coloured: str, spans: Sequence[Span], tag: str) -> str:
    """A line with its words marked, and in colours where there are any."""
    if len(text) > MOST_CHARS:
        return _cut(text, 0)
    pieces = _pieces(coloured) if coloured else []
    if "".join(piece for _, piece in pieces) != text:  # control characters are drawn otherwise
        pieces = [("", text)]
    if not spans:
        return "".join(_in_colour(css, _safe(piece)) for css, piece in pieces)
    cut: list[str] = []
    at = 0
    for start, end in spans:
        cut += _between(pieces, at, start, _safe)
        inner = text[start:end]
        marked = _between(pieces, start, end, _safe if inner.strip() else _spaces)
        cut.append(f"<{tag}>{''.join(marked)}</{tag}>")
        at = end
    return "".join([*cut, *_between(pieces, at, len(text), _safe)])


def _pieces(coloured: str) -> list[tuple[str, str]]:
    """Class and text of what Pygments wrote: its spans do not stand within each other."""
    return [
        (match["css"] or "", unescape(match["inner"] or match["plain"] or ""))
        for match in _SPAN.finditer(coloured)
    ]


def _between(
    pieces: list[tuple[str, str]], start: int, end: int, shown: Callable[[str], str]
) -> Iterator[str]:
    at = 0
    for css, piece in pieces:
        inner = piece[max(0, start - at) : max(0, end - at)]
        if inner:
            yield _in_colour(css, shown(inner))
        at += len(piece)


def _in_colour(css: str, html: str) -> str:
    return f'<span class="{css}">{html}</span>' if css else html


def _spaces(text: str) -> str:
    """White space that changed, so that it can be seen."""
    return _safe(text.replace(" ", "·").replace("\t", "→\t").replace("\u00a0", "⍽"))


def _safe(text: str) -> str:
    found = escape(text, quote=False)
    return _UNSEEN.sub(_named, found) if _UNSEEN.search(found) else found


def _named(match: re.Match[str]) -> str:
    char = match[0]
    name = _NAMES.get(char) or f"U+{ord(char):04X}"
    return f'<i class="diff-char">{name}</i>'
