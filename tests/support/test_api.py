"""The API: who is let in, what is taken, and what is refused and how."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from devora_admin.api import clients, rates
from devora_admin.core import breaker, clock
from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.staff import audit
from devora_admin.support.queries.history import history_of
from devora_admin.support.queries.issue import Pinned, issue
from devora_admin.support.queries.thread import thread
from devora_admin.support.services import fields

URL = "/api/issues/"
STORES = ("support_issues", "support_messages", "audit_log", "api_calls")


def held(mongo):
    return {name: mongo[name].count_documents({}) for name in STORES}


def problem(answer, status):
    """What is wrong, as RFC 9457 tells it."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    found = answer.json()
    assert found["status"] == status
    assert found["type"] == f"urn:devora:problem:{found['code']}"
    assert found["title"]
    assert found["detail"]
    return found


def pointers(answer):
    return {fault.get("pointer") for fault in problem(answer, 422)["errors"]}


def test_an_issue_is_opened_for_a_customer(call, body, customer, make_project):
    project = make_project(user_id=customer["id"], revision=4)
    more = {"project_id": project["id"], "priority": "high", "tags": ["Deploy"],
            "pinned": {"revision": 3}}  # fmt: skip
    answer = call(URL, {**body, **more})
    assert answer.status_code == 201
    given = answer.json()
    found = issue(given["number"])
    assert (given["id"], given["status"], given["priority"]) == (found.id, "open", "high")
    assert (found.user_id, found.project_id, found.source) == (customer["id"], project["id"], "api")
    assert (found.pinned, found.tags) == (Pinned(revision=3), ("deploy",))
    [line] = history_of(found.number).rows
    assert (line.row.actor_role, line.row.actor_email) == ("api", "Platform (API)")


def test_an_issue_costs_ten_round_trips(call, body):
    call(URL, body)
    assert 'desc="10"' in call(URL, body)["Server-Timing"]


@pytest.mark.parametrize("email", ["zoe.quill@marked.example", "Zoe.Quill@Marked.example"])
def test_a_customer_is_named_by_address_too(call, body, customer, email):
    del body["customer_id"]
    number = call(URL, {**body, "customer_email": email}).json()["number"]
    assert issue(number).user_id == customer["id"]


def test_an_account_that_was_merged_leads_to_the_one_that_stayed(
    call, body, customer, make_customer
):
    gone = make_customer(merged_into=customer["id"])
    number = call(URL, {**body, "customer_id": gone["id"]}).json()["number"]
    assert issue(number).user_id == customer["id"]
    answer = call(f"{URL}{number}/replies/", {"customer_id": gone["id"], "text": "more"})
    assert answer.status_code == 201


def test_the_customers_reply_goes_into_the_thread(call, opened, customer, actor):
    number = opened()
    fields.set_status(number, "resolved", seen=1, actor=actor)
    answer = call(f"{URL}{number}/replies/", {"customer_id": customer["id"], "text": "Still so"})
    assert answer.status_code == 201
    assert answer.json() == {"number": number, "sequence": 2, "status": "open"}
    assert thread(number)[1].text == "Still so"
    fields.set_status(number, "closed", seen=issue(number).revision, actor=actor)
    answer = call(f"{URL}{number}/replies/", {"customer_id": customer["id"], "text": "Again"})
    assert answer.json() == {"number": 2, "sequence": 1, "status": "open"}
    assert issue(2).source == "api"


def test_nobody_replies_in_an_issue_of_another_customer(call, opened, make_customer):
    number, other = opened(), make_customer()
    answer = call(f"{URL}{number}/replies/", {"customer_id": other["id"], "text": "x"})
    assert "no issue" in problem(answer, 404)["detail"]
    problem(call(f"{URL}999/replies/", {"customer_id": other["id"], "text": "x"}), 404)
    problem(call(f"{URL}{10**40}/replies/", {"customer_id": other["id"], "text": "x"}), 404)
    assert len(thread(number)) == 1


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer x", "Bearer dvk_x", "Basic dvk_x", "Bearer dvk_" + "x" * 9999],
)
def test_without_a_valid_token_nobody_is_let_in(body, mongo, header):
    headers = {} if header is None else {"Authorization": header}
    answer = Client().post(URL, body, content_type="application/json", headers=headers)
    problem(answer, 401)
    assert answer["WWW-Authenticate"] == "Bearer"
    assert held(mongo) == dict.fromkeys(STORES, 0)


def test_a_staff_session_opens_nothing_here(admin, body):
    problem(admin.post(URL, body, content_type="application/json"), 401)


def test_a_token_is_shown_once_kept_as_a_digest_and_revoked_at_once(call, body, token, mongo):
    assert call(URL, body).status_code == 201
    assert token not in str(list(mongo.api_clients.find())) + str(list(mongo.audit_log.find()))
    [client] = clients.every_client()
    clients.revoke_client(client.id, actor=audit.SYSTEM)
    problem(call(URL, body), 401)
    with pytest.raises(Conflict):
        clients.revoke_client(client.id, actor=audit.SYSTEM)


def test_a_token_does_what_its_scopes_say(call, body, mongo):
    mongo.api_clients.update_one({}, {"$set": {"scopes": ["something.else"]}})
    assert "issues.write" in problem(call(URL, body), 403)["detail"]


