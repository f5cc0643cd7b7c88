"""Opening an issue of what was found, and dismissing it."""

from typing import Any

from django import forms

from devora_admin.support import states
from devora_admin.support.suggestions import words

_PLATFORM, EACH = "platform", "each"


class OpenForm(forms.Form):
    """customers: how many a spike has hit; "" offers no choice.

    is_rest: for those alone who have no issue yet.
    """

    whom = forms.ChoiceField(label="Issues", choices=[])
    subject = forms.CharField()
    text = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 8}))
    priority = forms.ChoiceField(choices=list(states.PRIORITIES.items()))
    tags = forms.CharField(required=False, help_text="Separated by commas.")

    def __init__(self, *args: Any, customers: str, is_rest: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not customers:
            del self.fields["whom"]
            return
        if is_rest:
            rest = "One for each customer it hit who has none yet"
            self.fields["whom"].choices = [(EACH, rest)]  # type: ignore[attr-defined]
            self.initial.setdefault("whom", EACH)
            return
        several = f"One for each of the {customers} customers it hit"
        self.fields["whom"].choices = [  # type: ignore[attr-defined]
            (_PLATFORM, "One, about the platform, which leads to the customers it hit"),
            (EACH, several if customers != "1" else "One for the customer it hit"),
        ]
        self.initial.setdefault("whom", _PLATFORM)

    @property
    def is_for_each(self) -> bool:
        return self.cleaned_data.get("whom") == EACH


class DismissForm(forms.Form):
    reason = forms.ChoiceField(label="Why", choices=list(words.REASONS.items()))
