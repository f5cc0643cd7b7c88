from django import forms

from devora_admin.support.mail.csat import MAX_COMMENT, RATINGS


class CsatForm(forms.Form):
    rating = forms.ChoiceField(
        label="Are you satisfied?",
        choices=list(RATINGS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the two."},
    )
    comment = forms.CharField(
        label="What should we know?",
        required=False,
        max_length=MAX_COMMENT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
