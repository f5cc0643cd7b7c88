"""The settings on a customer's page: the known preferences, and how the secrets are kept."""

from collections import Counter
from dataclasses import dataclass

from devora_admin.core.raw_bson import DOCUMENT
from devora_admin.core.values import paths
from devora_admin.core.values.kinds import shown
from devora_admin.users.panels import SETTINGS, Can, Panel, Tab
from devora_admin.usersettings import stored
from devora_admin.usersettings.preferences import KNOWN
from devora_admin.usersettings.queries.secrets import row
from devora_admin.usersettings.secret_paths import PREFERENCES
from devora_admin.usersettings.shown import without_secrets

_COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Summary:
    preferences: tuple[tuple[str, str], ...]
    secrets: int
    plain: int
    unreadable: int


def summary(user_id: str, can: Can) -> Summary:
    found = stored.read(user_id)
    preferences = without_secrets(found.part(PREFERENCES))
    places = found.secrets
    states = Counter(row(user_id, place, {}).state for place in places[:_COUNTED])
    return Summary(
        preferences=tuple(
            (known.label, shown(part).text[:60] or shown(part).kind)
            for known in KNOWN
            if preferences.kind == DOCUMENT and (part := paths.find(preferences, (known.name,)))
        ),
        secrets=len(places),
        plain=states["plain"],
        unreadable=states["unreadable"],
    )


PANEL = Panel(
    name="settings",
    title="Settings",
    icon="sliders",
    order=SETTINGS,
    permission="settings.view",
    template="usersettings/panel.html",
    load=summary,
)
TAB = Tab(
    "settings",
    "Settings",
    icon="sliders",
    order=SETTINGS,
    url_name="usersettings:detail",
    permission="settings.view",
)
