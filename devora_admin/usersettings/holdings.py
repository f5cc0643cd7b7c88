"""What this app holds about a customer: their settings.

Exported with secrets cut to their ends: they are the customer's own, but a zip is mailed about, and
whoever has it could use them. The customer can see them on the platform.
"""

from collections.abc import Iterator
from typing import Any

from devora_admin.core import raw_bson, sealed
from devora_admin.core.values import lines
from devora_admin.core.values.ejson import is_wrapper
from devora_admin.staff.masking import DOTS, SECRET
from devora_admin.users import holdings
from devora_admin.users.holdings import Entry, Holding, Marks
from devora_admin.usersettings.documents import SETTINGS, settings
from devora_admin.usersettings.secret_paths import Place, secrets_in

_SHOWS_ITS_END = 12
"""Characters; the last four of less would give too much away."""


def register() -> None:
    """Called once, when the app is ready."""
    holdings.register(
        Holding(
            "settings", "Settings and secrets", holdings.RECORDS, (SETTINGS,),
            count=lambda marks: holdings.count(settings(), _own(marks)),
            export=_export,
            erase=lambda marks: holdings.batches(settings(), _own(marks)),
            verdict={SETTINGS: holdings.owned_by("user_id")},
        )
    )  # fmt: skip


def _own(marks: Marks) -> dict[str, Any]:
    return {"user_id": holdings.one_of(marks.ids)}


def _export(marks: Marks) -> Iterator[Entry]:
    found = lines.documents(settings(), _own(marks), shape=_without_secrets)
    yield Entry("settings.jsonl", lines.json_lines(found))


def _without_secrets(data: bytes) -> Any:
    tree = lines.tree_of(data)
    try:
        parts = raw_bson.elements(data)
        owner = next((part.decoded() for part in parts if part.name == "user_id"), "")
        places = list(secrets_in(parts))
    except ValueError:
        return {"$broken": "left out: it cannot be told what in it is secret"}
    for place in places:
        _put(tree, place.path, _ending(place, str(owner)))
    return tree


def _put(tree: Any, path: tuple[str | int, ...], shown: str) -> None:
    *steps, last = path
    for step in steps:
        tree = tree[step]
    if is_wrapper(tree):  # a value that is written as an object, such as {"$code": …}
        tree.clear()
    tree[last] = shown


def _ending(place: Place, owner: str) -> str:
    text = place.text
    if text is not None and sealed.is_sealed(text):
        try:
            text = sealed.unseal(text, owner=owner, field=place.field)
        except sealed.Unreadable:
            return SECRET
    return DOTS + text[-4:] if text and len(text) >= _SHOWS_ITS_END else SECRET
