"""Rules made, changed and deleted, muted and acknowledged, on record and taken back from there."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.analytics.alerts.documents import alerts, happened, states
from devora_admin.analytics.alerts.reading import check
from devora_admin.analytics.alerts.rule import (
    CONDITIONS,
    FEWEST_WEEKS,
    MOST,
    MOST_WEEKS,
    WINDOWS,
    Rule,
    rule_of,
)
from devora_admin.analytics.metrics import metric as metric_of
from devora_admin.analytics.queries.asking import BREAKDOWNS
from devora_admin.analytics.rollups.state import state
from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, Forbidden, InvalidInput
from devora_admin.core.ids import new_id
from devora_admin.staff import audit, keeping
from devora_admin.staff.audit import Actor
from devora_admin.staff.keeping import Kept, Kind, Row
from devora_admin.staff.permissions import ROLES
from devora_admin.staff.queries import accounts
from devora_admin.users.services import texts

MANAGE, VIEW = "analytics.manage", "analytics.view"
MAX_NAME, MAX_VALUE = 80, 200
MOST_IN_ROW = 24
MOST_NUMBER = 1e12
FOR_GOOD = datetime(9999, 1, 1, tzinfo=UTC)
SENTENCES = {
    "alert.create": "Set an alert",
    "alert.delete": "Deleted an alert",
    "alert.edit": "Changed an alert",
    "alert.mute": "Muted an alert",
    "alert.unmute": "Let an alert be heard again",
    "alert.acknowledge": "Acknowledged an alert",
}


def _guard(row: Row, actor: Actor) -> None:
    if MANAGE not in ROLES.get(actor.role, ()):
        raise Forbidden("Only who manages analytics may set alerts.")


KIND = Kind(
    "alert", "alert", alerts, "name", _guard, unique="name",
    taken="Another alert has this name. Choose another one.",
)  # fmt: skip


def create(actor: Actor, **values: Any) -> Kept:
    """values: as `draft` takes them. Raises InvalidInput naming the field, or Forbidden."""
    put = values_of(draft(**values))
    if alerts().count_documents({}, limit=MOST) == MOST:
        raise InvalidInput(f"There may be {MOST} alerts. Delete one first.", field="name")
    return keeping.create(KIND, put, actor=actor)


def edit(key: str, *, revision: int, actor: Actor, **values: Any) -> Kept:
    """As `create`; also raises NotFound and Conflict."""
    return keeping.edit(KIND, key, values_of(draft(**values)), revision=revision, actor=actor)


def delete(key: str, *, revision: int, actor: Actor) -> Kept:
    """How it stands stays, for when it is taken back. Raises NotFound, Conflict, Forbidden."""
    return keeping.delete(KIND, key, revision=revision, actor=actor)


def draft(
    *,
    name: str,
    metric: str,
    lasting: str,
    condition: str,
    number: float,
    where: Mapping[str, str] | None = None,
    least: float = 0.0,
    weeks: int = MOST_WEEKS,
    in_row: int = 1,
    people: Iterable[str] = (),
    is_active: bool = True,
) -> Rule:
    """As it would be kept. Raises InvalidInput naming the field."""
    called = texts.name(name, limit=MAX_NAME)
    metric_of(metric)
    if lasting not in WINDOWS:
        raise InvalidInput("Choose a time from the list.", field="lasting")
    if condition not in CONDITIONS:
        raise InvalidInput("Choose a condition from the list.", field="condition")
    for field, value in (("number", number), ("least", least)):
        if not (isfinite(value) and 0 <= value <= MOST_NUMBER):
            raise InvalidInput("Give a number from 0 to a million millions.", field=field)
    if not FEWEST_WEEKS <= weeks <= MOST_WEEKS:
        raise InvalidInput(f"Choose {FEWEST_WEEKS} to {MOST_WEEKS} weeks.", field="weeks")
    if not 1 <= in_row <= MOST_IN_ROW:
        raise InvalidInput(f"Give a number from 1 to {MOST_IN_ROW}.", field="in_row")
    chosen, possible = list(dict.fromkeys(people)), accounts.who_can(VIEW)
    if any(each not in possible for each in chosen):
        raise InvalidInput("Choose people who see analytics.", field="people")
    rule = Rule(
        "", called, metric, _where(where or {}), lasting,
        condition, float(number),
        float(least), weeks, in_row, tuple(chosen), bool(is_active), 0,
    )  # fmt: skip
    zone = state().zone
    check(rule, zone, clock.now().astimezone(zone).date())
    return rule


def _where(given: Mapping[str, str]) -> dict[str, str]:
    found = {name: value.strip() for name, value in given.items() if value.strip()}
    if set(found) - set(BREAKDOWNS) or any(len(each) > MAX_VALUE for each in found.values()):
        raise InvalidInput("There is no such filter.", field="where")
    return found


def values_of(rule: Rule) -> Row:
    return {
        "name": rule.name, "metric": rule.metric, "where": dict(rule.where),
        "lasting": rule.lasting, "condition": rule.condition, "number": rule.number,
        "least": rule.least, "weeks": rule.weeks, "in_row": rule.in_row,
        "people": list(rule.people), "is_active": rule.is_active,
    }  # fmt: skip


def mute(key: str, until: datetime | None, *, actor: Actor) -> None:
    """until: None for good. Raises NotFound, InvalidInput, Forbidden, Conflict."""
    now = clock.now()
    if until is not None and not now < until <= now + timedelta(days=366):
        raise InvalidInput("Choose a time within the next year.", field="until")
    end = until or FOR_GOOD
    _stand(key, "mute", {"muted_until": end, "muted_by": actor.label}, actor)


def unmute(key: str, *, actor: Actor) -> None:
    _stand(key, "unmute", {"muted_until": None, "muted_by": ""}, actor)


def acknowledge(key: str, *, actor: Actor) -> None:
    """No reminder comes any more, until it fires again. Raises Conflict when it does not fire, or
    somebody was quicker."""
    seen = {"episode.acked_by": actor.label, "episode.acked_at": clock.now()}
    is_open = {"episode": {"$type": "object"}, "episode.acked_at": None}
    _stand(key, "acknowledge", seen, actor, is_open)


def _stand(key: str, verb: str, put: Row, actor: Actor, condition: Row | None = None) -> None:
    """Changes how a rule stands, of which the worker hears by the turn."""

    def work(session: ClientSession) -> None:
        row = keeping.read(KIND, key, session)
        _guard(row, actor)
        now = clock.now()
        change = {"$set": {**put, "at": now}, "$inc": {"turn": 1}}
        done = states().update_one(
            {"_id": row["_id"], **(condition or {})}, change, upsert=condition is None,
            session=session,
        )  # fmt: skip
        if not (done.matched_count or done.upserted_id):
            raise Conflict("This alert is over, or somebody acknowledged it already.")
        note = {"until": put.get("muted_until")} if verb == "mute" else {}
        happened().insert_one(
            {"_id": new_id(), "rule_id": row["_id"], "kind": verb, "at": now,
             "by": actor.label, **note},
            session=session,
        )  # fmt: skip
        subject = audit.Subject("alert", key, str(row["name"]))
        after = {name.replace(".", "_"): value for name, value in put.items()}
        audit.record(f"alert.{verb}", actor=actor, subject=subject, after=after, session=session)

    mongo.run_in_transaction(work)


def one(key: str) -> Rule:
    """Raises NotFound."""
    return rule_of(keeping.read(KIND, key))
