"""Adding what rollups lack or have too much, unless another rebuild wrote meanwhile."""

from pymongo.client_session import ClientSession

from devora_admin.analytics.rollups import state
from devora_admin.analytics.rollups.tally import Numbers, Tally
from devora_admin.core import mongo

READ_S = 240.0
"""Less than the five minutes for which MongoDB remembers a moment."""
WRITE_S = 60.0


class Outrun(Exception):
    """Another rebuild wrote meanwhile."""


def between(old: Numbers, new: Numbers) -> Numbers:
    """By field, what makes the new of the old; a field that is not there yet is among them, though
    it be 0."""
    return {
        path: new.get(path, 0) - old.get(path, 0)
        for path in {**old, **new}
        if path not in new or new[path] != old.get(path)
    }


def add(difference: Tally, rebuilds: int) -> None:
    def work(session: ClientSession) -> None:
        if not state.rebuilt(rebuilds, session):
            raise Outrun
        difference.write(session)
        difference.tidy(session)

    mongo.run_in_transaction(work, patience_s=WRITE_S)
