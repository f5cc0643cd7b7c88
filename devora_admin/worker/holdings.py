"""What the worker holds about a customer: changes of theirs that could not be handled."""

from collections.abc import Iterator
from typing import Any

from devora_admin.core import mongo
from devora_admin.users import holdings
from devora_admin.users.holdings import Holding, Marks, Step
from devora_admin.worker.documents import DEAD_LETTERS, WORKER_STATE


def register() -> None:
    """Called once, when the app is ready."""
    holdings.register(
        Holding(
            "dead_letters", "Changes that could not be handled", holdings.BUILT,
            (DEAD_LETTERS, WORKER_STATE),
            count=lambda marks: holdings.count(mongo.database()[DEAD_LETTERS], _theirs(marks)),
            export=None,  # copies of what the export has whole
            erase=_erase,
            # The last error may quote what it was about.
            verdict={DEAD_LETTERS: holdings.delete, WORKER_STATE: holdings.scrub},
        )
    )  # fmt: skip


def _theirs(marks: Marks) -> dict[str, Any]:
    documents = holdings.one_of({*marks.ids, *marks.project_ids})
    return {"$or": [{"user_id": holdings.one_of(marks.ids)}, {"document_id": documents}]}


def _erase(marks: Marks) -> Iterator[Step]:
    return holdings.batches(mongo.database()[DEAD_LETTERS], _theirs(marks))
