from django import forms


class LoginForm(forms.Form):
    email = forms.EmailField(max_length=254)
    password = forms.CharField(max_length=1024, strip=False, widget=forms.PasswordInput)
    next = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)


class CodeForm(forms.Form):
    """A code of the authenticator app, or a recovery code."""

    code = forms.CharField(max_length=40)


class PasskeyAnswer(forms.Form):
    """What the browser's passkey said, as JSON; the page's script fills it in."""

    credential = forms.CharField(max_length=20_000)
    next = forms.CharField(max_length=2000, required=False)
