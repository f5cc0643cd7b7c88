from collections.abc import Sequence
from datetime import datetime

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import get_current_timezone

from devora_admin.shell.templatetags.shell import numbered_lines
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
def blamed_lines(lines: Sequence[SafeString], runs: Sequence[Run], project_id: str) -> SafeString:
    """Numbered lines with who wrote them as a margin."""
    margin = dict.fromkeys(range(1, len(lines) + 1), _SAME_RUN)
    margin |= {run.first: _run(run, project_id) for run in runs}
    return numbered_lines(lines, margin)


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
