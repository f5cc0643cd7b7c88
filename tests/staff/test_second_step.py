"""Signing in with a second step, over HTTP where it is a race."""

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from devora_admin.core import clock, sealed
from devora_admin.staff import devices
from devora_admin.staff.factors import totp
from devora_admin.staff.factors.stored import factors_of
from tests import live
from tests.conftest import PASSWORD

FORM = "application/x-www-form-urlencoded"


def first_step(email: str, **headers: str) -> Client:
    client = Client(raise_request_exception=False)
    answer = client.post("/login/", {"email": email, "password": PASSWORD}, headers=headers)
    assert answer["Location"] == "/login/verify/"
    return client


def second_step(client: Client, code: str) -> Any:
    return client.post("/login/verify/", {"code": code})


def test_the_password_alone_opens_nothing(staff, totp_for):
    user = staff("viewer")
    totp_for(user)
    client = first_step(user.email)
    for path in ("/", "/projects/", "/account/", "/account/second-factor/"):
        assert client.get(path)["Location"].startswith("/login/"), path


def test_a_code_of_the_app_opens_the_page_that_was_asked_for(staff, totp_for):
    user = staff("viewer")
    app = totp_for(user)
    client = Client()
    data = {"email": user.email, "password": PASSWORD, "next": "/projects/?q=a"}
    client.post("/login/", data)
    assert second_step(client, app.code())["Location"] == "/projects/?q=a"
    assert client.get("/projects/").status_code == 200


def test_a_code_may_be_typed_with_a_space(staff, totp_for):
    user = staff("viewer")
    code = totp_for(user).code()
    assert second_step(first_step(user.email), f" {code[:3]} {code[3:]}").status_code == 302


def test_a_code_works_once(staff, totp_for):
    user = staff("viewer")
    code = totp_for(user).code()
    assert second_step(first_step(user.email), code).status_code == 302
    answer = second_step(first_step(user.email), code)
    assert answer.status_code == 422
    assert b"was used already" in answer.content


def test_a_code_before_the_last_used_one_is_refused(staff, totp_for):
    user = staff("viewer")
    app = totp_for(user)
    early, late = app.code(), app.code()
    assert second_step(first_step(user.email), late).status_code == 302
    assert second_step(first_step(user.email), early).status_code == 422


def test_of_24_racing_requests_with_one_code_exactly_one_gets_in(staff, totp_for):
    user = staff("viewer")
    app = totp_for(user)
    with live.running() as server:
        jars = [half_signed_in(server, user.email) for _ in range(24)]
        body = urlencode({"code": app.code()})

        def verify(headers: dict[str, str]) -> int:
            return server.request("POST", "/login/verify/", body, headers).status

        with ThreadPoolExecutor(24) as crowd:
            statuses = list(crowd.map(verify, jars))
    assert sorted(statuses) == [302] + [422] * 23


def half_signed_in(server: live.Server, email: str) -> dict[str, str]:
    """Headers after the first step, of a device that is counted apart: all must reach the check."""
    known = Client()
    request, response = known.get("/login/").wsgi_request, known.get("/login/")
    devices.remember(request, response, email)
    device = response.cookies[devices.COOKIE].value
    token = live._cookies(server.request("GET", "/login/"))["csrftoken"]
    cookies = f"csrftoken={token}; {devices.COOKIE}={device}"
    headers = {"Cookie": cookies, "X-CSRFToken": token, "Content-Type": FORM}
    body = urlencode({"email": email, "password": PASSWORD})
    jar = live._cookies(server.request("POST", "/login/", body, headers))
    session = f"devora_session={jar['devora_session']}; csrftoken={jar['csrftoken']}"
    return {
        "Cookie": f"{session}; {devices.COOKIE}={device}",
        "X-CSRFToken": jar["csrftoken"],
        "Content-Type": FORM,
    }


