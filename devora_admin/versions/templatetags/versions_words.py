from collections.abc import Sequence
from datetime import datetime

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import get_current_timezone

from devora_admin.versions import wording
from devora_admin.versions.authors import Author
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
def numbered_lines(lines: Sequence[SafeString]) -> SafeString:
    """Lines of code, each with its number as a link to itself.

    A file has thousands, which a template's loop would take a second for. The numbers are left out
    of the order of the tab key; the field above them is the way to a line by keyboard.
    """
    return mark_safe(  # noqa: S308 (the lines are safe, the rest is numbers)
        "".join(
            f'<div class="line" id="L{at}"><a class="line-no" href="#L{at}" tabindex="-1">{at}</a>'
            f'<span class="line-text">{line}\n</span></div>'
            for at, line in enumerate(lines, start=1)
        )
    )
