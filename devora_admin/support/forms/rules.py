from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django import forms

from devora_admin.support.forms.canned import words_in
from devora_admin.support.queries.rules import SOURCES, Rule
from devora_admin.support.services.macro_setup import MAX_NAME
from devora_admin.support.services.rule_setup import MAX_CONDITION
from devora_admin.support.services.texts import MAX_TAG
from devora_admin.support.states import PRIORITIES

ANY = ("", "Any")
_COMMAS = "Separated by commas."


def _text(label: str, limit: int = MAX_CONDITION, note: str = "") -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=limit, help_text=note)


class RuleForm(forms.Form):
    """possible: who works on issues, by id. revision: the one the person saw."""

    name = forms.CharField(max_length=MAX_NAME, widget=forms.TextInput(attrs={"autofocus": True}))
    source = forms.ChoiceField(required=False, choices=[ANY, *SOURCES.items()])
    priority_is = forms.ChoiceField(
        label="Priority", required=False, choices=[ANY, *PRIORITIES.items()]
    )
    tag = _text("Tag", MAX_TAG)
    plan = _text("Customer's plan")
    project_type = _text("Type of the project")
    words = _text("One of these words in the subject", 1000, _COMMAS)
    people = forms.MultipleChoiceField(
        label="Assign to", required=False, widget=forms.CheckboxSelectMultiple
    )
    tags = _text("Tags to add", 1000, _COMMAS)
    priority = forms.ChoiceField(
        label="Set the priority", required=False,
        choices=[("", "Stays as it is"), *PRIORITIES.items()],
    )  # fmt: skip
    is_active = forms.BooleanField(label="In use", required=False)
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, possible: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["people"]
        people.choices = list(possible.items())

    def values(self) -> dict[str, Any]:
        """As services.rule_setup takes them. The form must be valid."""
        data = {key: value for key, value in self.cleaned_data.items() if key != "revision"}
        return data | {key: words_in(data[key]) for key in ("words", "tags")}


class TryForm(forms.Form):
    number = forms.IntegerField(label="Number of an issue", min_value=1, max_value=2**53 - 1)


def initial_of(rule: Rule, possible: Mapping[str, str]) -> dict[str, Any]:
    """Without people who may not work on issues any more: saved again, it is without them."""
    when = asdict(rule.when) | {
        "priority_is": rule.when.priority,
        "words": ", ".join(rule.when.words),
    }
    return when | {
        "name": rule.name,
        "people": [each for each in rule.people if each in possible],
        "tags": ", ".join(rule.tags),
        "priority": rule.priority,
        "is_active": rule.is_active,
        "revision": rule.revision,
    }
