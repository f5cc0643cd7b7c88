"""The same request of a program again, by its Idempotency-Key, is not done twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from devora_admin.api import clients
from devora_admin.core import clock
from devora_admin.support.queries.thread import thread
from tests.support.test_api import URL, problem


def test_the_same_again_is_answered_as_before_and_not_done_again(call, body, mongo):
    first, again = call(URL, body, key="k1"), call(URL, body, key="k1")
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert (first.get("Idempotent-Replayed"), again["Idempotent-Replayed"]) == (None, "true")
    assert mongo.support_issues.count_documents({}) == 1
    assert call(URL, body, key="k2").json()["number"] == 2


def test_a_key_that_came_with_another_request_is_refused(call, body, mongo, customer):
    number = call(URL, body, key="k1").json()["number"]
    other = call(URL, {**body, "subject": "Other"}, key="k1")
    assert problem(other, 422)["code"] == "idempotency_key_reused"
    reply = {"customer_id": customer["id"], "text": "x"}
    problem(call(f"{URL}{number}/replies/", reply, key="k1"), 422)
    assert mongo.support_messages.count_documents({}) == 1


def test_the_keys_of_two_programs_are_two(call, body, mongo, actor):
    call(URL, body, key="k1")
    _, second = clients.create_client("Other", scopes=["issues.write"], actor=actor)
    answer = call(URL, {**body, "subject": "x"}, key="k1",
                  headers={"Authorization": f"Bearer {second}"})  # fmt: skip
    assert answer.status_code == 201


def test_what_was_refused_may_succeed_later_under_its_key(call, body, make_customer):
    body["customer_id"] = "new"
    problem(call(URL, body, key="k1"), 422)
    make_customer(id="new")
    assert call(URL, body, key="k1").status_code == 201


def test_a_key_is_as_good_as_new_after_its_time(call, body, mongo):
    call(URL, body, key="k1")
    mongo.api_calls.update_one({}, {"$set": {"expires_at": clock.now() - timedelta(seconds=1)}})
    for _ in range(2):
        assert call(URL, body, key="k1").json()["number"] == 2


@pytest.mark.parametrize("key", [None, " ", "x" * 256, "ключ", "a\tb"])
def test_a_key_is_needed(call, body, mongo, key):
    answer = call(URL, body, key=key) if key is None else call(
        URL, body, headers={"Idempotency-Key": key}
    )  # fmt: skip
    assert problem(answer, 400)["errors"][0]["header"] == "Idempotency-Key"
    assert mongo.support_issues.count_documents({}) == 0


def test_of_many_of_the_same_at_once_one_is_done_and_all_are_answered(call, body, mongo):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: call(URL, body, key="same"), range(16)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert mongo.support_issues.count_documents({}) == 1
    assert mongo.support_messages.count_documents({}) == 1


def test_replies_sent_twice_at_once_are_one(call, opened, customer):
    number, reply = opened(), {"customer_id": customer["id"], "text": "hello"}
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: call(f"{URL}{number}/replies/", reply, key="same"), range(8)))
    assert [each.text for each in thread(number)] == ["It says E_QUOTA", "hello"]
