"""The two documents in `users`, as bytes: what a merge writes there, and puts back."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from devora_admin.core import raw_bson
from devora_admin.core.errors import Conflict
from devora_admin.core.raw_bson import DOCUMENT, Element
from devora_admin.users.documents import customers
from devora_admin.users.services import fields

Parts = dict[str, Element]
"""By field; a field that is missing is not in it."""

OF_KEPT = ("name", "email", "subscription")
OF_ABSORBED = (
    "email", "status", "suspended", "merged_into", "sessions_revoked_at", "password_reset",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    parts: Parts

    @property
    def label(self) -> str:
        return fields.label_of(self.values, self.id)

    @property
    def values(self) -> dict[str, Any]:
        return {name: part.decoded() for name, part in self.parts.items()}

    def only(self, names: Iterable[str]) -> Parts:
        return {name: self.parts[name] for name in names if name in self.parts}


def read(user_id: str, *, session: ClientSession | None = None) -> Account:
    """Raises NotFound."""
    raw = fields.read(user_id, session=session)
    return Account(user_id, {part.name: part for part in raw_bson.elements(bytes(raw.raw))})


def write(account: Account, wanted: Parts, names: Iterable[str], *, session: ClientSession) -> None:
    """Makes these fields hold what `wanted` holds, and removes those it does not.

    Raises Conflict, DuplicateKeyError.
    """
    put = [wanted[name].named(name) for name in names if name in wanted]
    drop = [raw_bson.element("", name) for name in names if name not in wanted]
    parts = (("$set", put), ("$unset", drop))
    operators = [Element(DOCUMENT, name, raw_bson.build(each)) for name, each in parts if each]
    if "erasure" in account.parts:
        raise Conflict(f"{account.label} is being erased. Nothing can be changed any more.")
    if not put and not drop:
        return
    still = raw_bson.document(_id=account.parts["_id"], id=account.parts["id"])
    update = RawBSONDocument(raw_bson.build(operators))
    if not customers().update_one(still, update, session=session).matched_count:
        raise Conflict("One of the customers was changed meanwhile. Nothing was written.")


def write_both(
    first: Account,
    first_wanted: Parts,
    first_names: Iterable[str],
    second: Account,
    second_wanted: Parts,
    second_names: Iterable[str],
    *,
    session: ClientSession,
) -> None:
    """The e-mail address is unique: where the first gets the second's, that makes room."""
    wanted, taken = first_wanted.get("email"), second.parts.get("email")
    try:
        if wanted is not None and taken is not None and wanted.value == taken.value:
            room = raw_bson.element(f"merging:{second.id}", "email")
            write(second, {"email": room}, ("email",), session=session)
        write(first, first_wanted, first_names, session=session)
        write(second, second_wanted, second_names, session=session)
    except DuplicateKeyError as error:
        raise Conflict("Another customer has one of the e-mail addresses now.") from error


def stored(parts: Parts) -> Element:
    """As the record of the merge keeps it."""
    return Element(DOCUMENT, "", raw_bson.build(part.named(name) for name, part in parts.items()))


def loaded(part: Element) -> Parts:
    return {each.name: each for each in raw_bson.elements(part.data)}


def same(left: Parts, right: Parts) -> bool:
    return left.keys() == right.keys() and all(
        left[name].value == right[name].value for name in left
    )
