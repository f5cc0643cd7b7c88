"""What a merge remembers of the two customers goes with either of them."""

from typing import Any

from devora_admin.core import mongo
from devora_admin.users import holdings
from devora_admin.users.holdings import Holding, Marks
from devora_admin.users.merging.records import MERGES, MOVES, merges


def register() -> None:
    """Called once, when the app is ready."""
    holdings.register(
        Holding(
            "merges", "Records of merges", holdings.BUILT, (MERGES, MOVES),
            count=lambda marks: holdings.count(mongo.database()[MERGES], _of(marks)),
            export=None,
            erase=_erase,
            verdict=dict.fromkeys((MERGES, MOVES), holdings.delete),
        )
    )  # fmt: skip


def _of(marks: Marks) -> dict[str, Any]:
    ids = {"$in": list(marks.ids)}
    return {"$or": [{"kept.id": ids}, {"absorbed.id": ids}]}


def _erase(marks: Marks) -> Any:
    found = [row["_id"] for row in merges().find(_of(marks), {"_id": 1})]
    yield from holdings.batches(mongo.database()[MOVES], {"merge_id": {"$in": found}})
    yield from holdings.batches(mongo.database()[MERGES], _of(marks))