def test_a_recovery_code_works_once_and_however_it_is_written(staff, totp_for):
    user = staff("viewer")
    codes = totp_for(user).recovery_codes
    assert len(set(codes)) == 10
    assert (
        second_step(first_step(user.email), codes[0].upper().replace("-", " ")).status_code == 302
    )
    assert second_step(first_step(user.email), codes[0]).status_code == 422
    assert factors_of(str(user.pk)).recovery_codes_left == 9


def test_of_racing_requests_with_one_recovery_code_one_is_accepted(staff, totp_for):
    from devora_admin.staff.factors import recovery

    user = staff("viewer")
    code = totp_for(user).recovery_codes[3]
    with ThreadPoolExecutor(12) as crowd:
        accepted = list(crowd.map(lambda _: recovery.accept(str(user.pk), code), range(24)))
    assert accepted.count(True) == 1


def test_the_codes_of_one_account_are_nothing_to_another(staff, totp_for):
    one, other = staff("viewer"), staff("editor")
    codes, app = totp_for(one).recovery_codes, totp_for(one)
    totp_for(other)
    assert second_step(first_step(other.email), codes[0]).status_code == 422
    assert second_step(first_step(other.email), app.code()).status_code == 422


def test_a_secret_copied_to_another_account_does_not_open_it(staff, totp_for, mongo):
    one, other = staff("viewer"), staff("editor")
    app = totp_for(one)
    totp_for(other)
    stolen = mongo.staff_factors.find_one({"_id": str(one.pk)})["totp"]["secret"]
    mongo.staff_factors.update_one({"_id": str(other.pk)}, {"$set": {"totp.secret": stolen}})
    assert not totp.accept(str(other.pk), app.code())


def test_nothing_in_the_store_is_a_secret_in_plain_text(staff, totp_for, mongo):
    user = staff("viewer")
    app = totp_for(user)
    stored = mongo.staff_factors.find_one({"_id": str(user.pk)})
    assert app.secret not in str(stored)
    assert sealed.unseal(stored["totp"]["secret"], owner=str(user.pk), field="totp") == app.secret
    for code in app.recovery_codes:
        assert code not in str(stored)
        assert code.replace("-", "") not in str(stored)


def test_guesses_at_codes_are_counted_before_they_are_checked(staff, totp_for):
    user = staff("viewer")
    app = totp_for(user)
    with ThreadPoolExecutor(8) as crowd:
        clients = [first_step(user.email) for _ in range(5)]
        list(crowd.map(lambda client: second_step(client, "000000"), clients))
    answer = second_step(first_step(user.email), app.code())
    assert answer.status_code == 422
    assert b"Too many attempts" in answer.content


def test_the_second_step_is_over_after_ten_minutes_and_after_a_new_password(staff, totp_for, mongo):
    user = staff("viewer")
    app = totp_for(user)
    client = first_step(user.email)
    row = mongo.staff_staffsession.find_one({})
    assert row["kind"] == "half"
    assert (row["expire_date"] - row["created_at"]).total_seconds() == 600
    user.set_password("another long password")
    user.save()
    assert second_step(client, app.code())["Location"] == "/login/"


def test_a_disabled_account_gets_no_further_than_the_first_step(staff, totp_for):
    user = staff("viewer")
    app = totp_for(user)
    client = first_step(user.email)
    user.is_active = False
    user.save()
    assert second_step(client, app.code())["Location"] == "/login/"


def test_a_script_is_told_of_the_second_step(staff, totp_for):
    user = staff("viewer")
    app = totp_for(user)
    client = Client(headers={"Accept": "application/json"})
    answer = client.post("/login/", {"email": user.email, "password": PASSWORD})
    assert answer.json() == {"ok": False, "verify": "/login/verify/"}
    assert second_step(client, "000000").json()["error"]["code"] == "sign_in"
    assert second_step(client, app.code()).json() == {"ok": True}
    assert second_step(client, app.code()).json()["error"]["code"] == "start_again"


