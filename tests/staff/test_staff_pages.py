"""Staff accounts: who there is, and what admins do to each other's accounts."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import Client

from devora_admin.core.errors import Conflict, Forbidden
from devora_admin.staff import accounts, approvals, audit, grants, links
from devora_admin.staff.models import StaffUser
from tests.staff.proof import proven


@pytest.fixture
def admin(client_for):
    return proven(client_for("admin"))


@pytest.fixture
def other(client_for):
    """A second admin's browser."""
    return proven(client_for("admin", email="other@devora.example", name="Other"))


def account(email: str) -> StaffUser:
    return StaffUser.objects.get(email=email)


def pending() -> str:
    from devora_admin.staff.queries.approvals import approvals_page

    (request,) = approvals_page().pending
    return request.id


def test_the_list_shows_everybody_with_role_state_and_second_factor(admin, staff, client_for):
    staff("viewer")
    gone = staff("support")
    StaffUser.objects.filter(pk=gone.pk).update(is_active=False)
    page = admin.get("/staff/").content.decode()
    for word in ("admin@devora.example", "viewer@devora.example", "Disabled", "Invite"):
        assert word in page
    support = client_for("editor").get("/staff/")
    assert support.status_code == 200
    assert "Invite" not in support.content.decode()
    assert client_for("viewer").get("/staff/").status_code == 403


def test_a_single_admin_is_told_how_a_second_is_made(admin, staff):
    assert "manage.py create_staff" in admin.get("/staff/").content.decode()
    staff("admin", email="other@devora.example")
    assert "manage.py create_staff" not in admin.get("/staff/").content.decode()


def test_an_account_shows_its_sessions_and_what_they_did(admin, staff, client_for):
    person = staff("editor")
    client_for("editor")
    audit.record(
        "project.rename",
        actor=audit.actor_for(person),
        subject=audit.Subject("project", "p", "Pie"),
    )
    page = admin.get(f"/staff/{person.pk}/").content.decode()
    assert "Unknown device" in page
    assert "Renamed the project" in page
    editor = client_for("editor").get(f"/staff/{person.pk}/").content.decode()
    assert "Renamed the project" not in editor
    for key in ("x", "0" * 24, "%00"):
        assert admin.get(f"/staff/{key}/").status_code == 404


def test_an_invitation_needs_a_second_admin_and_its_link_works_once(admin, other, mongo):
    asked = admin.post(
        "/staff/invite/",
        {"email": "New@devora.example", "name": "New", "role": "editor", "reason": "joins"},
    )
    request_id = pending()
    assert asked["Location"] == f"/approvals/{request_id}/"
    assert links.open_links("invite") == []
    assert admin.post(f"/approvals/{request_id}/approve/", {"reason": ""}).status_code == 403
    told = other.get(f"/approvals/{request_id}/").content.decode()
    assert "new@devora.example can make an account with the role editor" in told
    assert other.post(f"/approvals/{request_id}/approve/", {"reason": ""}).status_code == 302
    (invitation,) = links.open_links("invite")
    assert invitation.email in admin.get("/staff/").content.decode()
    shown = admin.post(f"/staff/invitations/{invitation.id}/link/")
    assert "no-store" in shown["Cache-Control"]
    path = re.search(r"http://testserver(/welcome/[^<]+)/?<", shown.content.decode())[1]  # type: ignore[index]
    assert path.rsplit("/", 2)[-2] not in str(list(mongo.approvals.find()))
    assert admin.post(f"/staff/invitations/{invitation.id}/link/").status_code == 404
    assert Client().get(path).status_code == 200
    links.accept_invite(
        path.split("/")[2], name="New", password="correct horse battery", address=""
    )
    assert account("new@devora.example").role == "editor"


def test_an_invitation_of_an_account_that_is_there_or_asked_for_twice_is_refused(admin, staff):
    staff("viewer")
    form = {"role": "editor", "reason": "joins"}
    for email, status in (
        ("viewer@devora.example", 422),
        ("new@devora.example", 302),
        ("new@devora.example", 409),
        ("no address", 422),
    ):
        assert admin.post("/staff/invite/", {**form, "email": email}).status_code == status
    assert (
        admin.post("/staff/invite/", {**form, "email": "a@b.example", "role": "god"}).status_code
        == 422
    )


def test_an_invitation_can_be_withdrawn(admin, other, actor):
    links.invite("new@devora.example", "viewer", "New", actor=actor)
    (invitation,) = links.open_links("invite")
    assert admin.post(f"/staff/invitations/{invitation.id}/withdraw/").status_code == 302
    assert links.open_links("invite") == []


def test_more_rights_come_with_a_second_admins_approval(admin, other, staff, client_for):
    person = staff("viewer")
    theirs = client_for("viewer")
    url = f"/staff/{person.pk}/role/"
    assert admin.post(url, {"role": "editor", "reason": "grows"}).status_code == 302
    assert account(person.email).role == "viewer"
    assert theirs.get("/projects/").status_code == 200
    other.post(f"/approvals/{pending()}/approve/", {"reason": ""})
    assert account(person.email).role == "editor"
    assert theirs.get("/projects/").status_code == 302


def test_fewer_rights_hold_at_once_and_end_the_sessions(admin, staff, client_for, mongo):
    person, theirs = staff("editor"), client_for("editor")
    done = admin.post(f"/staff/{person.pk}/role/", {"role": "viewer", "reason": "left the team"})
    assert done["Location"] == f"/staff/{person.pk}/"
    assert account(person.email).role == "viewer"
    assert theirs.get("/projects/").status_code == 302
    row = mongo.audit_log.find_one({"action": "staff.role"})
    assert (row["before"], row["after"]) == ({"role": "editor"}, {"role": "viewer"})
    assert row["reason"] == "left the team"


