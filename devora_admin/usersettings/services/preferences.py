"""Changes to a customer's preferences: the known ones together, any value of the tree by itself."""

from collections.abc import Mapping
from typing import Any

from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.core.raw_bson import DOCUMENT, Element
from devora_admin.core.values import edits, ejson, kinds, paths
from devora_admin.core.values.paths import Change, Path
from devora_admin.staff import audit
from devora_admin.usersettings.preferences import KNOWN, Preference
from devora_admin.usersettings.secret_paths import PREFERENCES, secrets_below
from devora_admin.usersettings.services import document
from devora_admin.usersettings.services.document import Written
from devora_admin.usersettings.shown import has_mask, without_secrets

Wanted = Mapping[str, str | bool | int | None]
Shown = Mapping[str, Element | None]

ACTION = "settings.preferences"


def change_tree(user_id: str, plan: edits.Plan, verb: str, *, actor: audit.Actor) -> str:
    """Runs a plan of a typed tree on the preferences and returns the audit row's id.

    The plan sees them without their secrets, as its forms did. Raises what it raises, and
    InvalidInput where it would touch a secret: that has its own way to be replaced.
    """

    def checked(root: Element) -> list[Change]:
        changes = list(plan(without_secrets(root)))
        for change in changes:
            if _holds_secret(root, change.path) or has_mask(change.value):
                raise InvalidInput(
                    "There is a secret in this, which must stay where it is: "
                    "replace or revoke it by itself."
                )
        return changes

    return document.change(
        user_id, PREFERENCES, checked, told, action=f"{ACTION}.{verb}", actor=actor
    )


def save_known(user_id: str, *, shown: Shown, wanted: Wanted, actor: audit.Actor) -> str:
    """Writes the known preferences that differ from what was shown; returns the audit row's id.

    shown: the stored values when the page was made, None for one that was not there.
    Raises InvalidInput at a field, or Conflict with both values when someone else changed one of
    the same; its detail holds `now`, the stored values by name.
    """
    preferences = {known.name: known for known in KNOWN if known.name in wanted}
    changes = {
        name: change
        for name, known in preferences.items()
        if (change := _change(known, shown.get(name), wanted[name]))
    }

    def plan(root: Element) -> list[Change]:
        if root.kind != DOCUMENT:
            raise Conflict("The preferences are no object any more. Nothing was written.")
        theirs = {
            name: now
            for name in changes
            if not _same(now := paths.find(root, (name,)), shown.get(name))
        }
        if theirs:
            raise _conflict(preferences, changes, theirs)
        return list(changes.values())

    return document.change(user_id, PREFERENCES, plan, told, action=f"{ACTION}.save", actor=actor)


def _change(
    known: Preference, shown: Element | None, wanted: str | bool | int | None
) -> Change | None:
    if wanted is None or wanted == "":
        is_empty = shown is None or not kinds.shown(shown).text
        return None if is_empty else Change("drop", (known.name,))
    if shown is None and wanted is False:
        return None  # a switch nobody has touched
    kind = kinds.kind_of(shown) if shown else known.kinds[0]
    text = str(wanted).lower() if isinstance(wanted, bool) else str(wanted)
    try:
        value = kinds.parsed(kind, text, previous=shown)
    except InvalidInput as error:
        raise InvalidInput(error.message, field=known.name) from error
    return None if shown and value.value == shown.value else Change("put", (known.name,), value)


def _same(now: Element | None, shown: Element | None) -> bool:
    return (now.value if now else None) == (shown.value if shown else None)


def _conflict(
    preferences: Mapping[str, Preference],
    changes: Mapping[str, Change],
    theirs: Mapping[str, Element | None],
) -> Conflict:
    sides = [
        f"{preferences[name].label} is now {readable(now)}; yours is "
        f"{readable(changes[name].value if changes[name].verb == 'put' else None)}"
        for name, now in theirs.items()
    ]
    return Conflict(
        f"Someone else changed this meanwhile. {'. '.join(sides)}. Nothing was written: "
        "save again to write yours.",
        detail={"now": {name: _text(now) for name, now in theirs.items()}},
    )


def readable(part: Element | None) -> str:
    if part is None:
        return "not set"
    value = kinds.shown(part)
    return f"“{value.text[:100]}”" if value.text else value.kind


def _text(part: Element | None) -> str | None:
    return None if part is None else ejson.dumps(ejson.canonical(part))


def told(written: Written) -> tuple[dict[str, Any], dict[str, Any]]:
    """For the audit log: every place by its path, what holds a secret by its type alone."""
    return _told(written.before, written), _told(written.after, written)


def _told(root: Element, written: Written) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for place in written.places:
        part = paths.find(root, place)
        name = paths.path_name((PREFERENCES, *place))
        if part is None:
            found[name] = None
        elif _holds_secret(root, place):
            found[name] = f"{kinds.kind_of(part)} with a secret in it"
        else:
            found[name] = edits.audited_value(part)
    return found


def _holds_secret(root: Element, place: Path) -> bool:
    part = paths.find(root, place)
    return part is not None and any(secrets_below(part, (PREFERENCES, *place)))
