from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client
from django.urls import reverse

from devora_admin.staff.models import StaffSession, StaffUser
from tests.conftest import PASSWORD

LOGIN = "/login/"


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post(LOGIN, {"email": email, "password": password, **extra})


def test_the_right_password_opens_the_page_that_was_asked_for(staff):
    client = Client()
    asked = client.get("/projects/?q=a")
    assert asked.status_code == 302
    assert asked["Location"] == "/login/?next=%2Fprojects%2F%3Fq%3Da"
    response = sign_in(client, staff("viewer").email, next="/projects/?q=a")
    assert response["Location"] == "/projects/?q=a"
    assert client.get("/projects/").status_code == 200


def test_an_address_is_matched_whatever_its_case(staff):
    assert sign_in(Client(), staff("viewer").email.upper()).status_code == 302


def test_a_next_page_on_another_site_is_ignored(staff):
    response = sign_in(Client(), staff("viewer").email, next="https://evil.example/")
    assert response["Location"] == reverse("overview")


def test_a_wrong_password_an_unknown_address_and_a_disabled_account_get_the_same_answer(staff):
    disabled = staff("viewer", email="gone@devora.example")
    disabled.is_active = False
    disabled.save()
    answers = {
        sign_in(Client(), email, password).content.count(b"do not match")
        for email, password in (
            (staff("editor").email, "wrong"),
            ("nobody@devora.example", PASSWORD),
            (disabled.email, PASSWORD),
        )
    }
    assert answers == {1}


def test_sixty_parallel_guesses_reach_the_hasher_at_most_five_times(staff):
    email = staff("viewer").email
    hashed = []
    verify = Argon2PasswordHasher.verify

    def counting(self: Any, password: str, encoded: str) -> bool:
        hashed.append(password)
        return verify(self, password, encoded)

    # The hasher still runs; it is only counted.
    with patch.object(Argon2PasswordHasher, "verify", counting), ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda n: sign_in(Client(), email, f"wrong-{n}"), range(60)))
    assert len(hashed) <= 5
    assert all(answer.status_code == 422 for answer in answers)
    assert b"Too many attempts" in sign_in(Client(), email).content


def test_signing_in_clears_the_count(staff):
    email = staff("viewer").email
    for _ in range(2):
        for _ in range(4):
            sign_in(Client(), email, "wrong")
        assert sign_in(Client(), email).status_code == 302


def test_a_session_is_found_by_its_key_and_names_its_account(staff, mongo):
    client = Client()
    user = staff("viewer")
    sign_in(client, user.email)
    session = StaffSession.objects.get()
    assert session.user_ref == str(user.pk)
    raw = mongo.staff_staffsession.find_one({})
    assert raw["_id"] == client.cookies["devora_session"].value
    ttl = mongo.staff_staffsession.index_information()["ttl"]
    assert ttl["expireAfterSeconds"] == 0


def test_the_session_and_account_lookups_use_an_index(staff, mongo):
    client = Client()
    user = staff("viewer")
    sign_in(client, user.email)
    for collection, condition in (
        ("staff_staffsession", {"_id": client.cookies["devora_session"].value}),
        ("staff_staffuser", {"email": user.email}),
    ):
        plan = mongo[collection].find(condition).explain()["queryPlanner"]["winningPlan"]
        assert "COLLSCAN" not in str(plan)


def test_disabling_an_account_ends_its_session(client_for, staff):
    client = client_for("viewer")
    assert client.get("/projects/").status_code == 200
    StaffUser.objects.filter(pk=staff("viewer").pk).update(is_active=False)
    assert client.get("/projects/").status_code == 302


def test_a_new_password_ends_old_sessions(client_for, staff):
    client = client_for("viewer")
    user = staff("viewer")
    user.set_password("another long password")
    user.save()
    assert client.get("/projects/").status_code == 302


def test_signing_out_needs_a_post_and_ends_the_session(client_for):
    client = client_for("viewer")
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert StaffSession.objects.count() == 0


def test_a_signed_out_fragment_moves_the_whole_page_to_the_sign_in():
    response = Client().get(
        "/projects/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/projects/?q=x"},
    )
    assert response["HX-Redirect"] == "/login/?next=%2Fprojects%2F%3Fq%3Dx"


def test_a_script_that_is_signed_out_is_told_so_and_can_sign_in_in_place(staff):
    client = Client(headers={"Accept": "application/json"})
    refused = client.get("/projects/")
    assert refused.status_code == 401
    assert refused.json()["login"] == "/login/"
    assert sign_in(client, staff("viewer").email, "wrong").json()["error"]["code"] == "sign_in"
    assert sign_in(client, staff("viewer").email).json() == {"ok": True}


def test_odd_input_is_refused_at_the_form():
    for data in (
        {},
        {"email": "a\x00@b.c", "password": "x"},
        {"email[$ne]": "", "password[$ne]": ""},
        {"email": "x" * 10_000, "password": "x"},
        {"email": "a@b.example", "password": "x" * 100_000},
    ):
        assert Client().post(LOGIN, data).status_code == 422


def test_a_forged_form_is_refused(staff):
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, staff("viewer").email).status_code == 403


def test_a_line_end_in_the_next_page_reaches_no_header(client_for):
    for next_page in ("/projects/\n?q=a", "/projects/\r\nSet-Cookie: a=b", "/projects/?q=ü"):
        answer = client_for("viewer").get(
            "/login/", {"next": next_page}, headers={"HX-Request": "true"}
        )
        assert answer.status_code == 204, next_page
        assert answer["HX-Redirect"].startswith("/projects/")
        assert answer["HX-Redirect"].isascii()


def test_a_current_address_that_is_none_still_leads_to_the_sign_in_page():
    for address in ("http://[", "http://[::1", "//", "\\", ""):
        answer = Client(raise_request_exception=False).get(
            "/projects/", headers={"HX-Request": "true", "HX-Current-URL": address}
        )
        assert answer.status_code == 204, address
        assert answer["HX-Redirect"].startswith("/login/")
