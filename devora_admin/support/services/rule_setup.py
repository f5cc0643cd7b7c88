"""Rules, made, changed and put in order by who sets support up."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Literal

from pymongo.client_session import ClientSession

from devora_admin.core import mongo
from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.staff import keeping
from devora_admin.staff.audit import Actor
from devora_admin.staff.keeping import Kept, Kind, Row
from devora_admin.support import documents, states
from devora_admin.support.documents import rules
from devora_admin.support.queries.rules import MOST, SOURCES, When
from devora_admin.support.services import assigning, texts
from devora_admin.support.services.macro_setup import name_of, only_manage
from devora_admin.users.services.texts import checked

MAX_WORDS = 20
MAX_CONDITION = 80

KIND = Kind(
    "rule", "rule", documents.rules, "name", only_manage,
    unique="name", taken="Another rule has this name. Choose another one.",
)  # fmt: skip


def create(actor: Actor, **values: object) -> Kept:
    """It is asked last. values: as `_checked` takes them.

    Raises InvalidInput naming the field, or Forbidden.
    """
    put = _checked(**values)  # type: ignore[arg-type]
    if rules().count_documents({}, limit=MOST) == MOST:
        raise InvalidInput(f"There may be {MOST} rules. Delete one first.")
    last = rules().find_one({}, {"position": 1}, sort=[("position", -1)])
    position = last["position"] + 1 if last else 1
    return keeping.create(KIND, {**put, "position": position}, actor=actor)


def edit(key: str, *, revision: int, actor: Actor, **values: object) -> Kept:
    """As `create`; also raises NotFound and Conflict."""
    put = _checked(**values)  # type: ignore[arg-type]
    return keeping.edit(KIND, key, put, revision=revision, actor=actor)


def delete(key: str, *, revision: int, actor: Actor) -> Kept:
    """Raises NotFound, Conflict, Forbidden."""
    return keeping.delete(KIND, key, revision=revision, actor=actor)


def move(key: str, way: Literal["up", "down"], *, seen: int, actor: Actor) -> None:
    """Changes places with the one before or behind it; harmless at an end.

    seen: the position the person saw. Raises NotFound, Forbidden, Conflict.
    """
    beyond, order = ("$lt", -1) if way == "up" else ("$gt", 1)

    def work(session: ClientSession) -> None:
        row = keeping.read(KIND, key, session)
        only_manage(row, actor)
        if row["position"] != seen:
            raise Conflict("The order was changed meanwhile. Look at it again.")
        found = {"position": {beyond: seen}}
        other = rules().find_one(found, sort=[("position", order)], session=session)
        if other is None:
            return
        _place(row, other["position"], session)
        _place(other, seen, session)
        before, after = ({"position": each["position"]} for each in (row, other))
        keeping.record(KIND, "move", key, row, actor, session, before, after)

    mongo.run_in_transaction(work)


def _place(row: Row, position: int, session: ClientSession) -> None:
    still = {"_id": row["_id"], "position": row["position"]}
    put = {"$set": {"position": position}}
    if not rules().update_one(still, put, session=session).matched_count:
        raise Conflict("The order was changed in the same moment. Look at it again.")


def _checked(
    *,
    name: str,
    is_active: bool = True,
    source: str = "",
    priority_is: str = "",
    tag: str = "",
    plan: str = "",
    project_type: str = "",
    words: Iterable[str] = (),
    people: Iterable[str] = (),
    tags: Iterable[str] = (),
    priority: str = "",
) -> Row:
    if source and source not in SOURCES:
        raise InvalidInput("Choose a source from the list.", field="source")
    for field, value in (("priority_is", priority_is), ("priority", priority)):
        if value and value not in states.PRIORITIES:
            raise InvalidInput("Choose a priority from the list.", field=field)
    possible, chosen = assigning.possible(), list(dict.fromkeys(people))
    if any(each not in possible for each in chosen):
        raise InvalidInput("Choose people who work on issues.", field="people")
    tagged = texts.tags([tag])
    when = When(
        source=source,
        priority=priority_is,
        tag=tagged[0] if tagged else "",
        plan=_condition("plan", plan),
        project_type=_condition("project_type", project_type),
        words=tuple(_words(words)),
    )
    row: Row = {
        "name": name_of(name),
        "is_active": is_active,
        "when": {**asdict(when), "words": list(when.words)},
        "people": chosen,
        "tags": texts.tags(tags),
        "priority": priority,
    }
    if not (row["people"] or row["tags"] or priority):
        raise InvalidInput("Choose what it does: people, tags or a priority.", field="people")
    return row


def _condition(field: str, text: str) -> str:
    return checked(" ".join(text.split()), field=field, label="This", limit=MAX_CONDITION)


def _words(given: Iterable[str]) -> list[str]:
    found = [_condition("words", each) for each in given]
    found = list(dict.fromkeys(each.lower() for each in found if each))
    if len(found) > MAX_WORDS:
        raise InvalidInput(f"Give up to {MAX_WORDS} words.", field="words")
    return found
