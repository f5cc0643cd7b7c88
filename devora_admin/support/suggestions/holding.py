"""What suggestions hold about a customer, and what goes along when two are merged."""

from collections.abc import Iterator
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core.values import lines
from devora_admin.projects.services import deletion
from devora_admin.projects.services.deletion import Belonging
from devora_admin.support.suggestions.documents import HIT, SUGGESTIONS, hit, suggestions
from devora_admin.users import holdings, ownership
from devora_admin.users.holdings import Document, Entry, Holding, Kind, Marks, Step, Verdict

_FOUND = ("kind", "detector", "hint", "project_id", "places", "found", "at", "state")
_OF_A_SPIKE = ("first_at", "last_at")


def register() -> None:
    """Called once, when the app is ready."""
    holdings.register(
        Holding(
            "suggestions", "What was found in their projects", holdings.BUILT, (SUGGESTIONS, HIT),
            count=lambda marks: (
                holdings.count(suggestions(), _own(marks)) + holdings.count(hit(), _hit(marks))
            ),
            export=_export,
            erase=_erase,
            verdict={SUGGESTIONS: _judge, HIT: holdings.owned_by("user_id")},
        )
    )  # fmt: skip
    ownership.register(ownership.Owned("suggestions", "findings in projects", SUGGESTIONS))
    ownership.register(ownership.Owned("errors hit", "errors that hit them", HIT))
    deletion.belongs(Belonging(_condemn, lambda project_id: None))


def _own(marks: Marks) -> dict[str, Any]:
    theirs = {"user_id": holdings.one_of(marks.ids)}
    return {"$or": [theirs, {"project_id": holdings.one_of(marks.project_ids)}]}


def _hit(marks: Marks) -> dict[str, Any]:
    return {"user_id": holdings.one_of(marks.ids)}


def _erase(marks: Marks) -> Iterator[Step]:
    yield from holdings.batches(suggestions(), _own(marks))
    yield from holdings.batches(hit(), _hit(marks))


def _export(marks: Marks) -> Iterator[Entry]:
    """Without who of staff decided what."""
    found = lines.documents(suggestions(), _own(marks), shape=_shape(_FOUND))
    yield Entry("suggestions/found.jsonl", lines.json_lines(found))
    rose = lines.documents(hit(), _hit(marks), shape=_shape(_OF_A_SPIKE))
    yield Entry("suggestions/errors.jsonl", lines.json_lines(rose))


def _shape(names: tuple[str, ...]) -> Any:
    def shape(data: bytes) -> Any:
        tree = lines.tree_of(data)
        return {key: tree[key] for key in names if key in tree}

    return shape


def _judge(document: Document, kinds: set[Kind], marks: Marks) -> Verdict:
    """A spike is nobody's; what its message tells of somebody is taken out of it."""
    judge = holdings.scrub if document.get("kind") == "spike" else holdings.owned_by("user_id")
    return judge(document, kinds, marks)


def _condemn(project_id: str, session: ClientSession) -> None:
    suggestions().delete_many({"project_id": project_id}, session=session)
