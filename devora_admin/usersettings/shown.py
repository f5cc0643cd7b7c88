"""What may be seen of a secret: its last four characters, and those only of a long one."""

from devora_admin.core import raw_bson, sealed
from devora_admin.core.raw_bson import Element, printable
from devora_admin.core.values import edits, kinds
from devora_admin.core.values.paths import Change, Path
from devora_admin.usersettings.secret_paths import PREFERENCES, Place, secrets_below

DOTS = "••••"
LONG = 12
"""Characters. Of a shorter one nothing is shown."""
SHOWN = 4


def ending(text: str) -> str:
    """The last four characters of a secret, "" of a short one."""
    text = text.strip()
    if len(text) < LONG:
        return ""
    return "".join(each if each.isprintable() else "·" for each in printable(text[-SHOWN:]))


def masked(text: str) -> str:
    return f"{DOTS} {ending(text)}".strip()


def masks(preferences: Element) -> dict[Path, str]:
    """What stands in the tree of preferences for each secret among them."""
    return {place.path[1:]: _masked(place) for place in secrets_below(preferences, (PREFERENCES,))}


def without_secrets(preferences: Element) -> Element:
    """The preferences as a form may carry them to a page and back."""
    changes = [
        Change("put", path, raw_bson.element(text)) for path, text in masks(preferences).items()
    ]
    return edits.changed(preferences, changes)


def has_mask(part: Element) -> bool:
    """Whether a value holds what only stood for a secret."""
    if part.is_container:
        return any(map(has_mask, raw_bson.elements(part.data)))
    return kinds.kind_of(part) == "string" and kinds.shown(part).text.startswith(DOTS)


def _masked(place: Place) -> str:
    text = place.text
    return DOTS if text is None or sealed.is_sealed(text) else masked(text)