@pytest.mark.parametrize("code", ["", "\x00", "١٢٣٤٥٦", "½½½½½½", "x" * 39, "\ud800", "1" * 10_000])
def test_odd_codes_are_refused(staff, totp_for, code):
    user = staff("viewer")
    totp_for(user)
    client = first_step(user.email)
    data = urlencode({"code": code}, errors="surrogatepass")
    answer = client.post("/login/verify/", data, content_type=FORM)
    assert answer.status_code == 422


def test_whoever_has_no_second_factor_is_not_asked_for_one(staff):
    answer = Client().post("/login/", {"email": staff("editor").email, "password": PASSWORD})
    assert answer["Location"] == "/"


def test_an_admin_without_one_can_do_nothing_but_set_it_up(staff):
    client = Client(raise_request_exception=False)
    answer = client.post("/login/", {"email": staff("admin").email, "password": PASSWORD})
    assert answer.status_code == 302
    for path in ("/", "/projects/", "/account/", "/account/recovery-codes/"):
        assert client.get(path)["Location"].startswith("/account/second-factor/"), path
    assert client.post("/account/password/", {}).status_code == 302
    fragment = client.get("/projects/", headers={"HX-Request": "true"})
    assert fragment["HX-Redirect"] == "/account/second-factor/"
    script = client.get("/projects/", headers={"Accept": "application/json"})
    assert (script.status_code, script.json()["error"]["code"]) == (403, "second_factor")
    assert client.get("/account/second-factor/").status_code == 200


def test_an_admin_sets_up_the_app_and_goes_on(staff):
    client = Client(raise_request_exception=False)
    client.post("/login/", {"email": staff("admin").email, "password": PASSWORD})
    form = client.get("/account/second-factor/?next=/projects/").context["form"]
    offered = form["offered"].value()
    secret = totp.offered(offered, user_id=str(staff("admin").pk))
    refused = client.post("/account/second-factor/", {"offered": offered, "code": "000000"})
    assert refused.status_code == 422
    assert factors_of(str(staff("admin").pk)).count == 0
    code = totp.code_at(secret, totp.steps_now()[0])
    data = {"offered": offered, "code": code, "next": "/projects/"}
    done = client.post("/account/second-factor/", data)
    assert done.status_code == 200
    assert len(done.context["codes"]) == 10
    assert done.context["next"] == "/projects/"
    assert client.get("/projects/").status_code == 200
    assert second_step(first_step(staff("admin").email), code).status_code == 422


def test_the_first_factor_ends_sessions_that_were_opened_without(staff):
    user = staff("admin")
    own, stolen = Client(), Client(raise_request_exception=False)
    for client in (own, stolen):
        client.post("/login/", {"email": user.email, "password": PASSWORD})
    offered = own.get("/account/second-factor/").context["form"]["offered"].value()
    code = totp.code_at(totp.offered(offered, user_id=str(user.pk)), totp.steps_now()[0])
    assert (
        own.post("/account/second-factor/", {"offered": offered, "code": code}).status_code == 200
    )
    assert own.get("/projects/").status_code == 200
    assert stolen.get("/account/second-factor/")["Location"].startswith("/login/")


def test_a_secret_offered_to_another_account_is_not_taken(staff, client_for):
    offered = totp.offer(totp.new_secret(), user_id=str(staff("editor").pk))
    answer = client_for("viewer").post(
        "/account/second-factor/", {"offered": offered, "code": "123456", "proof": PASSWORD}
    )
    assert answer.status_code == 302
    assert factors_of(str(staff("viewer").pk)).count == 0


