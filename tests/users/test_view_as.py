"""Seeing the platform as a customer: what is shown, what is refused, how it ends."""

from datetime import timedelta

import pytest

from devora_admin.core import clock
from devora_admin.core import mongo as core_mongo
from devora_admin.staff.permissions import PUBLIC, permission_of
from tests.contracts.test_routes import address, routes
from tests.users.acting import HTMX, rows, stored

ENDS_IT = ("view_as_stop", "logout")
READABLE = {"users.view", "users.view_as", "projects.view", "settings.view"}
ROUTES = list(routes())


@pytest.fixture
def customer(make_customer):
    return make_customer(name="Ada", subscription={"plan": "pro", "seats": 3})


@pytest.fixture
def viewer_of(client_for):
    """viewer_of(customer) → a client of an admin who views as that customer."""

    def make(customer, **sent):
        client = client_for("admin")
        sent = {"reason": "Ticket 5", "minutes": "15", **sent}
        started = client.post(f"/users/{customer['id']}/as/start/", sent)
        assert started.headers["Location"] == f"/users/{customer['id']}/as/"
        return client

    return make


def test_the_customer_page_of_the_platform_is_shown_with_the_banner(
    viewer_of, customer, make_project
):
    kept = make_project(user_id=customer["id"], name="Shop")
    make_project(user_id=customer["id"], name="Gone", archived_at=clock.now())
    html = viewer_of(customer).get(f"/users/{customer['id']}/as/").content.decode()
    assert "Viewing as <bdi>Ada</bdi>" in html
    assert "Ticket 5" in html
    assert "Shop" in html
    assert f"/as/projects/{kept['id']}/" in html
    assert "Gone" not in html
    assert "seats" in html


def test_files_and_conversation_of_their_projects_are_read(viewer_of, customer, make_project):
    said = [{"role": "user", "content": "Make it blue"}]
    project = make_project(user_id=customer["id"], conversation_history=said)
    url = f"/users/{customer['id']}/as/projects/{project['id']}/"
    client = viewer_of(customer)
    assert "page.tsx" in client.get(url).content.decode()
    shown = client.get(url, {"file": "app/page.tsx"}, headers=HTMX).content.decode()
    assert "export" in shown
    assert "Open in editor" not in shown
    assert "Make it blue" in client.get(f"{url}conversation/").content.decode()


@pytest.mark.parametrize("fields", [{"user_id": "other"}, {"archived_at": clock.now()}])
def test_another_customers_project_or_an_archived_one_is_not_there(
    viewer_of, customer, make_project, fields
):
    project = make_project(**{"user_id": customer["id"], **fields})
    client = viewer_of(customer)
    for path in ("", "conversation/"):
        url = f"/users/{customer['id']}/as/projects/{project['id']}/{path}"
        assert client.get(url).status_code == 404
    assert client.get(f"/projects/{project['id']}/").status_code == 403


def test_pages_of_others_are_refused_with_the_way_out(viewer_of, customer, make_customer):
    other = make_customer()
    client = viewer_of(customer)
    for path in (f"/users/{other['id']}/", f"/users/{other['id']}/as/", "/", "/projects/",
                 "/users/export.csv", "/projects/export.csv", "/jobs/"):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 403, path
        assert "Stop viewing as Ada first" in answer.content.decode()
        assert f"/users/{customer['id']}/as/stop/" in answer.content.decode()
    assert client.get(f"/users/{customer['id']}/").status_code == 200


def test_no_route_takes_a_write(viewer_of, make_customer):
    client = viewer_of(make_customer(id="x"))  # what the addresses of the routes name
    before = {name: list(core_mongo.database()[name].find()) for name in ("users", "audit_log")}
    taken = []
    for path, pattern in ROUTES:
        for method in ("post", "put", "patch", "delete", "options"):
            if pattern.name in ENDS_IT:
                continue
            answer = getattr(client, method)(address(path, pattern))
            said = "Nothing can be changed while you view" in answer.content.decode()
            if answer.status_code != 403 or not said:
                taken.append((method, path, answer.status_code))
    assert taken == []
    for name, held in before.items():
        assert list(core_mongo.database()[name].find()) == held


