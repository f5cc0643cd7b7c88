"""Setting up and taking away the authenticator app, passkeys and recovery codes."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from devora_admin.core import sealed
from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.core.http import redirect, redirect_to, safe_next, toast
from devora_admin.shell import dialogs
from devora_admin.shell.dialogs import Dialog
from devora_admin.staff import account, audit, devices, elevation
from devora_admin.staff.elevation import ProofForm
from devora_admin.staff.factors import passkeys, totp
from devora_admin.staff.factors.stored import factors_of
from devora_admin.staff.forms.account import PasskeyForm, PasskeyNameForm, TotpForm
from devora_admin.staff.permissions import before_second_factor, staff_can
from devora_admin.staff.sign_in import lacks_second_factor
from devora_admin.staff.views.account import person

_WRONG_CODE = "That is not the code of this moment. Look at the app again, and at your clock."


@before_second_factor
@staff_can("staff.self")
@sensitive_post_parameters("code", "offered", "proof")
@never_cache
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """The authenticator app's QR code, and the code that shows it was taken in."""
    user_id = str(person(request).pk)
    if request.method == "GET":
        secret = totp.new_secret()
        start = {
            "offered": totp.offer(secret, user_id=user_id),
            "next": request.GET.get("next", ""),
        }
        return _setup_page(request, TotpForm(request=request, initial=start), secret)
    form = TotpForm(request.POST, request=request)
    try:
        secret = totp.offered(request.POST.get("offered", ""), user_id=user_id)
    except sealed.Unreadable:
        return toast(redirect(request, "staff:second_factor"), "Start again.", level="warning")
    if not form.is_valid():
        return _setup_page(request, form, secret, status=422)
    steps = totp.steps_of(secret, form.cleaned_data["code"])
    if not steps:
        form.add_error("code", _WRONG_CODE)
        return _setup_page(request, form, secret, status=422)
    new = account.NewTotp(secret, steps[0])
    codes = account.turn_on_totp(request, new, actor=audit.actor_of(request))
    return _done(request, codes, form.cleaned_data["next"], "Authenticator app set up")


def _setup_page(
    request: HttpRequest, form: TotpForm, secret: str, *, status: int = 200
) -> HttpResponse:
    is_first = lacks_second_factor(request, person(request))
    context = {
        "form": form,
        "is_first": is_first,
        "frame": "errors/base.html" if is_first else "base.html",
        "qr_code": totp.qr_code(secret, email=person(request).email),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "factors": factors_of(str(person(request).pk)),
        "next": form["next"].value() or "",
    }
    return render(request, "staff/second_factor.html", context, status=status)


def _passkey_form(request: HttpRequest) -> PasskeyForm:
    name = devices.describe(devices.user_agent(request))
    start = {"name": name, "next": request.GET.get("next", request.POST.get("next", ""))}
    return PasskeyForm(initial=start)


def _done(request: HttpRequest, codes: list[str], wanted: str, words: str) -> HttpResponse:
    """The first recovery codes, which are shown this once; else back to the account."""
    home = reverse("staff:account")
    target = safe_next(request, wanted, default=home)
    if not codes:
        return toast(redirect_to(request, target), words)
    return _codes_page(request, codes, target)


def _codes_page(request: HttpRequest, codes: list[str], target: str) -> HttpResponse:
    text = f"Devora Admin, recovery codes of {person(request).email}\n\n" + "\n".join(codes)
    context = {"codes": codes, "text": text, "next": target}
    return render(request, "staff/recovery_codes.html", context)


@before_second_factor
@staff_can("staff.self")
@require_POST
def passkey_options(request: HttpRequest) -> HttpResponse:
    _require_proof(request)
    return JsonResponse(passkeys.begin_registration(request, person(request)))


@before_second_factor
@staff_can("staff.self")
@never_cache
@require_http_methods(["GET", "POST"])
def add_passkey(request: HttpRequest) -> HttpResponse:
    is_first = lacks_second_factor(request, person(request))
    context: dict[str, Any] = {
        "form": _passkey_form(request),
        "is_first": is_first,
        "frame": "errors/base.html" if is_first else "base.html",
        "passkey_host": passkeys.rp_id(request),
        "better_address": passkeys.better_address(request),
    }
    if request.method == "GET":
        # Asked for before the device makes a passkey, which nothing could take back.
        asks = not elevation.is_fresh(request, elevation.FOR_CHANGES)
        context["proof"] = ProofForm(request=request) if asks else None
        return render(request, "staff/passkey.html", context)
    form = PasskeyForm(request.POST)
    try:
        _require_proof(request)
        if form.is_valid():
            return _add(request, form.cleaned_data)
    except (InvalidInput, Conflict) as problem:
        form.add_error(None, problem.message)
    return render(request, "staff/passkey.html", {**context, "form": form}, status=422)