def test_the_command_makes_lists_and_revokes_tokens(capsys, body):
    call_command("api_client", "create", "Platform", "--scope", "issues.write")
    token = capsys.readouterr().out.strip()
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
    sent = {"content_type": "application/json", "headers": headers}
    assert Client().post(URL, body, **sent).status_code == 201
    call_command("api_client", "list")
    listed = capsys.readouterr().out
    assert f"Platform  issues.write  {rates.PER_MINUTE} a minute  in use" in listed
    assert token not in listed
    call_command("api_client", "revoke", listed.split()[0])
    assert Client().post(URL, body, **sent).status_code == 401
    with pytest.raises(CommandError):
        call_command("api_client", "revoke", "none")
    with pytest.raises(InvalidInput):
        clients.create_client(" ", scopes=["issues.write"], actor=audit.SYSTEM)
    with pytest.raises(CommandError):
        call_command("api_client", "create", "x", "--scope", "issues.write", "--per-minute", "0")


def test_beyond_its_rate_a_program_is_told_when_to_go_on(call, body, token, monkeypatch):
    [client] = clients.every_client()
    call_command("api_client", "rate", client.id, "3")
    moment = clock.now().replace(second=20)
    monkeypatch.setattr(clock, "now", lambda: moment)
    # What is refused counts as well.
    answers = [call(URL, {}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [422, 422, 422, 429, 429]
    problem(answers[-1], 429)
    assert answers[-1]["Retry-After"] == "40"
    moment += timedelta(seconds=40)
    assert call(URL, body).status_code == 201


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"customer_id": "nobody"}, "#/customer_id"),
        ({"customer_id": 7}, "#/customer_id"),
        ({"customer_id": ""}, "#/customer_id"),
        ({"customer_id": {"$ne": None}}, "#/customer_id"),
        ({"customer_id": None}, "#"),
        ({"customer_email": "zoe.quill@marked.example"}, "#"),
        ({"customer_id": None, "customer_email": "zoe"}, "#/customer_email"),
        ({"customer_id": None, "customer_email": "a@b\r\nBcc: c@d.example"}, "#/customer_email"),
        ({"customer_id": None, "customer_email": "no@one.example"}, "#/customer_email"),
        ({"project_id": "none"}, "#/project_id"),
        ({"subject": "x" * 201}, "#/subject"),
        ({"subject": " "}, "#/subject"),
        ({"subject": ["x"]}, "#/subject"),
        ({"text": "a\0b"}, "#/text"),
        ({"text": None}, "#/text"),
        ({"priority": "asap"}, "#/priority"),
        ({"tags": "x"}, "#/tags"),
        ({"tags": ["x", 1]}, "#/tags/1"),
        ({"tags": ["x"] * 21}, "#/tags"),
        ({"pinned": {"turn": 0}}, "#/project_id"),
        ({"pinned": {"turn": True}}, "#/pinned/turn"),
        ({"pinned": {"turn": -1}}, "#/pinned/turn"),
        ({"pinned": {"version": 2**31}}, "#/pinned/version"),
        ({"pinned": [[[[]]]]}, "#/pinned"),
        ({"assignee_id": "me"}, "#/assignee_id"),
        ({"a/b~c": 1}, "#/a~1b~0c"),
    ],
)
def test_what_cannot_be_is_named_and_leaves_nothing(call, body, mongo, token, wrong, where):
    before = held(mongo)
    assert where in pointers(call(URL, {**body, **wrong}))
    assert held(mongo) == before


def test_a_deleted_project_and_anothers_are_refused(call, body, customer, make_project, mongo):
    gone = make_project(user_id=customer["id"], archived_at=customer["created_at"])
    others = make_project(user_id="another")
    for project in (gone, others):
        answer = call(URL, {**body, "project_id": project["id"]})
        assert pointers(answer) == {"#/project_id"}
    assert mongo.support_issues.count_documents({}) == 0


def test_all_that_is_missing_is_named_at_once(call):
    assert pointers(call(URL, {})) == {"#/subject", "#/text"}


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"null", 422),
        (b"[]", 422),
        (b'"x"', 422),
        (b"[" * 100_000, 400),
        (b'{"a":' * 100_000, 400),
        (b'{"subject": "\xff\xfe"}', 400),
        (b'{"subject": "\\ud800"}', 400),
        (b'{"subject": "x", "text": NaN}', 422),
        (b'{"subject": "' + b"x" * 1024 * 1024 + b'"}', 413),
    ],
)
def test_a_body_that_is_no_request_is_refused(call, mongo, token, data, status):
    before = held(mongo)
    problem(call(URL, data), status)
    assert held(mongo) == before


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "",
     "application/json; charset=latin-1"],
)  # fmt: skip
def test_what_does_not_say_it_is_json_is_refused(call, body, content_type):
    problem(call(URL, json.dumps(body).encode(), content_type=content_type), 415)


def test_a_compressed_body_is_refused(call, body):
    problem(call(URL, body, headers={"Content-Encoding": "gzip"}), 415)


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "head", "options"])
def test_there_is_one_method(method, token):
    answer = getattr(Client(), method)(URL, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_an_address_that_is_not_there_is_told_to_programs_as_well(call):
    problem(call("/api/nothing/", {}), 404)


def test_nothing_is_opened_for_a_customer_who_is_being_erased(call, body, customer, mongo):
    mongo.erasures.insert_one({"customer_ids": [customer["id"]], "state": "running"})
    problem(call(URL, body), 409)
    assert mongo.support_issues.count_documents({}) == 0


def test_while_the_store_is_away_a_program_is_told_so(call, body):
    breaker.store.trip()
    try:
        answer = call(URL, body)
    finally:
        breaker.store.reset()
    problem(answer, 503)
    assert answer["Retry-After"]