def test_only_what_concerns_the_customer_is_read(viewer_of, make_customer):
    client = viewer_of(make_customer(id="viewed"))
    read = []
    for path, pattern in ROUTES:
        permission = permission_of(pattern.callback)
        if permission == PUBLIC or pattern.name in ENDS_IT:
            continue
        answer = client.get(address(path, pattern))
        if answer.status_code != 403 or "Stop viewing as" not in answer.content.decode():
            read.append((path, answer.status_code))
        mine = address(path.replace("<str:user_id>", "viewed"), pattern)
        if "<str:user_id>" in path and permission not in READABLE:
            status = client.get(mine).status_code
            if status != 403:
                read.append((mine, status))
    assert read == []


def test_it_ends_by_itself(viewer_of, customer, make_customer, monkeypatch):
    client = viewer_of(customer, minutes="5")
    later = clock.now() + timedelta(minutes=5)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert client.get("/projects/").status_code == 200
    assert "Viewing as" not in client.get(f"/users/{customer['id']}/").content.decode()
    page = client.get(f"/users/{customer['id']}/as/")
    assert page.headers["Location"] == f"/users/{customer['id']}/as/start/"


def test_start_and_stop_are_on_record_as_the_staff_member(viewer_of, customer, mongo):
    client = viewer_of(customer)
    stopped = client.post(f"/users/{customer['id']}/as/stop/")
    assert stopped.headers["Location"] == f"/users/{customer['id']}/"
    assert client.get("/projects/").status_code == 200
    start, end = rows(mongo)
    assert (start["action"], end["action"]) == ("users.view_as", "users.view_as_end")
    assert start["actor"]["email"] == "admin@devora.example"
    assert start["reason"] == "Ticket 5"
    assert start["after"]["minutes"] == 15
    assert start["subject"]["id"] == end["subject"]["id"] == customer["id"]


def test_the_customer_is_not_touched(viewer_of, customer, mongo, make_project):
    make_project(user_id=customer["id"])
    held = stored(mongo, customer)
    client = viewer_of(customer)
    client.get(f"/users/{customer['id']}/as/")
    client.post(f"/users/{customer['id']}/as/stop/")
    assert stored(mongo, customer) == held
    assert mongo.analytics_events.count_documents({}) == 0


@pytest.mark.parametrize(
    "sent", [{"reason": ""}, {"minutes": "0"}, {"minutes": "61"}, {"minutes": "x"},
             {"reason": "a\0b"}, {"minutes": "9" * 400}]
)  # fmt: skip
def test_a_start_without_reason_or_with_too_long_a_time_is_refused(
    client_for, customer, mongo, sent
):
    sent = {"reason": "x", "minutes": "15", **sent}
    url = f"/users/{customer['id']}/as/start/"
    assert client_for("support").post(url, sent).status_code == 422
    assert rows(mongo) == []
    assert client_for("viewer").post(url, sent).status_code == 403


def test_a_script_and_a_fragment_are_refused_in_their_own_way(viewer_of, customer):
    client = viewer_of(customer)
    asked = client.get("/projects/", headers={"Accept": "application/json"})
    assert asked.json()["error"]["message"] == "Stop viewing as Ada first."
    assert "<html" not in client.get("/projects/", headers=HTMX).content.decode()


def test_a_page_costs_nothing_more_while_nobody_views(client_for, customer):
    client = client_for("admin")
    url = f"/users/{customer['id']}/edit/"
    client.get(url)
    trips = client.get(url, headers=HTMX).headers["Server-Timing"]
    assert 'mongo;desc="3"' in trips  # the session, the account, the customer
