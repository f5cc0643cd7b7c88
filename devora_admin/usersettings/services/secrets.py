"""What staff do with one secret: look at it, test it, replace it, revoke it. Each is on record."""

from dataclasses import dataclass

from pymongo.errors import PyMongoError

from devora_admin.core import mongo, raw_bson, sealed
from devora_admin.core.errors import Conflict, InvalidInput, StoreUnavailable, TooLarge
from devora_admin.core.raw_bson import Element
from devora_admin.core.values import kinds, paths
from devora_admin.core.values.paths import Change, path_label
from devora_admin.staff import audit
from devora_admin.users import queries as users
from devora_admin.usersettings import formats, stored
from devora_admin.usersettings.secret_paths import Place
from devora_admin.usersettings.services import document
from devora_admin.usersettings.services.document import Written
from devora_admin.usersettings.shown import masked

MAX_CHARS = 100_000
"""Of a secret that is typed in, or shown in full."""
_NO_RECORD = "The audit log could not be written, so nothing is shown. Try again in a moment."


@dataclass(frozen=True, slots=True)
class Opened:
    """A secret in full. Never kept, logged or put into anything but the one answer."""

    label: str
    text: str

    def __repr__(self) -> str:
        return f"Opened({self.label!r})"


def reveal(user_id: str, ref: str, *, seen: str, reason: str, actor: audit.Actor) -> Opened:
    """The audit row is stored by a majority before the secret is read; without it, no secret.

    Raises NotFound, Conflict when it is another value than the one that was shown, InvalidInput
    when it cannot be read, and StoreUnavailable when the audit log cannot be written.
    """
    place = _still(stored.read(user_id), ref, seen)
    _recorded("secrets.reveal", user_id, place, reason=reason, actor=actor)
    place = _still(stored.read(user_id), ref, seen)
    text = opened(user_id, place)
    if len(text) > MAX_CHARS:
        raise TooLarge(f"This value is {len(text):,} characters long, too long for a page.")
    return Opened(path_label(place.path), text)


def test(user_id: str, ref: str, *, seen: str, actor: audit.Actor) -> tuple[str, formats.Verdict]:
    """Compares a secret with its provider's format, here: it is sent nowhere."""
    place = _still(stored.read(user_id), ref, seen)
    _recorded("secrets.test", user_id, place, reason="", actor=actor)
    place = _still(stored.read(user_id), ref, seen)
    verdict = formats.check(formats.provider_of(place.path), opened(user_id, place))
    return path_label(place.path), verdict


def replace(user_id: str, ref: str, *, seen: str, text: str, actor: audit.Actor) -> None:
    """Stores a new secret, sealed. Raises Conflict when the stored one is not what was shown."""
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise InvalidInput("Give the new secret.", field="value")
    if len(text) > MAX_CHARS:
        raise InvalidInput(f"A secret may have {MAX_CHARS:,} characters.", field="value")
    if not raw_bson.is_text(text) or raw_bson.printable(text) != text:
        raise InvalidInput("This holds half of a character.", field="value")
    if sealed.is_sealed(text):
        raise InvalidInput("This is an encrypted value, not the secret itself.", field="value")
    place = _still(stored.read(user_id), ref, seen)
    made = raw_bson.element(sealed.seal(text, owner=user_id, field=place.field))
    _write(user_id, place, Change("put", place.path[1:], made), "secrets.replace", actor=actor,
           after=masked(text))  # fmt: skip


def revoke(user_id: str, ref: str, *, seen: str, reason: str, actor: audit.Actor) -> None:
    """Removes a secret for good: the platform finds it missing, and nobody keeps a copy."""
    place = _still(stored.read(user_id), ref, seen)
    if place.path[1:] and isinstance(place.path[-1], int):
        # Taking an item out would move those behind it to other places than they were seen at.
        change = Change("put", place.path[1:], paths.NOTHING)
    else:
        change = Change("drop", place.path[1:])
    _write(user_id, place, change, "secrets.revoke", actor=actor, after=None, reason=reason)


def opened(user_id: str, place: Place) -> str:
    """The secret as text. Raises InvalidInput with what to do when it cannot be read."""
    text = place.text
    if text is None:
        return kinds.shown(place.part).text
    if not sealed.is_sealed(text):
        return text
    try:
        return sealed.unseal(text, owner=user_id, field=place.field)
    except sealed.Unreadable as error:
        raise InvalidInput(f"This value cannot be read: {error}.") from error


def _write(
    user_id: str,
    place: Place,
    change: Change,
    action: str,
    *,
    actor: audit.Actor,
    after: str | None,
    reason: str = "",
) -> None:
    field, *_ = place.path

    def plan(root: Element) -> list[Change]:
        now = paths.find(root, place.path[1:])
        if now is None or now.value != place.part.value:
            raise _conflict(place)
        if not place.path[1:] and change.verb == "drop":
            return [Change("put", (), paths.EMPTY)]
        return [change]

    def told(written: Written) -> tuple[dict[str, str], dict[str, str | None]]:
        name = place.field
        return {name: _masked(user_id, place)}, {name: after}

    document.change(user_id, str(field), plan, told, action=action, actor=actor, reason=reason)


def _masked(user_id: str, place: Place) -> str:
    try:
        return masked(opened(user_id, place))
    except InvalidInput:
        return "unreadable"


def _still(found: stored.Stored, ref: str, seen: str) -> Place:
    place = found.secret(ref)
    if stored.mark_of(place) != seen:
        raise _conflict(place)
    return place


def _conflict(place: Place) -> Conflict:
    return Conflict(
        f"{path_label(place.path)} was changed meanwhile. Nothing was written or shown: "
        "close this and look at the page again."
    )


def _recorded(action: str, user_id: str, place: Place, *, reason: str, actor: audit.Actor) -> None:
    label = users.owners([user_id])[user_id].label
    try:
        audit.record(
            action,
            actor=actor,
            subject=audit.Subject("customer", user_id, label, user_id),
            after={"field": place.field},
            reason=reason,
        )
    except PyMongoError as error:
        if mongo.is_unavailable(error):
            raise
        raise StoreUnavailable(_NO_RECORD) from error
