"""What the timeline says of events, staff actions and notes, and what its filters leave."""

from datetime import timedelta
from typing import Any

import pytest

from devora_admin.core import clock
from devora_admin.users.services import notes, standing


@pytest.fixture
def customer(make_customer: Any) -> dict[str, Any]:
    found: dict[str, Any] = make_customer(name="Ada")
    return found


@pytest.fixture
def happen(mongo: Any, customer: dict[str, Any]) -> Any:
    """happen("error", minutes=5, message="…") adds an event of that many minutes ago."""

    def add(kind: str, *, minutes: float = 1, project_id: str = "", **properties: Any) -> None:
        made = {"event_type": kind, "user_id": customer["id"], "properties": properties,
                "timestamp": clock.now() - timedelta(minutes=minutes)}  # fmt: skip
        mongo.analytics_events.insert_one(made | ({"project_id": project_id} if project_id else {}))

    return add


def test_a_failure_tells_its_message_code_and_model(admin, customer, happen):
    happen("generation_failed", message="Too many tokens", code="rate_limited", model="opus",
           tokens=1234, latency_ms=4200, cost_usd=0.0123)  # fmt: skip
    html = admin.get(f"/users/{customer['id']}/").content.decode()
    for shown in ("Generation failed", "event-danger", "Too many tokens", "rate_limited", "opus",
                  "1,234 tokens", "4.2 s", "$0.0123", "Last 15 minutes"):  # fmt: skip
        assert shown in html


def test_projects_are_linked_by_name_and_missing_ones_are_said_to_be_gone(
    admin, customer, happen, make_project
):
    project = make_project(name="Shop of dreams")
    happen("project_saved", project_id=project["id"])
    happen("deploy", project_id="gone")
    html = admin.get(f"/users/{customer['id']}/timeline/").content.decode()
    assert f'<a href="/projects/{project["id"]}/" dir="auto">Shop of dreams</a>' in html
    assert "a project that is gone" in html


def test_staff_actions_and_notes_stand_among_the_events(client_for, customer, happen, actor):
    happen("login", minutes=60)
    standing.suspend_customer(customer["id"], reason="Chargeback", actor=actor)
    notes.add_note(customer["id"], text="Rang back", actor=actor)
    for role in ("viewer", "support", "admin"):
        html = client_for(role).get(f"/users/{customer['id']}/timeline/").content.decode()
        for shown in ("Chargeback", actor.email, "Rang back", "Signed in"):
            assert shown in html
        assert html.count("Rang back") == 1
        assert ("/audit/" in html) is (role == "admin")


def test_filters_leave_their_kinds_and_add_up(admin, customer, happen):
    for kind in ("login", "error", "generation_failed", "project_saved", "message_sent"):
        happen(kind, message=f"about {kind}")
    page = f"/users/{customer['id']}/timeline/"

    def shown(*kinds: str) -> set[str]:
        html = admin.get(page, {"kind": kinds}).content.decode()
        return {kind for kind in ("login", "error", "generation_failed", "project_saved",
                                  "message_sent") if f"about {kind}" in html}  # fmt: skip

    assert shown("failures") == {"error", "generation_failed"}
    assert shown("failures", "sign-ins") == {"error", "generation_failed", "login"}
    assert shown("note") == set()
    assert len(shown("no such kind")) == len(shown()) == 5


def test_unheard_of_events_become_filters_by_themselves(admin, customer, happen):
    happen("domain_connected", domain="ada.example")
    happen("login")
    page = f"/users/{customer['id']}/timeline/"
    html = admin.get(page).content.decode()
    assert "?kind=events%3Adomain_connected" in html
    html = admin.get(page, {"kind": "events:domain_connected"}).content.decode()
    assert "ada.example" in html
    assert "Signed in" not in html
    assert "Nothing of these kinds" in admin.get(page, {"kind": "events:other"}).content.decode()


def test_htmx_gets_the_timeline_alone(admin, customer, happen):
    happen("login")
    for page in ("", "timeline/"):
        headers = {"HX-Request": "true"}
        html = admin.get(f"/users/{customer['id']}/{page}?kind=sign-ins", headers=headers)
        assert html.content.decode().lstrip().startswith("<section")
        assert "<html" not in html.content.decode()


def test_a_damaged_cursor_is_refused_and_many_kinds_are_not(admin, customer):
    page = f"/users/{customer['id']}/timeline/"
    assert admin.get(page, {"cursor": "x"}).status_code == 422
    many = [f"events:{number}" for number in range(500)]
    assert admin.get(page, {"kind": many}).status_code == 200
    assert admin.get(page, {"kind": ["\0", "events:\0", "events:" + "x" * 5000]}).status_code == 200


def test_what_is_older_is_linked_and_read_on(admin, customer, happen):
    for number in range(60):
        happen("login", minutes=number + 20, note=f"no-{number}-")
    page = f"/users/{customer['id']}/timeline/"
    html = admin.get(page).content.decode()
    assert "no-49-" in html
    assert "no-50-" not in html
    older = html.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    html = admin.get(page + older).content.decode()
    assert "no-50-" in html
    assert "no-49-" not in html
    assert 'rel="prev"' in html
