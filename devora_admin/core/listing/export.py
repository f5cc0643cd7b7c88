"""Every row of a list, one after the other."""

import time
from collections.abc import Iterator
from dataclasses import replace

from devora_admin.core import mongo
from devora_admin.core.listing import paging
from devora_admin.core.listing.spec import F, Listing, ListSpec, Page, R

_AT_ONCE = 1000
_RETRIES = 5


def every_row(spec: ListSpec[F, R], listing: Listing[F]) -> Iterator[R]:
    """In order of creation, each once; a short outage on the way is waited out.

    Of the orders of a list it is the one that an edit does not change: a document saved meanwhile
    would jump past the row we go on from, and be missing.
    """
    listing = replace(listing, sort="created_at")
    cursor = ""
    while True:
        page = _page(spec, listing, cursor)
        yield from page.rows
        if not page.next:
            return
        cursor = page.next


def _page(spec: ListSpec[F, R], listing: Listing[F], cursor: str) -> Page[R]:
    for attempt in range(_RETRIES):
        try:
            return paging.page(spec, listing, cursor=cursor, size=_AT_ONCE)
        except Exception as error:
            if attempt == _RETRIES - 1 or not mongo.is_unavailable(error):
                raise
            time.sleep(0.5 * 2**attempt)
    raise AssertionError
