"""Charts the size of a word, drawn on the server: the numbers stand beside them."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

STEP, GAP, HEIGHT = 4, 1, 24


@register.simple_tag
def sparkline(values: Sequence[int]) -> SafeString:
    """A bar for each value; the last one, today, stands out. Hidden from screen readers, who have
    the table."""
    most = max(values, default=0)
    bars = [_bar(at, value, most) for at, value in enumerate(values)]
    return format_html(
        '<svg class="sparkline" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="sparkline-base" d="M0 {}h{}"/><path d="{}"/>'
        '<path class="sparkline-last" d="{}"/></svg>',
        len(values) * STEP, HEIGHT, HEIGHT - 0.5, len(values) * STEP - GAP,
        "".join(bars[:-1]), "".join(bars[-1:]),
    )  # fmt: skip


def _bar(at: int, value: int, most: int) -> str:
    if value <= 0 or most <= 0:
        return ""
    height = max(1.5, HEIGHT * value / most)
    return f"M{at * STEP} {HEIGHT}v-{height:.1f}h{STEP - GAP}v{height:.1f}z"
