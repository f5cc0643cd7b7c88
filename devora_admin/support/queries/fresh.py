"""What is new or changed in a list of issues since somebody looked."""

from collections.abc import Sequence
from datetime import datetime

from devora_admin.core.listing.conditions import all_of
from devora_admin.core.listing.patience import patience
from devora_admin.support.documents import issues
from devora_admin.support.queries import inbox
from devora_admin.support.queries.inbox import Condition, Filters

MOST = 100


def changed_since(
    filters: Filters,
    since: datetime,
    *,
    shown: Sequence[int],
    seen: Sequence[tuple[int, datetime]],
) -> int:
    """At most MOST. Also of those that are shown and are none of the list's any more.

    shown: numbers on the page. seen: those among them that were changed after `since`, and when.
    """
    choices: list[Condition] = [inbox.narrowed(filters)]
    if shown:
        choices.append({"number": {"$in": list(shown)}})
    known = [{"number": number, "changed_at": at} for number, at in seen]
    # By one range of an index, whatever the list is about: little is so new.
    recent = {"changed_at": {"$gt": since}}
    condition = all_of(recent, {"$or": choices}, {"$nor": known} if known else {})
    with patience(inbox.TOO_SLOW):
        found = issues().find(condition, {"_id": 1}).hint("changed").limit(MOST)
        return sum(1 for _ in found)
