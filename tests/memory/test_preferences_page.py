"""What a customer is taken to prefer, shown with its reasons, and what staff decide about it."""

from urllib.parse import urlencode

import pytest

from devora_admin.memory.documents import decisions
from tests.memory.deciding import HX, is_shown_what_was_decided, offered

pytestmark = pytest.mark.usefixtures("memory")


def test_preferences_stand_with_their_reasons_and_staff_have_the_last_word(
    admin, client_for, remembered
):
    user_id, project_id = remembered
    url, which = f"/memory/customers/{user_id}/preferences/", {"topic": "css", "value": "tailwind"}
    html = client_for("viewer").get(url, headers=HX).content.decode()
    assert "Always use Tailwind, please." in html
    assert f"/projects/{project_id}/conversation/?turn=1#turn-1" in html
    assert "<form" not in html
    support = client_for("support")
    html = support.post(f"{url}pin/", {**which, "expected": ""}, headers=HX).content.decode()
    assert "Pinned" in html
    assert support.post(f"{url}reject/", {**which, "expected": ""}, headers=HX).status_code == 409
    html = support.post(
        f"{url}release/", {**which, "expected": "pinned"}, headers=HX
    ).content.decode()
    assert "Pinned" not in html
    correct = f"{url}correct/?topic=css&value=tailwind&expected="
    assert "bootstrap" in support.get(correct, headers=HX).content.decode()
    assert support.post(correct, {"correction": "tailwind"}).status_code == 422
    assert support.post(correct, {"correction": "bootstrap"}).status_code == 302
    html = support.get(url).content.decode()
    assert "Corrected" in html
    assert "Rejected" in html
    assert decisions().count_documents({"user_id": user_id}) == 1
    for wrong in ({"topic": "css"}, {"topic": "x", "value": "y"}, {}):
        assert support.post(f"{url}pin/", wrong).status_code == 422
    assert support.get(f"{url}correct/").status_code == 422


def test_what_was_decided_is_shown_to_who_was_late_undone_in_place_and_told_in_the_timeline(
    client_for, remembered
):
    user_id, _ = remembered
    support, url = client_for("support"), f"/memory/customers/{user_id}/preferences/"
    which = {"topic": "css", "value": "tailwind", "expected": ""}
    there = {**HX, "HX-Current-URL": f"http://testserver/memory/customers/{user_id}/"}
    pinned = support.post(f"{url}pin/", which, headers=there)
    is_shown_what_was_decided(support, f"{url}reject/", which)
    undone = support.post(offered(pinned), headers=there)
    assert undone["HX-Refresh"] == "true", "read anew where it is, scrolled as it is"
    support.post(f"{url}correct/?{urlencode(which)}", {"correction": "bootstrap"})
    bootstrap = {"topic": "css", "value": "bootstrap", "expected": "corrected"}
    support.post(f"{url}release/", bootstrap, headers=HX)
    html = support.get(f"/users/{user_id}/timeline/", headers=HX).content.decode()
    for said in (
        "Pinned css: tailwind", "Undid: pinned css: tailwind",
        "Corrected css: tailwind, to bootstrap", "Took back: corrected css: tailwind",
    ):  # fmt: skip
        assert said in html, said


def test_who_views_as_the_customer_is_not_shown_what_is_remembered(admin, remembered):
    user_id, _ = remembered
    page = f"/users/{user_id}/"
    assert f"/memory/customers/{user_id}/preferences/" in admin.get(page).content.decode()
    admin.post(f"{page}as/start/", {"minutes": "5", "reason": "To see what they see"})
    html = admin.get(page).content.decode()
    assert "is not shown while you view as" in html
    assert f"/memory/customers/{user_id}/preferences/" not in html
