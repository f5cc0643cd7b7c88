from collections.abc import Sequence
from datetime import datetime

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import get_current_timezone

from devora_admin.versions import wording
from devora_admin.versions.authors import Author
from devora_admin.versions.days import day_title
from devora_admin.versions.queries.blame import Run
from devora_admin.versions.queries.versions import VersionHead

register = template.Library()


@register.filter
def who(author: Author) -> str:
    return wording.who(author)


@register.filter
def author_icon(author: Author) -> str:
    return wording.AUTHORS[author.kind].icon


@register.filter
def basis(author: Author) -> str:
    """How it is known which turn it was."""
    return wording.BASES.get(author.basis, "")


@register.filter
def headline(head: VersionHead) -> str:
    return wording.headline(head)


@register.simple_tag
def clock_time(moment: datetime) -> str:
    """The time of day where the reader is; the day stands above."""
    return f"{moment.astimezone(get_current_timezone()):%H:%M}"


@register.simple_tag
def numbered_lines(
    lines: Sequence[SafeString], runs: Sequence[Run] | str = "", project_id: str = ""
) -> SafeString:
    """Lines of code, each with its number as a link to itself. runs: who wrote them, as a margin.

    A file has thousands, which a template's loop would take a second for. The numbers are left out
    of the order of the tab key; the field above them is the way to a line by keyboard.
    """
    margin = dict.fromkeys(range(1, len(lines) + 1), _SAME_RUN) if runs else {}
    margin |= {run.first: _run(run, project_id) for run in runs if isinstance(run, Run)}
    return mark_safe(  # noqa: S308 (the lines are safe, the rest is numbers)
        "".join(
            f'<div class="line" id="L{at}">{margin.get(at, "")}'
            f'<a class="line-no" href="#L{at}" tabindex="-1">{at}</a>'
            f'<span class="line-text">{line}\n</span></div>'
            for at, line in enumerate(lines, start=1)
        )
    )


_SAME_RUN = mark_safe('<span class="line-by"></span>')
_RUN = (
    '<span class="line-by is-first"><a href="{url}?{query}" title="{title}">{numbers}</a> '
    '<span class="line-who">{who}</span></span>'
)


def _run(run: Run, project_id: str) -> SafeString:
    origin, head = run.origin, run.origin.version
    turn = "" if head.author.turn is None else f" · turn {head.author.turn + 1:,}"
    return format_html(
        _RUN,
        url=reverse("versions:version", args=[project_id, head.number]),
        query=urlencode({"file": origin.path, "blame": "1"}),
        title=f"{head.name or wording.headline(head)}, {day_title(head.changed_at)}",
        numbers=wording.numbers(origin),
        who="earlier" if origin.is_older else wording.who(head.author)[:60] + turn,
    )