def test_a_role_that_changed_meanwhile_is_not_given(admin, other, staff, actor):
    person = staff("viewer")
    admin.post(f"/staff/{person.pk}/role/", {"role": "editor", "reason": "grows"})
    StaffUser.objects.filter(pk=person.pk).update(role="support")
    request_id = pending()
    other.post(f"/approvals/{request_id}/approve/", {"reason": ""})
    request = approvals.find(request_id)
    assert (request.state, "support" in request.error) == ("failed", True)
    assert account(person.email).role == "support"


def test_a_disabled_account_is_out_at_the_next_request_and_back_when_enabled(
    admin, staff, client_for
):
    person, theirs = staff("editor"), client_for("editor")
    assert theirs.get("/projects/").status_code == 200
    assert admin.post(f"/staff/{person.pk}/disable/", {"reason": ""}).status_code == 422
    assert admin.post(f"/staff/{person.pk}/disable/", {"reason": "left"}).status_code == 302
    assert theirs.get("/projects/").status_code == 302
    assert admin.post(f"/staff/{person.pk}/disable/", {"reason": "left"}).status_code == 409
    assert admin.post(f"/staff/{person.pk}/enable/").status_code == 302
    assert account(person.email).is_active
    assert theirs.get("/projects/").status_code == 302


def test_nobody_does_it_to_themselves(admin, staff):
    me = staff("admin").pk
    for verb, form in (
        ("disable", {"reason": "x"}),
        ("role", {"role": "viewer", "reason": "x"}),
        ("enable", {}),
        ("sessions/end", {}),
        ("recovery", {}),
    ):
        assert admin.post(f"/staff/{me}/{verb}/", form).status_code == 403
    assert account("admin@devora.example").role == "admin"


def test_the_last_admin_stays(staff, actor):
    last = staff("admin")
    someone = audit.actor_for(staff("editor"))
    with pytest.raises(Conflict, match="last active admin"):
        accounts.disable(str(last.pk), reason="", actor=someone)
    with pytest.raises(Conflict, match="last active admin"):
        accounts.lower_role(str(last.pk), role="viewer", reason="", actor=someone)


@pytest.mark.parametrize("attempt", range(3))
def test_two_admins_who_disable_each_other_at_once_leave_one(staff, attempt):
    first, second = staff("admin"), staff("admin", email="other@devora.example")

    def disable(pair: tuple[StaffUser, StaffUser]) -> bool:
        by, target = pair
        try:
            accounts.disable(str(target.pk), reason="", actor=audit.actor_for(by))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(disable, [(first, second), (second, first)]))
    assert sorted(done) == [False, True]
    assert StaffUser.objects.filter(role="admin", is_active=True).count() == 1


def test_one_session_or_all_of_them_are_ended(admin, staff, client_for, mongo):
    person, one, two = staff("editor"), client_for("editor"), client_for("editor")
    page = admin.get(f"/staff/{person.pk}/").content.decode()
    refs = re.findall(rf'href="(/staff/{person.pk}/sessions/[0-9a-f]+/end/)"', page)
    assert len(refs) == 2
    assert admin.post(refs[0]).status_code == 302
    assert sorted(each.get("/projects/").status_code for each in (one, two)) == [200, 302]
    assert admin.post(refs[0]).status_code == 409
    assert admin.post(f"/staff/{person.pk}/sessions/end/").status_code == 302
    assert {each.get("/projects/").status_code for each in (one, two)} == {302}
    actions = mongo.audit_log.distinct("action")
    assert {"staff.session.end", "staff.session.end_all"} <= set(actions)


def test_a_recovery_link_is_shown_once_and_never_drops_an_approvers_second_factor(
    admin, other, staff, totp_for, actor
):
    person = staff("viewer")
    shown = admin.post(f"/staff/{person.pk}/recovery/", {"reset_second_factor": "on"})
    assert "/welcome/" in shown.content.decode()
    assert links.open_links("recovery")[0].reset_second_factor
    approver = account("other@devora.example")
    # Without a factor to pass, whoever made the link would become the second person.
    assert admin.post(f"/staff/{approver.pk}/recovery/").status_code == 403
    totp_for(approver)
    asked = admin.get(f"/staff/{approver.pk}/recovery/").content.decode()
    assert "reset_second_factor" not in asked
    admin.post(f"/staff/{approver.pk}/recovery/", {"reset_second_factor": "on"})
    (link,) = [link for link in links.open_links("recovery") if link.user_id == str(approver.pk)]
    assert not link.reset_second_factor
    with pytest.raises(Forbidden):
        accounts.recovery_link(str(approver.pk), reset_second_factor=True, actor=actor)


def test_a_recovery_link_does_not_outlive_the_role_it_was_made_for(staff, actor):
    person = staff("viewer")
    path = accounts.recovery_link(str(person.pk), reset_second_factor=True, actor=actor)
    second = audit.actor_for(staff("admin", email="other@devora.example"))
    asked = grants.ask_role(str(person.pk), role="admin", reason="joins", actor=actor)
    assert approvals.approve(asked, reason="", actor=second).state == "approved"
    assert Client().get(path).status_code == 410


def test_only_admins_change_accounts(client_for, staff):
    person: Any = staff("viewer")
    for role in ("support", "editor"):
        client = client_for(role)
        for verb in ("role", "disable", "enable", "recovery", "sessions/end"):
            assert client.post(f"/staff/{person.pk}/{verb}/", {"reason": "x"}).status_code == 403
        assert client.post("/staff/invite/").status_code == 403
        assert "/disable/" not in client.get(f"/staff/{person.pk}/").content.decode()
