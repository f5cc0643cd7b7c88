import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from devora_admin.core import clock
from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.staff import accounts, links
from devora_admin.staff.factors.stored import factors_of
from devora_admin.staff.models import StaffUser
from tests.conftest import PASSWORD

NEW = "several unrelated words here"
FORM = {"password": NEW, "again": NEW}
INVITED = "invited@devora.example"


@pytest.fixture
def invite(actor) -> Any:
    return lambda email=INVITED, role="support": links.invite(email, role, "In Vited", actor=actor)


@pytest.fixture
def recovery(actor, staff) -> Any:
    def make(role: str = "viewer", *, reset: bool = False) -> str:
        return links.recovery(str(staff(role).pk), reset_second_factor=reset, actor=actor)

    return make


def accept(path: str, client: Client | None = None, **fields: str) -> Any:
    client = client or Client(raise_request_exception=False)
    return client.post(path, {"name": "In Vited", **FORM, **fields})


def test_an_invitation_makes_the_account_and_signs_in(invite):
    client = Client()
    answer = accept(invite(), client)
    assert answer["Location"] == "/"
    user = StaffUser.objects.get(email=INVITED)
    assert (user.role, user.name, user.check_password(NEW)) == ("support", "In Vited", True)
    assert client.get("/projects/").status_code == 200


def test_looking_at_a_link_uses_nothing_up(invite):
    path = invite()
    for _ in range(5):
        assert Client().get(path).status_code == 200
        assert Client().head(path).status_code in (200, 405)
    assert accept(path).status_code == 302


def test_a_link_works_once(invite):
    path = invite()
    accept(path)
    assert Client().get(path).status_code == 410
    assert accept(path).status_code == 410
    assert StaffUser.objects.filter(email=INVITED).count() == 1


def test_of_racing_requests_with_one_link_one_gets_through(invite, recovery):
    for path, rows in ((invite(), 1), (recovery(), 1)):
        with ThreadPoolExecutor(8) as crowd:
            statuses = list(crowd.map(lambda _, path=path: accept(path).status_code, range(8)))
        assert statuses.count(302) == rows, statuses
        assert set(statuses) <= {302, 410}
    assert StaffUser.objects.filter(email=INVITED).count() == 1


def test_a_refused_password_leaves_the_link_as_it_was(invite):
    path = invite()
    for weak in ("short", "password1234", "123456789012345"):
        assert accept(path, password=weak, again=weak).status_code == 422
    assert accept(path, again="something else entirely").status_code == 422
    assert StaffUser.objects.count() == 1  # who invited
    assert accept(path).status_code == 302


def test_a_link_ends_after_its_time(invite, recovery, mongo):
    for make, hours in ((invite, 72), (recovery, 24)):
        path = make()
        row = mongo.staff_links.find_one({}, sort=[("created_at", -1)])
        assert row["expires_at"] - row["created_at"] == timedelta(hours=hours)
        mongo.staff_links.update_one(
            {"_id": row["_id"]}, {"$set": {"expires_at": clock.now() - timedelta(seconds=1)}}
        )
        assert Client().get(path).status_code == 410
        assert accept(path).status_code == 410


def test_only_the_digest_of_a_token_is_kept(invite, mongo):
    token = invite().split("/")[-2]
    assert len(token) == 43  # 256 bits
    for name in ("staff_links", "audit_log"):
        assert token not in str(list(mongo[name].find())), name


def test_the_latest_link_is_the_one_that_works(invite, recovery):
    for make in (invite, recovery):
        first, second = make(), make()
        assert Client().get(first).status_code == 410
        assert Client().get(second).status_code == 200


def test_an_account_or_a_bad_address_or_role_is_not_invited(invite, staff):
    for email, role in (
        (staff("viewer").email, "viewer"),
        (staff("viewer").email.upper(), "viewer"),
        ("no-at-sign", "viewer"),
        (INVITED, "owner"),
    ):
        with pytest.raises(InvalidInput):
            invite(email, role)


def test_an_account_made_meanwhile_is_not_taken_over(invite, staff):
    path = invite()
    made = staff("viewer", email=INVITED)
    assert accept(path).status_code == 410
    assert StaffUser.objects.get(email=INVITED).password == made.password


def test_a_role_is_never_what_the_form_says(invite):
    accept(invite(), role="admin", is_active="1", email="other@devora.example")
    assert StaffUser.objects.get(email=INVITED).role == "support"


