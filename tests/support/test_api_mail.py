"""Answers that came as e-mails: the API finds their thread, or says that there is none."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from devora_admin.support.mail.documents import outbox
from devora_admin.support.queries.issue import issue
from devora_admin.support.queries.thread import thread
from devora_admin.support.services import fields, merging, writing
from tests.support.test_api import held, problem
from tests.support.test_api_fuzz import ANY, encoded

URL = "/api/replies/"


@pytest.fixture
def mailed(opened, actor):
    """mailed() → the number of an issue that was replied to, and that e-mail's Message-ID."""

    def make(number: int = 0, **fields: Any) -> tuple[int, str]:
        seen = issue(number or opened(**fields))
        written = writing.reply(seen.number, "Try this", seen=seen.sequence, actor=actor)
        row = outbox().find_one({"_id": written.message_id})
        assert row
        return seen.number, row["mail_id"]

    return make


def test_what_answers_an_e_mail_of_ours_goes_into_its_thread(call, mailed, customer, actor):
    number, mail_id = mailed()
    fields.set_status(number, "pending", seen=issue(number).revision, actor=actor)
    answer = call(URL, {"customer_id": customer["id"], "in_reply_to": mail_id, "text": "It works"})
    assert answer.status_code == 201
    assert answer.json() == {"number": number, "sequence": 3, "status": "open"}
    assert [each.text for each in thread(number)][-1] == "It works"


def test_the_number_of_the_subject_and_the_address_do_as_well(call, mailed, customer):
    number, _ = mailed()
    body = {"customer_email": customer["email"].upper(), "number": number, "text": "It works"}
    assert call(URL, body).json()["number"] == number


def test_to_one_that_was_merged_it_goes_where_the_thread_went(call, mailed, customer, actor):
    (kept, _), (gone, mail_id) = mailed(), mailed()
    seen = issue(kept).revision, issue(gone).revision
    merging.merge_issues(kept, gone, seen=seen[0], absorbed_seen=seen[1], actor=actor)
    for named in ({"in_reply_to": mail_id}, {"number": gone}):
        answer = call(URL, {"customer_id": customer["id"], "text": "It works", **named})
        assert answer.json()["number"] == kept


def test_to_a_closed_one_it_opens_another(call, mailed, customer, actor):
    number, mail_id = mailed()
    fields.set_status(number, "closed", seen=issue(number).revision, actor=actor)
    body = {"customer_id": customer["id"], "in_reply_to": mail_id, "text": "Once more"}
    other = call(URL, body).json()["number"]
    assert other != number
    assert {(link.number, link.kind) for link in issue(other).links} == {(number, "follow_up")}


@pytest.mark.parametrize(
    "named", [{"in_reply_to": "<x@elsewhere.example>"}, {"number": 77}, {"number": 2**31 - 1}]
)
def test_what_is_not_ours_is_told_and_leaves_nothing(named, call, mailed, customer, mongo):
    mailed()
    before = held(mongo)
    found = problem(call(URL, {"customer_id": customer["id"], "text": "x", **named}), 404)
    assert found["code"] == "not_found"
    assert held(mongo) == before


def test_another_customers_is_as_if_it_was_not_there(call, mailed, make_customer):
    number, mail_id = mailed()
    for named in ({"in_reply_to": mail_id}, {"number": number}):
        problem(call(URL, {"customer_id": make_customer()["id"], "text": "x", **named}), 404)


@pytest.mark.parametrize(
    "change",
    [
        {"number": 1},  # beside in_reply_to
        {"in_reply_to": None},
        {"customer_id": None},
        {"customer_email": "zoe.quill@marked.example"},  # beside customer_id
        {"customer_id": None, "customer_email": "nobody@x.example"},
        {"in_reply_to": "no brackets"},
        {"in_reply_to": "<a b>"},
        {"in_reply_to": "<" + "x" * 300 + ">"},
        {"in_reply_to": None, "number": 0},
        {"in_reply_to": None, "number": "1"},
        {"in_reply_to": None, "number": True},
        {"text": ""},
        {"in_reply_to": {"$ne": None}},
    ],
)
def test_what_cannot_be_is_refused(change, call, mailed, customer, mongo):
    _, mail_id = mailed()
    before = held(mongo)
    body = {"customer_id": customer["id"], "in_reply_to": mail_id, "text": "x", **change}
    problem(call(URL, body), 422)
    assert held(mongo) == before


def test_the_same_again_is_answered_as_before(call, mailed, customer):
    number, mail_id = mailed()
    body = {"customer_id": customer["id"], "in_reply_to": mail_id, "text": "x"}
    first, second = (call(URL, body, key="k") for _ in range(2))
    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    assert len(thread(number)) == 3


@pytest.mark.timeout(300)
def test_whatever_comes_is_a_reply_or_a_clear_refusal_and_nothing_halfway(
    call, mailed, customer, mongo
):
    number, mail_id = mailed()
    before, made = held(mongo), 0
    good = {"customer_id": st.just(customer["id"]), "text": st.text(min_size=1, max_size=40)}
    named = st.fixed_dictionaries({**good, "in_reply_to": st.just(mail_id)}) | (
        st.fixed_dictionaries({**good, "number": st.just(number)})
    )
    names = st.sampled_from([*good, "customer_email", "in_reply_to", "number", "extra"])
    spoiled = st.tuples(named, st.dictionaries(names, ANY, max_size=2)).map(
        lambda pair: {**pair[0], **pair[1]}
    )

    @given((named | spoiled | ANY).map(encoded) | st.binary(max_size=60))
    @hypothesis_settings(
        max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    def send(data: bytes) -> None:
        nonlocal made
        answer = call(URL, data)
        assert answer.status_code in (201, 400, 404, 413, 422), (data, answer.content)
        if answer.status_code == 201:
            made += 1
            assert json.loads(data)["text"].strip()
        else:
            assert answer["Content-Type"] == "application/problem+json"

    send()
    assert made > 10
    for name in ("support_messages", "api_calls", "audit_log"):
        assert held(mongo)[name] == before[name] + made