def _require_proof(request: HttpRequest) -> None:
    if not elevation.is_fresh(request, elevation.FOR_CHANGES):
        raise InvalidInput("Confirm that it is you first: reload this page.")


def _add(request: HttpRequest, data: dict[str, Any]) -> HttpResponse:
    user = person(request)
    if not data["credential"]:
        raise InvalidInput("Your browser sent no passkey. It needs JavaScript to.")
    passkey = passkeys.finish_registration(request, user, data["credential"])
    codes = account.add_passkey(request, passkey, name=data["name"], actor=audit.actor_of(request))
    return _done(request, codes, data["next"], "Passkey added")


@before_second_factor
@staff_can("staff.self")
@sensitive_post_parameters("proof")
@require_POST
def prove(request: HttpRequest) -> HttpResponse:
    """The password or a code, before a passkey is made."""
    form = ProofForm(request.POST, request=request)
    if form.is_valid():
        query = f"?{urlencode({'next': request.POST['next']})}" if request.POST.get("next") else ""
        return redirect_to(request, reverse("staff:add_passkey") + query)
    is_first = lacks_second_factor(request, person(request))
    frame = "errors/base.html" if is_first else "base.html"
    host = passkeys.rp_id(request)
    context = {"proof": form, "frame": frame, "is_first": is_first, "passkey_host": host}
    return render(request, "staff/passkey.html", context, status=422)


@staff_can("staff.self")
@require_http_methods(["GET", "POST"])
def rename_passkey(request: HttpRequest, passkey_id: str) -> HttpResponse:
    passkey = account.passkey_of(person(request), passkey_id)
    form = PasskeyNameForm(request.POST or None, initial={"name": passkey.name})

    def save(data: Any) -> HttpResponse:
        actor = audit.actor_of(request)
        account.rename_passkey(person(request), passkey_id, name=data["name"], actor=actor)
        return toast(redirect(request, "staff:account"), "Passkey renamed")

    dialog = Dialog("Rename the passkey", "Save", reverse("staff:account"))
    return dialogs.answer(request, dialog, form, save)


@staff_can("staff.self")
@require_http_methods(["GET", "POST"])
def remove_passkey(request: HttpRequest, passkey_id: str) -> HttpResponse:
    passkey = account.passkey_of(person(request), passkey_id)

    def save(data: Any) -> HttpResponse:
        account.remove_passkey(person(request), passkey_id, actor=audit.actor_of(request))
        return toast(redirect(request, "staff:account"), "Passkey removed")

    intro = f"“{passkey.name}” no longer signs you in. Delete it on the device as well."
    dialog = Dialog("Remove the passkey", "Remove", reverse("staff:account"), intro, "danger")
    return dialogs.answer(request, dialog, _proof(request), save)


@staff_can("staff.self")
@require_http_methods(["GET", "POST"])
def turn_off_totp(request: HttpRequest) -> HttpResponse:
    def save(data: Any) -> HttpResponse:
        account.turn_off_totp(person(request), actor=audit.actor_of(request))
        return toast(redirect(request, "staff:account"), "Authenticator app turned off")

    intro = "Its codes no longer sign you in."
    dialog = Dialog(
        "Turn off the authenticator app", "Turn off", reverse("staff:account"), intro, "danger"
    )
    return dialogs.answer(request, dialog, _proof(request), save)


@staff_can("staff.self")
@never_cache
@require_http_methods(["GET", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New codes in place of the old ones."""
    form = _proof(request)
    if request.method == "GET" or not form.is_valid():
        status = 200 if request.method == "GET" else 422
        return render(request, "staff/new_recovery_codes.html", {"form": form}, status=status)
    codes = account.new_recovery_codes(person(request), actor=audit.actor_of(request))
    return _codes_page(request, codes, reverse("staff:account"))


def _proof(request: HttpRequest) -> ProofForm:
    return ProofForm(request.POST if request.method == "POST" else None, request=request)