def test_an_invited_admin_sets_up_the_second_factor_first(invite):
    client = Client()
    accept(invite(role="admin"), client)
    assert client.get("/projects/")["Location"].startswith("/account/second-factor/")


def test_recovering_ends_old_sessions_and_keeps_the_second_factor(
    recovery, client_for, staff, totp_for
):
    old, user = client_for("viewer"), staff("viewer")
    app = totp_for(user)
    client = Client()
    assert accept(recovery(), client)["Location"] == "/login/verify/"
    assert old.get("/projects/").status_code == 302
    assert client.get("/projects/").status_code == 302
    assert client.post("/login/verify/", {"code": app.code()}).status_code == 302
    assert client.get("/projects/").status_code == 200
    assert StaffUser.objects.get(pk=user.pk).check_password(NEW)


def test_a_link_that_says_so_takes_the_second_factor_away(recovery, staff, totp_for, mongo):
    totp_for(staff("viewer"))
    assert accept(recovery(reset=True))["Location"] == "/"
    assert factors_of(str(staff("viewer").pk)).count == 0
    row = mongo.audit_log.find_one({"action": "staff.recover"})
    assert row["subject"]["id"] == str(staff("viewer").pk)


def test_a_disabled_account_is_not_recovered(recovery, staff):
    path = recovery()
    StaffUser.objects.filter(pk=staff("viewer").pk).update(is_active=False)
    assert accept(path).status_code == 410
    assert StaffUser.objects.get(pk=staff("viewer").pk).check_password(PASSWORD)


def test_a_link_can_be_withdrawn_once(invite, actor):
    path = invite()
    (link,) = links.open_links("invite")
    assert (link.email, link.role) == (INVITED, "support")
    links.withdraw(link.id, actor=actor)
    with pytest.raises(Conflict):
        links.withdraw(link.id, actor=actor)
    assert Client().get(path).status_code == 410
    assert links.open_links("invite") == []


def test_the_page_gives_its_address_to_nobody(invite):
    path = invite()
    answer = Client().get(path)
    assert answer["Referrer-Policy"] == "strict-origin"
    assert "no-store" in answer["Cache-Control"]
    assert path.split("/")[-2] not in answer.content.decode()


@pytest.mark.parametrize("token", ["x", "%00", "%ED%A0%80", "a" * 5000, "$ne", "..%2f"])
def test_an_odd_token_is_an_unknown_one(token):
    assert Client(raise_request_exception=False).get(f"/welcome/{token}/").status_code in (404, 410)


def test_nobody_without_an_account_is_recovered(actor):
    for key in ("x", "0" * 24, "\x00"):
        with pytest.raises(NotFound):
            links.recovery(key, reset_second_factor=False, actor=actor)


def test_the_command_prints_a_link_for_the_owner_of_the_machine(staff, totp_for):
    user, out = staff("viewer"), io.StringIO()
    totp_for(user)
    call_command("staff_link", user.email.upper(), "--reset-second-factor", stdout=out)
    path = out.getvalue().split("localhost:8000")[1].strip()
    assert accept(path)["Location"] == "/"
    assert factors_of(str(user.pk)).count == 0
    with pytest.raises(CommandError, match="no staff account"):
        call_command("staff_link", "nobody@devora.example", stdout=out)


def test_a_fault_on_the_page_of_a_link_keeps_the_token_out_of_the_log():
    import logging

    from devora_admin.core.log_filter import WithoutLinks

    row = logging.LogRecord(
        "django.request",
        logging.ERROR,
        "",
        0,
        "Internal Server Error: %s",
        ("/welcome/abc-_1/",),
        None,
    )
    assert WithoutLinks().filter(row)
    assert row.getMessage() == "Internal Server Error: /welcome/…/"
    row.args = ("/csat/abc-_1/",)
    row.msg = "Internal Server Error: %s"
    assert WithoutLinks().filter(row)
    assert row.getMessage() == "Internal Server Error: /csat/…/"


def test_a_new_password_and_disabling_end_a_recovery_link(recovery, staff, client_for, actor):
    person = staff("viewer")
    path = recovery("viewer")
    form = {"current": PASSWORD, **FORM}
    assert client_for("viewer").post("/account/password/", form).status_code == 302
    assert Client().get(path).status_code == 410
    path = recovery("viewer")
    accounts.disable(str(person.pk), reason="left", actor=actor)
    accounts.enable(str(person.pk), actor=actor)
    assert Client().get(path).status_code == 410
