"""What the lists offer to do with a group."""

from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

from django.urls import reverse

from devora_admin.analytics.segments import saving
from devora_admin.analytics.segments.groups import GROUPS, NAME
from devora_admin.core.listing.groups import Offer


def register() -> None:
    """Called once, when the app is ready."""
    for of, groups in GROUPS.items():
        groups.catalogue = partial(reverse, "analytics:segments")
        groups.offers += [
            Offer("Save as segment", "bookmark", saving.WORK, _saving(of)),
            Offer("Open an issue", "life-preserver", saving.WORK, _at(of, "segment_issue")),
        ]


def _saving(of: str) -> Callable[[str], str]:
    url = _at(of, "segment_new")
    return lambda key: "" if key.startswith(f"{NAME}:") else url(key)


def _at(of: str, route: str) -> Callable[[str], str]:
    return lambda key: f"{reverse(f'analytics:{route}')}?{urlencode({'of': of, 'group': key})}"
