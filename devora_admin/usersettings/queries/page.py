"""The page of a customer's settings: known preferences, the rest as a tree, and the secrets."""

from dataclasses import dataclass

from devora_admin.core import raw_bson
from devora_admin.core.raw_bson import DOCUMENT, Element
from devora_admin.core.values import paths
from devora_admin.core.values.kinds import kind_of, shown
from devora_admin.core.values.paths import Path, path_text
from devora_admin.core.values.tree import Tree, tree
from devora_admin.usersettings import stored
from devora_admin.usersettings.documents import settings
from devora_admin.usersettings.preferences import KNOWN, Preference
from devora_admin.usersettings.queries.secrets import Secrets, secrets_of
from devora_admin.usersettings.secret_paths import API_KEYS, INTEGRATIONS, PREFERENCES
from devora_admin.usersettings.shown import masks, without_secrets

_SECTIONS = {"_id", "id", "user_id", PREFERENCES, API_KEYS, INTEGRATIONS}
_MODELS_LOOKED_AT = 300
_MODELS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Fault:
    """A known preference, or a section, that is not of the type it should be."""

    label: str
    path: str
    """In the tree of preferences, as JSON; "" for a section that is not edited there."""
    kind: str
    text: str
    expected: str
    proposed: str
    """The type a correction starts from."""


@dataclass(frozen=True, slots=True)
class SettingsPage:
    exists: bool
    preferences: Element
    """Without the secrets among them."""
    faults: tuple[Fault, ...]
    tree: Tree
    secrets: Secrets
    others: tuple[tuple[str, str], ...]
    """Name and type of the document's other fields."""

    @property
    def has_form(self) -> bool:
        return self.preferences.kind == DOCUMENT


def settings_page(user_id: str, *, path: Path = (), first: int = 0) -> SettingsPage:
    """A customer without a settings document has empty ones."""
    found = stored.read(user_id)
    root = found.part(PREFERENCES)
    hidden = masks(root)
    preferences = without_secrets(root)
    return SettingsPage(
        exists=found.exists,
        preferences=preferences,
        faults=(*_section_faults(found), *_preference_faults(preferences)),
        tree=tree(
            preferences, name=PREFERENCES, path=path, first=first,
            mask=lambda place, part: hidden.get(place),
        ),
        secrets=secrets_of(found),
        others=tuple(
            (raw_bson.printable(part.name)[:80], kind_of(part))
            for part in found.parts
            if part.name not in _SECTIONS
        ),
    )  # fmt: skip


def preferences_of(user_id: str) -> Element:
    """Without the secrets among them, as forms may carry them."""
    return without_secrets(stored.read(user_id).part(PREFERENCES))


def known_values(preferences: Element) -> dict[str, Element | None]:
    """The stored value of each known preference a form can edit; None for one that is not set."""
    found: dict[str, Element | None] = {}
    for known in KNOWN:
        part = _find(preferences, known)
        if part is not None and not known.fault(part):
            found[known.name] = part
        elif part is None and not known.is_optional:
            found[known.name] = None
    return found


def models_seen() -> tuple[str, ...]:
    """Names of models that the newest settings use, the most common first."""
    rows = (
        settings()
        .with_options(codec_options=raw_bson.LENIENT)
        .find({}, {"_id": 0, "preferences.model": 1})
        .sort("_id", -1)
        .limit(_MODELS_LOOKED_AT)
    )
    counted: dict[str, int] = {}
    for row in rows:
        preferences = row.get(PREFERENCES)
        model = preferences.get("model") if isinstance(preferences, dict) else None
        if raw_bson.is_text(model) and 0 < len(model) <= 100 and raw_bson.printable(model) == model:
            counted[model] = counted.get(model, 0) + 1
    return tuple(sorted(counted, key=lambda model: (-counted[model], model))[:_MODELS_SHOWN])


def _find(preferences: Element, known: Preference) -> Element | None:
    return paths.find(preferences, (known.name,)) if preferences.kind == DOCUMENT else None


def _preference_faults(preferences: Element) -> list[Fault]:
    found = []
    for known in KNOWN:
        part = _find(preferences, known)
        if part is not None and known.fault(part):
            value = shown(part)
            found.append(
                Fault(known.label, path_text((known.name,)), value.kind, value.text[:120],
                      known.expected, known.kinds[0])
            )  # fmt: skip
    return found


def _section_faults(found: stored.Stored) -> list[Fault]:
    return [
        Fault(
            name, path_text(()) if name == PREFERENCES else "", kind_of(part), "", "an object",
            "object",
        )
        for name in (PREFERENCES, API_KEYS, INTEGRATIONS)
        if (part := found.part(name)).kind != DOCUMENT
    ]  # fmt: skip
