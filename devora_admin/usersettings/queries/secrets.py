"""A customer's secrets as a page may show them: where they stand, in what state, how they end."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from devora_admin.core import mongo, raw_bson, sealed
from devora_admin.core.raw_bson import Element
from devora_admin.core.values import kinds
from devora_admin.core.values.paths import Path, path_label
from devora_admin.staff.documents import AUDIT_LOG
from devora_admin.usersettings import stored
from devora_admin.usersettings.secret_paths import API_KEYS, INTEGRATIONS, Place
from devora_admin.usersettings.shown import ending

State = Literal["plain", "sealed", "unreadable", "untyped"]
SHOWN = 200
_KEY_ID = re.compile(r"[0-9a-f]{8}")
_NAME_CHARS = 80
_CHANGING = ["secrets.replace", "secrets.revoke"]
_ROWS_LOOKED_AT = 500


@dataclass(frozen=True, slots=True)
class SecretRow:
    """seen: tells whether it is still the same value, sent back with a form."""

    ref: str
    seen: str
    name: str
    """Below the provider or integration: `token`. Empty where that is the secret itself."""
    label: str
    state: State
    note: str
    """What is the matter with it, and what to do."""
    ending: str
    key_id: str
    is_old_key: bool
    changed: datetime | None
    changed_by: str


@dataclass(frozen=True, slots=True)
class Group:
    """What stands under one provider or integration. facts: its values that are no secrets."""

    name: str
    secrets: tuple[SecretRow, ...]
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Secrets:
    api_keys: tuple[Group, ...]
    integrations: tuple[Group, ...]
    others: tuple[Group, ...]
    hidden: int
    """How many more there are than a page shows."""


Changes = Mapping[str, tuple[datetime, str]]


def secrets_of(found: stored.Stored) -> Secrets:
    places = found.secrets
    changes = _changes(found.user_id) if places else {}
    rows = [(place, row(found.user_id, place, changes)) for place in places[:SHOWN]]

    def groups(section: str) -> tuple[Group, ...]:
        return tuple(_groups(found.part(section), section, rows))

    others = [pair for pair in rows if pair[0].path[0] not in (API_KEYS, INTEGRATIONS)]
    return Secrets(
        groups(API_KEYS),
        groups(INTEGRATIONS),
        tuple(Group(each.label, (each,)) for _, each in others),
        max(0, len(places) - SHOWN),
    )


def secret_row(user_id: str, ref: str) -> SecretRow:
    """Raises NotFound."""
    return row(user_id, stored.read(user_id).secret(ref), {})


def row(user_id: str, place: Place, changes: Changes) -> SecretRow:
    state, note, text = _state(user_id, place)
    key_id = sealed.key_id_of(place.text or "")
    changed, by = changes.get(place.field, (None, ""))
    return SecretRow(
        ref=stored.ref_of(user_id, place),
        seen=stored.mark_of(place),
        name=path_label(place.path[2:])[:_NAME_CHARS],
        label=path_label(place.path)[:_NAME_CHARS],
        state=state,
        note=note,
        ending=ending(text),
        key_id=key_id if _KEY_ID.fullmatch(key_id) else "",
        is_old_key=state == "sealed" and key_id != sealed.keys()[0].id,
        changed=changed,
        changed_by=by,
    )


def _state(user_id: str, place: Place) -> tuple[State, str, str]:
    text = place.text
    if text is None:
        kind = kinds.kind_of(place.part)
        what = "text that is no UTF-8" if kind == "string" else f"{kind}, not text"
        return "untyped", f"Stored as {what}: it is kept as it is and not encrypted.", ""
    if not sealed.is_sealed(text):
        return "plain", "", text
    try:
        return "sealed", "", sealed.unseal(text, owner=user_id, field=place.field)
    except sealed.Unreadable as error:
        return "unreadable", f"{str(error).capitalize()}. {_advice(text)}", ""


def _advice(text: str) -> str:
    key_id = sealed.key_id_of(text)
    known = [key.id for key in sealed.keys()]  # noqa: SIM118  a function of ours, no mapping
    if _KEY_ID.fullmatch(key_id) and key_id not in known:
        return f"Put the key {key_id} back into SECRETS_KEYS, or replace the secret."
    return "Ask the customer for it again and replace it, or revoke it."


def _groups(section: Element, name: str, rows: list[tuple[Place, SecretRow]]) -> Iterator[Group]:
    found: dict[str, list[SecretRow]] = {}
    for place, each in rows:
        if place.path[0] == name:
            found.setdefault(path_label(place.path[1:2])[:_NAME_CHARS], []).append(each)
    facts = {}
    if name == INTEGRATIONS and section.kind == raw_bson.DOCUMENT:
        secret = {place.path for place, _ in rows}
        for part in raw_bson.elements(section.data)[:SHOWN]:
            label = path_label((part.name,))[:_NAME_CHARS]
            facts[label] = tuple(_facts(part, name, secret))
            found.setdefault(label, [])
    for label, secrets in found.items():
        yield Group(label or "“”", tuple(secrets), facts.get(label, ()))


def _facts(part: Element, section: str, secret: set[Path]) -> Iterator[tuple[str, str]]:
    """Values right below an integration that are no secrets."""
    inner = raw_bson.elements(part.data)[:50] if part.kind == raw_bson.DOCUMENT else []
    for child in inner:
        if not child.is_container and (section, part.name, child.name) not in secret:
            value = kinds.shown(child)
            yield raw_bson.printable(child.name)[:_NAME_CHARS], (value.text or value.kind)[:120]


def _changes(user_id: str) -> dict[str, tuple[datetime, str]]:
    """When each secret was last changed here, by its field."""
    collection = mongo.database()[AUDIT_LOG].with_options(codec_options=raw_bson.LENIENT)
    rows = (
        collection.find(
            {"customer_id": user_id, "action": {"$in": _CHANGING}},
            {"at": 1, "actor.email": 1, "after": 1},
        )
        .sort([("at", -1), ("_id", -1)])
        .limit(_ROWS_LOOKED_AT)
    )
    found: dict[str, tuple[datetime, str]] = {}
    for each in rows:
        after, actor = each.get("after"), each.get("actor")
        by = str(actor.get("email", "")) if isinstance(actor, dict) else ""
        if isinstance(after, dict) and isinstance(each.get("at"), datetime):
            for field in after:
                found.setdefault(field, (each["at"], by))
    return found
