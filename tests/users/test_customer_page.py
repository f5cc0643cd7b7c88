"""The page of one customer, and the suggestions."""

from datetime import UTC, datetime

import pytest


def test_the_page_shows_who_the_customer_is_and_never_the_password(admin, make_customer):
    customer = make_customer(
        name="Ada", status="suspended", password_hash="$argon2-hash",
        subscription={"plan": "pro", "status": "past_due", "secret": "card-number"},
    )  # fmt: skip
    html = admin.get(f"/users/{customer['id']}/").content.decode()
    for shown in ("Ada", customer["email"], "Suspended", "pro", "past_due"):
        assert shown in html
    assert "argon2" not in html
    assert "card-number" not in html


def test_the_newest_projects_are_listed_with_a_link_to_all(admin, make_customer, make_project):
    customer = make_customer()
    for number in range(12):
        made = datetime(2026, 1, 1, 0, number, tzinfo=UTC)
        make_project(user_id=customer["id"], name=f"No {number}.", created_at=made)
    html = admin.get(f"/users/{customer['id']}/").content.decode()
    assert html.index("No 11.") < html.index("No 5.")
    assert "No 3." not in html
    assert "All 12 projects" in html
    assert f"/projects/?owner={customer['id']}" in html


@pytest.mark.parametrize("user_id", ["nope", "a%00b", "x" * 3000, "$ne"])
def test_a_wrong_id_is_a_404(admin, user_id):
    assert admin.get(f"/users/{user_id}/").status_code == 404


def test_a_malformed_customer_is_shown_with_the_faults(admin, make_customer):
    customer = make_customer(name=5, created_at="2026", subscription=["pro"], status=None)
    html = admin.get(f"/users/{customer['id']}/").content.decode()
    for fault in ("name is not text", "created_at is not a date", "subscription is not an object"):
        assert fault in html


def test_suggestions_find_by_the_beginning_of_an_address_or_the_id(admin, make_customer):
    ada = make_customer(email="ada@x.example", name="Ada <b>")
    make_customer(email="bob@x.example", name="Bob")
    html = admin.get("/users/suggest/", {"customer": "AD"}).content.decode()
    assert f'value="{ada["id"]}"' in html
    assert "Ada &lt;b&gt;" in html
    assert "Bob" not in html
    assert ada["id"] in admin.get("/users/suggest/", {"customer": ada["id"]}).content.decode()


@pytest.mark.parametrize("text", ["", ".*", "a\0", "x" * 5000, "("])
def test_odd_suggestions_find_nobody(admin, make_customer, text):
    make_customer()
    answer = admin.get("/users/suggest/", {"customer": text})
    assert answer.status_code == 200
    assert "radio" not in answer.content.decode()
