"""The settings of two accounts become those of one, place by place, on bytes.

The absorbed account keeps its own document. What is copied from it is sealed for the new owner: a
sealed value opens for nobody else.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bson.raw_bson import RawBSONDocument
from django.utils.crypto import salted_hmac
from pymongo.client_session import ClientSession

from devora_admin.core import raw_bson, sealed
from devora_admin.core.errors import Conflict
from devora_admin.core.raw_bson import DOCUMENT, Element
from devora_admin.core.values import edits, kinds, paths
from devora_admin.core.values.paths import Change, Path, path_label, path_text
from devora_admin.users.ownership import Clash, Preview
from devora_admin.usersettings import stored
from devora_admin.usersettings.documents import settings
from devora_admin.usersettings.secret_paths import field_of, secrets_below
from devora_admin.usersettings.shown import masked
from devora_admin.usersettings.stored import Stored

_OURS = ("_id", "id", "user_id")
_RECORD = "customer_merges.settings"
_SHOWN_CHARS = 80


@dataclass(frozen=True, slots=True)
class _Place:
    path: Path
    """A field of the document, or a key of one."""
    kept: Element | None
    absorbed: Element


class SettingsJoin:
    name = "settings"

    def preview(self, kept_id: str, absorbed_id: str) -> Preview:
        kept, absorbed = stored.read(kept_id), stored.read(absorbed_id)
        comes, clashes, stays = [], [], []
        for place in _places(kept, absorbed):
            label = path_label(place.path)
            moved = _for_owner(place, absorbed_id, kept_id)
            if moved is None:
                stays.append(f"{label} (cannot be decrypted)")
            elif place.kept is None:
                comes.append(label)
            elif not _says_same(place, kept_id, absorbed_id):
                shown = _shown(place.kept, place.path, kept_id)
                other = _shown(place.absorbed, place.path, absorbed_id)
                clashes.append(Clash(_name(place), label, shown, other))
        return Preview("Settings", tuple(comes), tuple(clashes), tuple(stays))

    def join(
        self, kept_id: str, absorbed_id: str, *, take: Iterable[str], session: ClientSession
    ) -> str:
        kept = stored.read(kept_id, session=session)
        absorbed = stored.read(absorbed_id, session=session)
        taken = set(take)
        written: list[tuple[Path, Element | None, Element]] = []
        for place in _places(kept, absorbed):
            if place.kept is not None and _name(place) not in taken:
                continue
            moved = _for_owner(place, absorbed_id, kept_id)
            if moved is not None:
                written.append((place.path, place.kept, moved))
        for path, _, value in written:
            _put(kept_id, path, value, session)
        return _remembered(kept, written) if written else ""

    def part(self, kept_id: str, record: str, *, session: ClientSession) -> None:
        if not record:
            return
        fields, written = _recalled(kept_id, record)
        found = stored.read(kept_id, session=session)
        for path, _, after in written:
            now = _at(found, path)
            if now is None or now.value != after.value:
                raise Conflict(f"The setting {path_label(path)} has been changed since.")
        if not fields and _holds_only(found, [path for path, _, _ in written]):
            settings().delete_one({"user_id": kept_id}, session=session)
            return
        for path, before, _ in written:
            _put(kept_id, path, before, session)
        for made in {str(path[0]) for path, _, _ in written}.difference(fields):
            # The field came with the join; it goes again unless something else is in it now.
            empty = {"user_id": kept_id, made: {}}
            settings().update_one(empty, {"$unset": {made: ""}}, session=session)


JOIN = SettingsJoin()


def _places(kept: Stored, absorbed: Stored) -> Iterator[_Place]:
    """Key by key where both hold objects, else field by field; what is equal is left out."""
    for part in absorbed.parts:
        if part.name in _OURS:
            continue
        here = next((each for each in kept.parts if each.name == part.name), None)
        if part.kind == DOCUMENT and (here is None or here.kind == DOCUMENT):
            inside = {each.name: each for each in raw_bson.elements(here.data)} if here else {}
            for child in raw_bson.elements(part.data):
                if not _same(inside.get(child.name), child):
                    yield _Place((part.name, child.name), inside.get(child.name), child)
        elif not _same(here, part):
            yield _Place((part.name,), here, part)


def _same(left: Element | None, right: Element) -> bool:
    return left is not None and left.value == right.value


def _name(place: _Place) -> str:
    both = (place.kept.value if place.kept else b"") + place.absorbed.value
    return salted_hmac("settings.merge", path_text(place.path).encode() + both).hexdigest()[:20]


def _for_owner(place: _Place, old: str, new: str) -> Element | None:
    """The absorbed value sealed for its new owner; None when one in it cannot be opened."""
    value = place.absorbed
    for secret in secrets_below(value, place.path):
        if secret.text is None or not sealed.is_sealed(secret.text):
            continue
        try:
            text = sealed.unseal(secret.text, owner=old, field=secret.field)
        except sealed.Unreadable:
            return None
        made = raw_bson.element(sealed.seal(text, owner=new, field=secret.field))
        below = secret.path[len(place.path) :]
        value = paths.applied(value, Change("put", below, made)) if below else made
    return value


def _says_same(place: _Place, kept_id: str, absorbed_id: str) -> bool:
    """Whether two values that are sealed apart hold the same secret."""
    opened = [
        _opened(part, place.path, owner)
        for part, owner in ((place.kept, kept_id), (place.absorbed, absorbed_id))
    ]
    return opened[0] is not None and opened[0] == opened[1]


def _opened(part: Element | None, path: Path, owner: str) -> str | None:
    if part is None or part.kind != 0x02:
        return None
    text = str(part.decoded())
    if not sealed.is_sealed(text):
        return text
    try:
        return sealed.unseal(text, owner=owner, field=field_of(path))
    except sealed.Unreadable:
        return None


def _shown(part: Element, path: Path, owner: str) -> str:
    if any(True for _ in secrets_below(part, path)):
        text = _opened(part, path, owner)
        return masked(text) if text is not None else "holds secrets"
    text = kinds.shown(part).text or kinds.kind_of(part)
    return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…"


def _put(user_id: str, path: Path, value: Element | None, session: ClientSession) -> None:
    """Sets or removes one place, making the document where there is none."""
    found = stored.read(user_id, session=session)
    field, below = str(path[0]), path[1:]
    root = found.part(field)
    if not below:
        put = [value.named(field)] if value is not None else []
        drop = [] if value is not None else [raw_bson.element("", field)]
    else:
        change = Change("put", below, value) if value is not None else Change("drop", below)
        after = edits.changed(root, [change])
        whole = not any(part.name == field for part in found.parts)
        places = [()] if whole else paths.write_paths(root, [change])
        put, drop = edits.written(after, places, name=field)
    operators = [
        Element(DOCUMENT, verb, raw_bson.build(parts))
        for verb, parts in (("$set", put), ("$unset", drop))
        if parts
    ]
    settings().update_one(
        {"user_id": user_id},
        RawBSONDocument(raw_bson.build(operators)),
        upsert=value is not None,
        session=session,
    )


def _at(found: Stored, path: Path) -> Element | None:
    root = next((part for part in found.parts if part.name == path[0]), None)
    return paths.find(root, path[1:]) if root is not None else None


def _holds_only(found: Stored, written: list[Path]) -> bool:
    """Whether a document the join made holds nothing but what it wrote."""
    for part in found.parts:
        if part.name in _OURS or (part.name,) in written:
            continue
        if part.kind != DOCUMENT:
            return False
        if any((part.name, child.name) not in written for child in raw_bson.elements(part.data)):
            return False
    return True


def _remembered(kept: Stored, written: list[tuple[Path, Element | None, Element]]) -> str:
    """Sealed as a whole: it holds what the values were before, secrets in plain text too."""
    tree: Any = {
        "fields": [part.name for part in kept.parts],
        "written": [
            [path, None if before is None else _packed(before), _packed(after)]
            for path, before, after in written
        ],
    }
    return sealed.seal(json.dumps(tree), owner=kept.user_id, field=_RECORD)


def _recalled(
    owner: str, record: str
) -> tuple[list[str], list[tuple[Path, Element | None, Element]]]:
    """The fields there were before, and per place what it held before and after."""
    try:
        tree = json.loads(sealed.unseal(record, owner=owner, field=_RECORD))
    except sealed.Unreadable as error:
        raise Conflict("The settings as they were cannot be read any more.") from error
    written = [
        (tuple(path), None if before is None else _unpacked(before), _unpacked(after))
        for path, before, after in tree["written"]
    ]
    return tree["fields"], written


def _packed(part: Element) -> str:
    return base64.b64encode(part.value).decode()


def _unpacked(text: str) -> Element:
    data = base64.b64decode(text)
    return Element(data[0], "", data[1:])