def test_setting_up_and_turning_off_ask_for_proof_and_are_on_record(
    client_for, staff, totp_for, mongo
):
    client, user = client_for("viewer"), staff("viewer")
    app = totp_for(user)
    assert client.post("/account/second-factor/off/").status_code == 422
    assert client.post("/account/second-factor/off/", {"proof": "wrong"}).status_code == 422
    assert client.post("/account/second-factor/off/", {"proof": app.code()}).status_code == 302
    assert factors_of(str(user.pk)).count == 0
    row = mongo.audit_log.find_one({"action": "staff.totp.off"})
    assert row["actor"]["id"] == str(user.pk)


def test_an_admin_keeps_at_least_one(client_for, staff, totp_for):
    client, user = client_for("admin"), staff("admin")
    app = totp_for(user)
    assert client.post("/account/second-factor/off/", {"proof": app.code()}).status_code == 403
    assert factors_of(str(user.pk)).count == 1


def test_new_recovery_codes_take_the_place_of_the_old(client_for, staff, totp_for):
    client, user = client_for("viewer"), staff("viewer")
    old = totp_for(user).recovery_codes
    done = client.post("/account/recovery-codes/", {"proof": PASSWORD})
    new = done.context["codes"]
    assert not set(old) & set(new)
    assert second_step(first_step(user.email), old[0]).status_code == 422
    assert second_step(first_step(user.email), new[0]).status_code == 302


def test_a_code_is_no_proof_twice(client_for, staff, totp_for):
    from devora_admin.staff import elevation

    client, user = client_for("viewer"), staff("viewer")
    code = totp_for(user).code()
    assert client.post("/account/recovery-codes/", {"proof": code}).status_code == 200
    session = client.session
    del session[elevation._KEY]
    session.save()
    assert client.post("/account/recovery-codes/", {"proof": code}).status_code == 422


def test_an_app_goes_on_after_a_change_of_keys(staff, totp_for, settings, mongo):
    from django.core.management import call_command

    user = staff("viewer")
    app = totp_for(user)
    old, new = settings.SECRETS_KEYS, (b"n" * 32,)
    settings.SECRETS_KEYS = (*new, *old)
    assert totp.accept(str(user.pk), app.code())
    out = io.StringIO()
    call_command("encrypt_secrets", stdout=out)
    assert "were moved as well: 1." in out.getvalue()
    settings.SECRETS_KEYS = new
    assert totp.accept(str(user.pk), app.code())
    assert second_step(first_step(user.email), app.recovery_codes[0]).status_code == 302


@pytest.mark.parametrize(
    "answer",
    ["", "x", "{}", "[]", "null", "[" * 5000, '{"id": 1}', "\x00", "\ud800",
     '{"id":"AA","rawId":"AA","type":"public-key","response":{}}',
     '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"AA",'
     '"authenticatorData":"AA","signature":"AA","userHandle":"JE5F"}}'],
)  # fmt: skip
def test_an_odd_answer_of_a_passkey_is_refused(client_for, answer):
    stranger, known = Client(raise_request_exception=False), client_for("viewer")
    session = known.session
    session["elevated_at"] = clock.now().isoformat()
    session.save()
    for client, options, path in (
        (stranger, "/login/passkey/options/", "/login/passkey/"),
        (known, "/account/passkeys/options/", "/account/passkeys/"),
    ):
        assert "challenge" in client.post(options).json()["publicKey"]
        body = urlencode({"name": "x", "credential": answer}, errors="surrogatepass")
        assert client.post(path, body, content_type=FORM).status_code == 422


def test_passkeys_are_bound_to_the_host_and_a_number_is_none():
    options = Client().post("/login/passkey/options/", headers={"Host": "localhost:8000"})
    assert options.json()["publicKey"]["rpId"] == "localhost"
    for host in ("127.0.0.1:8000", "[::1]:8000", "127.0.0.1"):
        refused = Client().post("/login/passkey/options/", headers={"Host": host})
        assert refused.status_code == 422
    stranger = Client(raise_request_exception=False)
    foreign = stranger.post("/login/passkey/options/", headers={"Host": "evil.example"})
    assert foreign.status_code == 400
