"""Links between issues, which both of them name."""

from pymongo.client_session import ClientSession

from devora_admin.core import mongo
from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.core.ids import new_id
from devora_admin.staff import audit
from devora_admin.support.services import changing
from devora_admin.support.services.changing import Done, Row

KINDS = ("related", "duplicate")
"""What staff may say; the others come with what they stand for."""


def link(number: int, other: int, *, kind: str = "related", actor: audit.Actor) -> Done:
    """Raises NotFound, InvalidInput (field other), or Conflict when they are linked already."""
    if kind not in KINDS:
        raise InvalidInput("Choose how they belong together.", field="kind")
    if number == other:
        raise InvalidInput("Choose another issue: this is the same one.", field="other")
    row_id = new_id()

    def work(session: ClientSession) -> Done:
        return tie(number, other, kind, "link", actor, session, row_id)

    return mongo.run_in_transaction(work)


def unlink(number: int, other: int, *, actor: audit.Actor) -> Done:
    """Raises Conflict when they are not linked, or by more than somebody's word."""
    row_id = new_id()

    def work(session: ClientSession) -> Done:
        return untie(number, other, "unlink", actor, session, row_id)

    return mongo.run_in_transaction(work)


def tie(
    number: int,
    other: int,
    kind: str,
    verb: str,
    actor: audit.Actor,
    session: ClientSession,
    row_id: str,
) -> Done:
    row, second = (changing.read_live(each, session=session) for each in (number, other))
    if kind_of(row, other):
        raise Conflict(f"#{number} and #{other} are linked already.")
    put_both(row, second, kind, actor, session)
    after = {"other": other, "kind": kind}
    changing.record(verb, row, actor=actor, session=session, after=after, row_id=row_id)
    return Done(number, row["revision"] + 1, row_id)


def untie(
    number: int, other: int, verb: str, actor: audit.Actor, session: ClientSession, row_id: str
) -> Done:
    row, second = (changing.read_live(each, session=session) for each in (number, other))
    kind = kind_of(row, other)
    if kind not in KINDS:
        raise Conflict(f"There is no link from #{number} to #{other} that could be taken away.")
    put_both(row, second, "", actor, session)
    before = {"other": other, "kind": kind}
    changing.record(verb, row, actor=actor, session=session, before=before, row_id=row_id)
    return Done(number, row["revision"] + 1, row_id)


def kind_of(row: Row, other: int) -> str:
    return next((each["kind"] for each in row["links"] if each["number"] == other), "")


def linked(row: Row, other: int, kind: str) -> list[Row]:
    """The links of an issue with this one among them; without it for ""."""
    kept = [each for each in row["links"] if each["number"] != other]
    return [*kept, {"number": other, "kind": kind}] if kind else kept


def put_both(row: Row, second: Row, kind: str, actor: audit.Actor, session: ClientSession) -> None:
    for one, other in ((row, second), (second, row)):
        put = {"links": linked(one, other["number"], kind)}
        changing.write(one, put=put, touches=["links"], by=actor.label, session=session)
