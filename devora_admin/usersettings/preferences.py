"""The preferences the dashboard knows. Add one to KNOWN and it has a field on the page.

What is not here is kept and edited as a typed tree.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import available_timezones

from devora_admin.core.raw_bson import Element
from devora_admin.core.values.kinds import kind_of, shown

FieldKind = Literal["choice", "text", "switch", "number"]


@dataclass(frozen=True, slots=True)
class Preference:
    name: str
    label: str
    field: FieldKind
    choices: tuple[str, ...] = ()
    """Of a choice. One the platform stored beside these is kept and offered too."""
    suggestions: Callable[[], Sequence[str]] | None = None
    """Of a text; what others use, where it is "seen"."""
    least: int = 0
    most: int = 0
    max_length: int = 200
    is_optional: bool = False
    """Whether it has a field only where the platform stored it."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """BSON types it may have; the first is the one it gets."""
        return {"switch": ("bool",), "number": ("int32", "int64", "double")}.get(
            self.field, ("string",)
        )

    def fault(self, part: Element) -> str:
        """What is wrong with the stored value; "" when it can be edited here."""
        kind = kind_of(part)
        if kind not in self.kinds:
            return f"{_a(kind)}; {self.expected} is expected"
        value = shown(part)
        if not value.text.isprintable() or len(value.text) > self.max_length:
            return f"a text this field cannot hold; {self.expected} is expected"
        if self.field == "number":
            number = float(value.text)
            if not number.is_integer():
                return f"no whole number; {self.expected} is expected"
        return ""

    @property
    def expected(self) -> str:
        if self.field == "number":
            return f"a whole number from {self.least} to {self.most}"
        return "true or false" if self.field == "switch" else "a text"


def _a(kind: str) -> str:
    article = "an" if kind[0] in "aiouO" else "a"
    return f"{article} {kind}"


def _time_zones() -> Sequence[str]:
    return sorted(available_timezones())


KNOWN = (
    Preference("theme", "Theme", "choice", choices=("light", "dark", "system")),
    Preference("model", "Model", "text"),
    Preference("autosave", "Autosave", "switch"),
    Preference("font_size", "Font size", "number", least=8, most=32),
    Preference("locale", "Locale", "text", is_optional=True, max_length=35,
               suggestions=lambda: ("de", "en", "en-GB", "en-US", "es", "fr", "ja", "pt-BR")),
    Preference("timezone", "Time zone", "text", is_optional=True, max_length=64,
               suggestions=_time_zones),
)  # fmt: skip
