from django import forms

from devora_admin.users.services.texts import MAX_REASON
from devora_admin.users.viewing import MOST_MINUTES


class ViewAsForm(forms.Form):
    reason = forms.CharField(
        max_length=MAX_REASON,
        help_text="Kept in the audit log with your name.",
        widget=forms.Textarea(attrs={"rows": 2, "autofocus": True}),
    )
    minutes = forms.IntegerField(
        label="For how many minutes",
        min_value=1,
        max_value=MOST_MINUTES,
        initial=15,
        help_text=f"{MOST_MINUTES} at most; you can stop before.",
    )
