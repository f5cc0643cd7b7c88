from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from devora_admin.core import clock, mongo
from devora_admin.staff import account, sessions
from devora_admin.staff.models import StaffUser
from tests.conftest import PASSWORD

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def row_of(client: Client) -> dict[str, Any]:
    key = client.cookies["devora_session"].value
    return mongo.database()[sessions.SESSIONS].find_one({"_id": key}) or {}


def set_row(client: Client, **values: Any) -> None:
    key = client.cookies["devora_session"].value
    mongo.database()[sessions.SESSIONS].update_one({"_id": key}, {"$set": values})


def minutes_ago(count: float) -> datetime:
    return clock.now() - timedelta(minutes=count)


def as_if_used(client: Client, *, minutes: float, began: float | None = None) -> None:
    """As a session looks that was last used so long ago."""
    used, start = minutes_ago(minutes), minutes_ago(began or minutes)
    ends = min(used + sessions.IDLE, start + sessions.ABSOLUTE)
    set_row(client, last_used_at=used, created_at=start, expire_date=ends)


def test_a_session_keeps_its_device_its_address_and_when_it_was_used(staff):
    client = Client()
    data = {"email": staff("viewer").email, "password": PASSWORD}
    client.post("/login/", data, headers={"User-Agent": FIREFOX})
    row = row_of(client)
    assert (row["kind"], row["address"], row["user_agent"]) == ("full", "127.0.0.1", FIREFOX)
    assert clock.now() - row["created_at"] < timedelta(seconds=5)
    assert row["expire_date"] == row["last_used_at"] + timedelta(minutes=30)


def test_half_an_hour_without_use_ends_a_session(client_for):
    client = client_for("viewer")
    as_if_used(client, minutes=29.9)
    assert client.get("/projects/").status_code == 200
    as_if_used(client, minutes=30.1)
    assert client.get("/projects/").status_code == 302


def test_use_keeps_a_session_but_never_past_eight_hours(client_for):
    client = client_for("viewer")
    as_if_used(client, minutes=20, began=7.6 * 60)
    assert client.get("/projects/").status_code == 200
    row = row_of(client)
    assert row["expire_date"] == row["created_at"] + timedelta(hours=8)
    as_if_used(client, minutes=1, began=8 * 60 + 0.1)
    assert client.get("/projects/").status_code == 302


def test_the_last_use_is_noted_at_most_once_a_minute(client_for):
    client = client_for("viewer")
    as_if_used(client, minutes=0.5)
    before = row_of(client)["last_used_at"]
    client.get("/projects/")
    assert row_of(client)["last_used_at"] == before
    as_if_used(client, minutes=1.1)
    client.get("/projects/")
    assert clock.now() - row_of(client)["last_used_at"] < timedelta(seconds=5)


def test_what_an_open_page_asks_by_itself_does_not_keep_a_session(client_for, make_project):
    client, project = client_for("editor"), make_project()
    as_if_used(client, minutes=5)
    before = row_of(client)["last_used_at"]
    quiet = {"X-Background": "1"}
    assert client.get("/projects/", headers=quiet).status_code == 200
    beat = f"/projects/{project['id']}/presence/"
    body = {"tab": "0123456789", "open": {}, "path": ""}
    assert client.post(beat, body, content_type="application/json").status_code == 200
    assert row_of(client)["last_used_at"] == before


def test_an_autosave_keeps_a_session(client_for, make_project):
    client, project = client_for("editor"), make_project()
    as_if_used(client, minutes=5)
    # Refused for what it says, but somebody is there.
    client.post(f"/projects/{project['id']}/file/save/", {}, content_type="application/json")
    assert clock.now() - row_of(client)["last_used_at"] < timedelta(seconds=5)


@pytest.mark.parametrize("change", [{"role": "support"}, {"is_active": False}, {"epoch": 1}])
def test_another_role_disabling_or_revoking_ends_old_sessions(client_for, staff, change):
    client = client_for("viewer")
    StaffUser.objects.filter(pk=staff("viewer").pk).update(**change)
    assert client.get("/projects/").status_code == 302


def test_ending_all_sessions_ends_one_that_is_being_made_as_well(client_for, staff):
    client, user = client_for("viewer"), staff("viewer")
    kept = row_of(client)
    user.end_sessions()
    mongo.database()[sessions.SESSIONS].insert_one(kept)  # written by a request under way
    assert client.get("/projects/").status_code == 302


