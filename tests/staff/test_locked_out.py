"""Somebody hammers an address. Its owner gets in nevertheless, by several ways."""

from typing import Any

import pytest
from django.test import Client

from devora_admin.staff import devices, links, throttle
from tests.conftest import PASSWORD


def sign_in(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post("/login/", {"email": email, "password": password})


@pytest.fixture
def hammered(staff) -> Any:
    """An account whose attempts are used up, from an office that shares its address."""
    user = staff("viewer")

    def hammer() -> None:
        for _ in range(throttle.PER_ACCOUNT + 1):
            sign_in(Client(), user.email, "wrong")
        throttle.count_attempt("address:127.0.0.1", limit=1)
        for _ in range(throttle.PER_ADDRESS):
            throttle.count_attempt("address:127.0.0.1", limit=1)

    user.hammer = hammer
    return user


def test_a_stranger_with_the_right_password_waits(hammered):
    hammered.hammer()
    assert sign_in(Client(), hammered.email).status_code == 422


def test_the_owners_own_device_is_counted_apart(hammered):
    mine = Client()
    sign_in(mine, hammered.email)
    mine.post("/logout/")
    hammered.hammer()
    assert sign_in(mine, hammered.email).status_code == 302


def test_a_known_device_has_no_more_attempts_than_a_stranger(hammered):
    mine = Client()
    sign_in(mine, hammered.email)
    mine.post("/logout/")
    for _ in range(throttle.PER_ACCOUNT):
        sign_in(mine, hammered.email, "wrong")
    assert b"Too many attempts" in sign_in(mine, hammered.email).content


def test_a_device_is_known_to_its_own_account_only(hammered, staff):
    mine = Client()
    sign_in(mine, staff("editor").email)
    mine.post("/logout/")
    hammered.hammer()
    assert sign_in(mine, hammered.email).status_code == 422


def test_a_device_cookie_that_was_written_by_hand_is_none(hammered):
    hammered.hammer()
    for cookie in ("", "x", "x:y:z", '"a"', "\x7f", "a" * 5000):
        mine = Client()
        mine.cookies[devices.COOKIE] = cookie
        assert sign_in(mine, hammered.email).status_code == 422


def test_the_device_cookie_is_kept_from_scripts_and_says_nothing_of_the_account(hammered):
    mine = Client()
    sign_in(mine, hammered.email)
    cookie = mine.cookies[devices.COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert hammered.email not in cookie.value


def test_half_a_sign_in_makes_no_known_device(hammered, totp_for):
    totp_for(hammered)
    mine = Client()
    sign_in(mine, hammered.email)
    assert devices.COOKIE not in mine.cookies


def test_the_second_step_of_a_known_device_is_counted_apart_too(hammered, totp_for):
    app, mine = totp_for(hammered), Client()
    sign_in(mine, hammered.email)
    mine.post("/login/verify/", {"code": app.code()})
    mine.post("/logout/")
    for _ in range(throttle.PER_ACCOUNT + 1):
        throttle.count_attempt(f"code:{hammered.pk}", limit=1)
    hammered.hammer()
    sign_in(mine, hammered.email)
    assert mine.post("/login/verify/", {"code": app.code()}).status_code == 302


def test_a_one_time_link_gets_in_and_ends_the_count(hammered, actor):
    hammered.hammer()
    path = links.recovery(str(hammered.pk), reset_second_factor=False, actor=actor)
    new = "several unrelated words here"
    client = Client()
    assert client.post(path, {"password": new, "again": new})["Location"] == "/"
    assert client.get("/projects/").status_code == 200
    client.post("/logout/")
    assert sign_in(client, hammered.email, new).status_code == 302
