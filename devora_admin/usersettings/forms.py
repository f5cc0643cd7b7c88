"""The form of the known preferences, and those of one secret."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from devora_admin.core.errors import InvalidInput
from devora_admin.core.raw_bson import Element
from devora_admin.core.values import ejson
from devora_admin.core.values.kinds import shown as as_shown
from devora_admin.staff.elevation import ProofForm
from devora_admin.usersettings.preferences import KNOWN, Preference
from devora_admin.usersettings.services.secrets import MAX_CHARS

REASON_CHARS = 500
Shown = Mapping[str, Element | None]


class PreferencesForm(forms.Form):
    """shown: the stored values the page was made from; on a POST it is what the page sent back."""

    seen = forms.CharField(max_length=200_000, strip=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, shown: Shown, models: Sequence[str] = ()) -> None:
        initial: dict[str, Any] = {"seen": seen_text(shown)}
        super().__init__(data, initial=initial)
        self.lists: list[tuple[str, Sequence[str]]] = []
        for known in KNOWN:
            if known.name in shown:
                part = shown[known.name]
                self.fields[known.name] = _field(known, part)
                if known.field == "text":
                    suggested = known.suggestions() if known.suggestions else models
                    self.lists.append((f"seen-{known.name}", suggested))
                self.initial[known.name] = _initial(known, part)

    def shown_now(self, now: Mapping[str, str | None]) -> None:
        """Takes over what is stored now: the next save is a decision about that."""
        seen = {**read_seen_texts(self.data["seen"]), **now}
        self.data = {**self.data.dict(), "seen": ejson.dumps(seen)}  # type: ignore[attr-defined]


def seen_text(shown: Shown) -> str:
    texts = {
        name: None if part is None else ejson.dumps(ejson.canonical(part))
        for name, part in shown.items()
    }
    return ejson.dumps(texts)


def read_seen_texts(text: str) -> dict[str, str | None]:
    """Raises InvalidInput."""
    found = ejson.loads(text)
    names = {known.name for known in KNOWN}
    valid = isinstance(found, dict) and all(
        name in names and (value is None or isinstance(value, str)) for name, value in found.items()
    )
    if not valid:
        raise InvalidInput("This form is not as the page made it. Reload the page.")
    return dict(found)


def read_seen(text: str) -> dict[str, Element | None]:
    """Raises InvalidInput."""
    found: dict[str, Element | None] = {}
    known = {each.name: each for each in KNOWN}
    for name, value in read_seen_texts(text).items():
        part = None if value is None else ejson.to_element(ejson.loads(value))
        if part is not None and known[name].fault(part):
            raise InvalidInput("This form is not as the page made it. Reload the page.")
        found[name] = part
    return found


def _initial(known: Preference, part: Element | None) -> Any:
    if part is None:
        return False if known.field == "switch" else ""
    text = as_shown(part).text
    if known.field == "switch":
        return text == "true"
    return int(float(text)) if known.field == "number" else text


def _field(known: Preference, part: Element | None) -> forms.Field:
    hint = "" if part is not None else "Not set: the platform decides."
    if known.field == "switch":
        return forms.BooleanField(label=known.label, required=False, help_text=hint)
    if known.field == "number":
        return forms.IntegerField(
            label=known.label, required=False, min_value=known.least, max_value=known.most,
            help_text=hint or f"{known.least} to {known.most}.",
        )  # fmt: skip
    if known.field == "choice":
        choices = list(known.choices)
        stored = "" if part is None else as_shown(part).text
        if stored not in choices:
            choices.insert(0, stored)
        return forms.ChoiceField(
            label=known.label, required=False, help_text=hint,
            choices=[(each, each.capitalize() if each in known.choices else each or "Not set")
                     for each in choices],
        )  # fmt: skip
    widget = forms.TextInput(attrs={"list": f"seen-{known.name}", "autocomplete": "off"})
    return forms.CharField(
        label=known.label, required=False, max_length=known.max_length, help_text=hint,
        widget=widget, strip=False,
    )  # fmt: skip


class SecretInput(forms.Textarea):
    """Takes a secret, of one line or several, and never gives it back to a page."""

    def __init__(self) -> None:
        super().__init__(
            attrs={"rows": 3, "class": "mono secret-input", "autocomplete": "off",
                   "spellcheck": "false", "autocapitalize": "off", "autofocus": True}
        )  # fmt: skip

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


class _OfSecret(forms.Form):
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)


class TestForm(_OfSecret):
    pass


class ReplaceForm(_OfSecret):
    value = forms.CharField(
        label="New secret", strip=False, max_length=MAX_CHARS + 10, widget=SecretInput(),
        help_text="It is encrypted before it is stored, and this page does not show it again.",
    )  # fmt: skip


class RevokeForm(_OfSecret):
    reason = forms.CharField(max_length=REASON_CHARS)


class RevealForm(ProofForm):
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    reason = forms.CharField(
        max_length=REASON_CHARS,
        help_text="It stands in the audit log with your name, before anything is shown.",
    )