def test_sessions_end_with_their_reason_or_not_at_all(client_for, staff):
    client, user = client_for("viewer"), staff("viewer")

    def fail_after(session: Any) -> None:
        user.end_sessions(session=session)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        mongo.run_in_transaction(fail_after)
    assert client.get("/projects/").status_code == 200


def test_a_request_whose_session_is_ended_meanwhile_brings_it_not_back(client_for):
    client = client_for("viewer")
    session = client.session
    session["changed"] = True
    mongo.database()[sessions.SESSIONS].delete_many({})
    with pytest.raises(sessions.UpdateError):
        session.save()
    assert mongo.database()[sessions.SESSIONS].count_documents({}) == 0


def test_one_session_and_all_others_can_be_ended_from_the_account(client_for, staff):
    here, phone, office = (client_for("viewer") for _ in range(3))
    refs = [each for each in sessions.of_account(str(staff("viewer").pk)) if not each.is_current]
    assert len(refs) == 3
    mine = sessions.of_account(
        str(staff("viewer").pk), current=phone.cookies["devora_session"].value
    )
    ref = next(each.ref for each in mine if each.is_current)
    assert here.post(f"/account/sessions/{ref}/end/").status_code == 302
    assert phone.get("/account/").status_code == 302
    assert here.post(f"/account/sessions/{ref}/end/").status_code == 409
    here.post("/account/sessions/end/")
    assert office.get("/account/").status_code == 302
    assert here.get("/account/").status_code == 200


def test_nobody_ends_the_session_of_another(client_for, staff):
    victim, other = client_for("editor"), client_for("viewer")
    ref = sessions.of_account(str(staff("editor").pk))[0].ref
    assert other.post(f"/account/sessions/{ref}/end/").status_code == 409
    assert victim.get("/account/").status_code == 200


def test_a_page_never_holds_the_key_of_a_session(client_for):
    here, other = client_for("viewer"), client_for("viewer")
    html = here.get("/account/").content.decode()
    for client in (here, other):
        assert client.cookies["devora_session"].value not in html


def test_a_new_password_ends_the_others_and_this_one_keeps_its_age(client_for):
    here, other = client_for("viewer"), client_for("viewer")
    as_if_used(here, minutes=2, began=100)
    began = row_of(here)["created_at"]
    new = "several unrelated words here"
    answer = here.post("/account/password/", {"current": PASSWORD, "password": new, "again": new})
    assert answer.status_code == 302
    assert other.get("/account/").status_code == 302
    assert here.get("/account/").status_code == 200
    assert row_of(here)["created_at"] == began


def test_a_password_changed_in_two_places_at_once_is_changed_once(staff):
    user = staff("viewer")
    stale = StaffUser.objects.get(pk=user.pk)

    def set_to(hashed: str, whose: StaffUser) -> None:
        mongo.run_in_transaction(
            lambda session: account.set_password(whose, hashed, session=session)
        )

    set_to("argon2$one", user)
    with pytest.raises(account.Conflict):
        set_to("argon2$two", stale)
    assert StaffUser.objects.get(pk=user.pk).password == "argon2$one"


def test_devices_are_named_in_words():
    from devora_admin.staff.devices import describe

    safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"
    assert describe(FIREFOX) == "Firefox on Linux"
    assert describe(safari) == "Safari on iPhone"
    assert describe("") == describe("\x00☃") == "Unknown device"


def test_the_change_of_a_password_is_on_record_without_it(client_for, mongo):
    new = "several unrelated words here"
    client_for("viewer").post(
        "/account/password/", {"current": PASSWORD, "password": new, "again": new}
    )
    row = mongo.audit_log.find_one({"action": "staff.password.change"})
    assert row is not None
    assert new not in str(row)
    assert "argon2" not in str(row)


def test_a_wrong_current_password_is_counted_and_changes_nothing(client_for, staff):
    client, before = client_for("viewer"), staff("viewer").password
    new = "several unrelated words here"
    form = {"current": "wrong", "password": new, "again": new}
    answers = [client.post("/account/password/", form) for _ in range(6)]
    assert {answer.status_code for answer in answers} == {422}
    assert b"not your current password" in answers[0].content
    assert b"Too many attempts" in answers[5].content
    assert StaffUser.objects.get(pk=staff("viewer").pk).password == before
