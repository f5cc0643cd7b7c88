"""Saving a group as a segment, and opening issues of one."""

from typing import Any

from django import forms

from devora_admin.analytics.segments.saving import MAX_NAME
from devora_admin.core.ids import new_id
from devora_admin.support import states

LIVE, ROLLING, FIXED = "live", "rolling", "fixed"
PLATFORM, EACH = "platform", "each"


class SegmentForm(forms.Form):
    """noun: of whom there is to choose how they are kept; "" for a segment there is already.
    days: of a point that may be that of the last days instead. revision: the one the person saw."""

    name = forms.CharField(max_length=MAX_NAME, widget=forms.TextInput(attrs={"autofocus": True}))
    keeps = forms.ChoiceField(label="It holds", choices=[])
    is_shared = forms.BooleanField(label="For everybody", required=False)
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, noun: str = "", days: int = 0, may_share: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keeps"].choices = [  # type: ignore[attr-defined]
            (LIVE, f"The {noun} it is about, found anew each time"),
            *([(ROLLING, f"Those of the last {days} days, found anew each time" if days > 1
                else "Those of the day, found anew each time")] if days else []),
            (FIXED, f"The {noun} it is about now, whatever comes"),
        ]  # fmt: skip
        if not noun:
            del self.fields["keeps"]
        if not may_share:
            del self.fields["is_shared"]


class IssueForm(forms.Form):
    """customers: how many the group has; 0 offers no choice."""

    whom = forms.ChoiceField(label="Issues", choices=[])
    subject = forms.CharField()
    text = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 8}))
    priority = forms.ChoiceField(choices=list(states.PRIORITIES.items()))
    tags = forms.CharField(required=False, help_text="Separated by commas.")
    asked = forms.RegexField(r"^[0-9a-f-]{20,40}\Z", widget=forms.HiddenInput)

    def __init__(self, *args: Any, customers: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("priority", "normal")
        self.initial.setdefault("asked", new_id())
        self.fields["whom"].choices = [  # type: ignore[attr-defined]
            (PLATFORM, "One, about the platform, which leads to the list"),
            (EACH, f"One for each of the {customers:,} customers" if customers != 1 else
             "One for the customer"),
        ]  # fmt: skip
        if not customers:
            del self.fields["whom"]

    @property
    def is_for_each(self) -> bool:
        return self.cleaned_data.get("whom") == EACH
