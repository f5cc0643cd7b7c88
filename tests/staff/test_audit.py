"""A row of the audit log is written with its change, sealed into the chain, and holds no secret."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError

from devora_admin.core import mongo as core_mongo
from devora_admin.staff import audit, chain
from devora_admin.staff.masking import masked_text

SUBJECT = audit.Subject("project", "p1", "Bakery", "c1")


def test_a_row_holds_who_what_where_and_its_place_in_the_chain(mongo, actor):
    row_id = audit.record(
        "project.rename",
        actor=actor,
        subject=SUBJECT,
        before={"name": "A"},
        after={"name": "B"},
        reason="asked for",
    )
    row = audit.find(row_id)
    assert (row.action, row.subject, row.actor_email) == ("project.rename", SUBJECT, actor.email)
    assert (row.before, row.after, row.reason) == ({"name": "A"}, {"name": "B"}, "asked for")
    assert row.seq == 1
    assert chain.heads()[0]["mac"] == mongo.audit_log.find_one()["chain"]["mac"]


def test_twenty_audited_writes_at_once_all_succeed_and_form_whole_lanes(mongo, actor):
    def write(number: int) -> None:
        def work(session: Any) -> None:
            mongo.changed.insert_one({"n": number}, session=session)
            audit.record("project.rename", actor=actor, subject=SUBJECT, session=session)

        core_mongo.run_in_transaction(work)

    mongo.changed.insert_one({"n": -1})
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(write, range(200)))
    assert mongo.changed.count_documents({"n": {"$gte": 0}}) == 200
    for head in chain.heads():
        numbers = [
            row["chain"]["seq"] for row in mongo.audit_log.find({"chain.lane": head["lane"]})
        ]
        assert sorted(numbers) == list(range(1, head["seq"] + 1))
    assert sum(head["seq"] for head in chain.heads()) == 200


def test_a_change_that_fails_leaves_no_row_and_no_gap(mongo, actor):
    def work(session: Any) -> None:
        audit.record("project.rename", actor=actor, subject=SUBJECT, session=session)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        core_mongo.run_in_transaction(work)
    assert mongo.audit_log.count_documents({}) == 0
    audit.record("project.rename", actor=actor, subject=SUBJECT)
    assert mongo.audit_log.find_one()["chain"]["seq"] == 1


def test_a_row_with_a_chosen_id_is_added_once(actor):
    audit.record("project.rename", actor=actor, subject=SUBJECT, row_id="once")
    with pytest.raises(DuplicateKeyError):
        audit.record("project.rename", actor=actor, subject=SUBJECT, row_id="once")


def test_what_looks_like_a_secret_never_enters(mongo, actor):
    key = "sk-proj-abcdefghijklmnopqrstuvwxyz123456"
    sealed = "enc:v1:abcd1234:AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHH"
    hashed = "argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdA$aGFzaA"
    audit.record(
        "project.metadata.set",
        actor=actor,
        subject=SUBJECT,
        before={"password": "hunter2hunter2", "api_keys": {"openai": "plainvalue-9876"}},
        after={
            "metadata.stripe.secret": '"short"',
            "note": f"use {key} please",
            "json": f'{{"token": "abcdefabcdef4321", "sealed": "{sealed}", "tokens": 12}}',
            "hash": hashed,
            "secret_field": "api_keys.openai",
            "tokens": 1500,
            "name": "Basket of tokens",
        },
        reason=f"rotated {key}",
    )
    text = str(mongo.audit_log.find_one())
    for secret in ("hunter2", "plainvalue", "short", "abcdefghij", "abcdefabcdef", "AAAABBBB"):
        assert secret not in text
    after = mongo.audit_log.find_one()["after"]
    assert after["note"] == "use •••• 3456 please"
    assert '"tokens": 12' in after["json"]
    assert after["hash"] == "(secret)"
    assert (after["secret_field"], after["tokens"]) == ("api_keys.openai", 1500)
    assert after["name"] == "Basket of tokens"


def test_forgetting_a_customer_takes_the_personal_part_of_their_rows_alone(mongo, actor):
    mine = audit.record(
        "project.rename", actor=actor, subject=SUBJECT, before={"name": "Ann"}, reason="why"
    )
    other = audit.record(
        "project.rename", actor=actor, subject=audit.Subject("project", "p2", "B", "c2")
    )
    assert audit.forget_customer("c1", actor=actor) == 1
    row = audit.find(mine)
    assert row.is_forgotten
    assert (row.before, row.reason, row.subject.label) == ({}, "", "")
    assert (row.action, row.subject.customer_id) == ("project.rename", "c1")
    assert row.actor_email == actor.email
    assert "Ann" not in str(list(mongo.audit_log.find({"customer_id": "c1"})))
    assert not audit.find(other).is_forgotten
    assert audit.forget_customer("c1", actor=actor) == 0


def test_a_long_text_that_only_looks_like_tokens_is_read_once():
    begun = time.process_time()
    masked_text("eyJ-" * 100_000)
    assert time.process_time() - begun < 2  # it took half a minute, read anew at each "eyJ"
