"""Boards made and changed: one's own by their owner, shared ones also by who manages analytics.

What is put in order, renamed or taken out is written on what the person saw; a chart that is saved
goes to the end of whatever the board is by then.
"""

from collections.abc import Callable
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.analytics.boards.documents import documents
from devora_admin.core import mongo
from devora_admin.core.errors import Forbidden, InvalidInput, NotFound
from devora_admin.core.ids import new_id
from devora_admin.staff import keeping
from devora_admin.staff.audit import Actor
from devora_admin.staff.keeping import Kept, Kind, Row
from devora_admin.staff.permissions import ROLES
from devora_admin.users.services import texts

MANAGE = "analytics.manage"
MAX_NAME = 80
MAX_TITLE = 120
MAX_QUERY = 1_500
MOST_CHARTS = 24
MOST_BOARDS = 100
SENTENCES = {
    "board.create": "Made a board of charts",
    "board.delete": "Deleted a board of charts",
    "board.edit": "Changed a board of charts",
}
Charts = list[dict[str, Any]]


def _guard(row: Row, actor: Actor) -> None:
    if row["owner_id"] == actor.id:
        return
    if not row["is_shared"]:
        raise NotFound("board", str(row.get("_id", "")))
    if MANAGE not in ROLES.get(actor.role, ()):
        raise Forbidden("Only its owner and who manages analytics may change this board.")


KIND = Kind("board", "board", documents, "name", _guard)


def create(
    actor: Actor, *, name: str, is_shared: bool = False, charts: Charts | None = None
) -> Kept:
    """Raises InvalidInput, Forbidden."""
    if is_shared:
        _may_share(actor)
    own = {"owner_id": actor.id}
    if documents().count_documents(own, limit=MOST_BOARDS) >= MOST_BOARDS:
        raise InvalidInput(f"You have {MOST_BOARDS} boards. Delete one first.", field="name")
    values = {
        "name": texts.name(name, limit=MAX_NAME),
        **own,
        "is_shared": is_shared,
        "charts": charts or [],
    }
    return keeping.create(KIND, values, actor=actor)


def edit(board_id: str, *, name: str, is_shared: bool | None, revision: int, actor: Actor) -> Kept:
    """is_shared: None leaves it. Raises NotFound, Conflict, InvalidInput, Forbidden."""
    values: Row = {"name": texts.name(name, limit=MAX_NAME)}
    if is_shared is not None:
        if is_shared != _read(board_id, actor)["is_shared"]:
            _may_share(actor)
        values["is_shared"] = is_shared
    return keeping.edit(KIND, board_id, values, revision=revision, actor=actor)


def delete(board_id: str, *, revision: int, actor: Actor) -> Kept:
    """Raises NotFound, Conflict, Forbidden."""
    return keeping.delete(KIND, board_id, revision=revision, actor=actor)


def duplicate(board_id: str, *, actor: Actor) -> Kept:
    """One's own, of a board that one sees. Raises NotFound, InvalidInput."""
    row = keeping.read(KIND, board_id)
    if not (row["is_shared"] or row["owner_id"] == actor.id):
        raise NotFound("board", board_id)
    charts = [{**chart, "id": new_id()} for chart in row["charts"]]
    return create(actor, name=f"Copy of {row['name']}"[:MAX_NAME], charts=charts)


def add_chart(board_id: str, *, title: str, query: str, actor: Actor) -> Kept:
    """At the end, whoever changes the board meanwhile. Raises NotFound, Forbidden, InvalidInput."""
    chart, row_id = a_chart(title, query), new_id()

    def work(session: ClientSession) -> Kept:
        row = _read(board_id, actor, session)
        if len(row["charts"]) >= MOST_CHARTS:
            raise InvalidInput(
                f"This board has {MOST_CHARTS} charts. Take one out, or choose another board.",
                field="board",
            )
        after = {"charts": [*row["charts"], chart]}
        before = {"charts": row["charts"]}
        keeping.put(KIND, row, after, actor, session)
        keeping.record(KIND, "edit", board_id, row, actor, session, before, after, row_id)
        return Kept(board_id, row_id)

    return mongo.run_in_transaction(work)


def a_chart(title: str, query: str) -> dict[str, Any]:
    """Raises InvalidInput."""
    if len(query) > MAX_QUERY:
        raise InvalidInput("This asks too much to be saved. Leave a filter out.")
    return {"id": new_id(), "title": _title(title), "query": query}


def move_chart(board_id: str, part_id: str, by: int, *, revision: int, actor: Actor) -> Kept:
    """by: places towards the end. Beyond an end it stays. Raises NotFound, Conflict, Forbidden."""

    def moved(charts: Charts, at: int) -> Charts:
        chart = charts.pop(at)
        charts.insert(max(0, at + by), chart)
        return charts

    return _changed(board_id, part_id, moved, revision, actor)


def rename_chart(board_id: str, part_id: str, title: str, *, revision: int, actor: Actor) -> Kept:
    """title: "" for the one explore gives. Raises NotFound, Conflict, Forbidden, InvalidInput."""
    title = _title(title)

    def renamed(charts: Charts, at: int) -> Charts:
        charts[at] = {**charts[at], "title": title}
        return charts

    return _changed(board_id, part_id, renamed, revision, actor)


def remove_chart(board_id: str, part_id: str, *, revision: int, actor: Actor) -> Kept:
    """Raises NotFound, Conflict, Forbidden."""

    def removed(charts: Charts, at: int) -> Charts:
        del charts[at]
        return charts

    return _changed(board_id, part_id, removed, revision, actor)


def _changed(
    board_id: str,
    part_id: str,
    change: Callable[[Charts, int], Charts],
    revision: int,
    actor: Actor,
) -> Kept:
    charts: Charts = list(_read(board_id, actor)["charts"])
    at = next((place for place, each in enumerate(charts) if each["id"] == part_id), None)
    if at is None:
        raise NotFound("chart of this board", part_id)
    values = {"charts": change(charts, at)}
    return keeping.edit(KIND, board_id, values, revision=revision, actor=actor)


def _read(board_id: str, actor: Actor, session: ClientSession | None = None) -> Row:
    row = keeping.read(KIND, board_id, session)
    _guard(row, actor)
    return row


def _may_share(actor: Actor) -> None:
    if MANAGE not in ROLES.get(actor.role, ()):
        raise Forbidden(f"Your role, {actor.role}, does not allow sharing boards.")


def _title(title: str) -> str:
    return texts.checked(" ".join(title.split()), field="title", label="The title", limit=MAX_TITLE)
