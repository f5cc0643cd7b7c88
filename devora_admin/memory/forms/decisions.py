"""What staff decide about a preference or an item. expected: the standing they saw."""

from typing import Any

from django import forms

from devora_admin.memory.preferences.vocabulary import TOPICS
from devora_admin.memory.services.deciding import LONGEST_CORRECTION


class PreferenceForm(forms.Form):
    topic = forms.CharField(max_length=40)
    value = forms.CharField(max_length=80)
    expected = forms.CharField(max_length=10, required=False)


class CorrectPreferenceForm(forms.Form):
    correction = forms.ChoiceField(label="It should be")

    def __init__(self, *args: Any, topic: str, value: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = TOPICS.get(topic)
        others = sorted(each for each in known.values if each != value) if known else []
        correction: Any = self.fields["correction"]
        correction.choices = [("", "Choose"), *((each, each) for each in others)]


class ItemForm(forms.Form):
    expected = forms.CharField(max_length=10, required=False)


class CorrectItemForm(ItemForm):
    text = forms.CharField(
        label="It should say",
        max_length=LONGEST_CORRECTION,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    expected = forms.CharField(max_length=10, required=False, widget=forms.HiddenInput)
