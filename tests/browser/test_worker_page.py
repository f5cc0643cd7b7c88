"""The page about the worker by hand: its states, that it asks for news and takes nothing away."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bson import Timestamp
from playwright.sync_api import expect

from devora_admin.core import clock, mongo
from devora_admin.core.consumers import Change
from devora_admin.worker.following import lease as leases
from devora_admin.worker.following import letters
from devora_admin.worker.following.lease import NOW, Lease
from tests.browser.conftest import every_look

NAME = "versions"


def stopped(lease: Lease) -> None:
    lease.store({"token": {"_data": "x"}, "wall_time": clock.now()}, handled=81_234)
    lease.release()


def behind(lease: Lease) -> None:
    since = clock.now() - timedelta(seconds=95)
    live = {"token": {"_data": "x"}, "wall_time": since, "behind_since": since, "rate": 412.37}
    lease.store(live, handled=81_234)


def going_through(lease: Lease) -> None:
    why = "It follows for the first time."
    going = {"why": why, "handled": 38_120, "total": 100_000, "position": 1, "token": {}}
    began = {"reconcile_began_at": clock.now() - timedelta(minutes=2)}
    lease.store({"reconcile": going, **began})


def failing(lease: Lease) -> None:
    error = "pymongo.errors.OperationFailure: " + "a.very.long.word." * 20 + "\nsomewhere"
    lease.store({"token": {"_data": "x"}, "caught_up_at": NOW})
    lease.renew({"last_error": error, "last_error_at": NOW})


@pytest.fixture
def letter_ids(make_project: Any) -> list[str]:
    found = []
    for number in range(3):
        project, at = make_project(), clock.now()
        paths = tuple((f"files.{n}.content", "x") for n in range(number * 4))
        change = Change("projects", project["_id"], "update", at, Timestamp(at, 1), set=paths)
        error = ValueError("no way to read " + "x" * 300 * number)
        aside = letters.setting_aside(NAME, change, error, tries=5 if number else 2)
        mongo.run_in_transaction(aside)
        found.append(letters.id_of(NAME, change))
    return found


@pytest.fixture
def lease() -> Lease:
    found = leases.take(NAME, owner="host:1:x")
    assert found
    return found


@every_look
@pytest.mark.parametrize("state", [stopped, behind, going_through, failing])
def test_each_state_is_accessible_and_fits(
    page_as, axe, lease, letter_ids, state: Callable[[Lease], None], size, theme
):
    state(lease)
    page = page_as("editor", size=size, theme=theme)
    for path in ("/worker/", f"/worker/letters/{letter_ids[2]}/"):
        page.goto(path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for table in page.locator(".table-responsive").all():
            assert table.evaluate("table => table.scrollWidth <= table.clientWidth")


def test_it_tells_the_news_and_leaves_the_keyboard_where_it_is(page_as, lease, letter_ids):
    stopped(lease)
    page = page_as("editor")
    page.goto("/worker/")
    versions = page.get_by_role("region", name="Versions of projects")
    link = page.locator(f"#letter-{letter_ids[1]}")
    link.focus()
    with page.expect_response("**/worker/"):
        expect(versions.get_by_text("Stopped", exact=True)).to_be_visible()
    again = leases.take(NAME, owner="host:2:y")
    assert again
    again.store({"caught_up_at": NOW})
    expect(versions.get_by_text("Up to date")).to_be_visible()
    expect(link).to_be_focused()


def test_one_has_a_change_tried_again_and_another_discarded(page_as, letter_ids):
    page = page_as("editor")
    page.goto(f"/worker/letters/{letter_ids[1]}/")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("It is being tried again")).to_be_visible()
    page.locator(f"#letter-{letter_ids[2]}").click()
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    expect(page.locator(f"#letter-{letter_ids[2]}")).to_have_count(0)
    expect(page.locator(f"#letter-{letter_ids[1]}")).to_be_visible()
