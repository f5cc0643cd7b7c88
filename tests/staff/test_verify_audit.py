"""verify_audit finds whatever was done to the audit log behind the dashboard's back."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from devora_admin.staff import audit, chain
from devora_admin.staff.verifying import Verification
from tests import killing

ROWS = 60


@pytest.fixture
def log(mongo, actor, monkeypatch):
    """Sixty rows in two lanes, of three customers."""
    for number in range(ROWS):
        monkeypatch.setattr(chain._home, "lane", number % 2)
        subject = audit.Subject("project", f"p{number}", f"Name {number}", f"c{number % 3}")
        values: dict[str, Any] = {"before": {"n": number}, "after": {"n": number + 1}}
        audit.record("project.rename", actor=actor, subject=subject, reason="r", **values)
    return mongo.audit_log


def at(log: Any, lane: int, seq: int) -> dict[str, Any]:
    return log.find_one({"chain.lane": lane, "chain.seq": seq})


def findings(since: str = "") -> list[tuple[str, str]]:
    return [(each.kind, each.text) for each in Verification(since).findings()]


def verify(*options: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify_audit", *options, stdout=out, stderr=StringIO())
    except SystemExit as stopped:
        return int(str(stopped.code)), out.getvalue()
    return 0, out.getvalue()


def kept_head() -> str:
    code, text = verify()
    assert code == 0, text
    return re.search(r"elsewhere: ([0-9a-f]{64})", text)[1]  # type: ignore[index]


def test_a_whole_log_is_found_whole_again_and_again(log):
    digest = kept_head()
    assert verify()[1].startswith(f"{ROWS + 1} records, all in place.")
    assert verify("--since", digest)[0] == 0


@pytest.mark.parametrize(
    "change",
    [
        {"action": "project.archive"},
        {"actor.email": "someone@else.example"},
        {"address": "10.0.0.1"},
        {"customer_id": "c9"},
        {"subject.label": "Other"},
        {"before": {"n": 99}},
        {"after.n": 99},
        {"reason": "another"},
        {"reason": None},
        {"undo_of": "x"},
        {"chain.prev": b"x"},
        {"chain.key": "00000000"},
        {"chain.mac": b"x"},
        {"chain.mac": 7},
        {"personal.salt": b"x"},
        {"personal.digest": b"x"},
        {"personal": 4},
        {"subject": "gone"},
        {"actor": [1]},
    ],
    ids=str,
)
def test_an_altered_record_is_named(log, change):
    row = at(log, 1, 7)
    log.update_one({"_id": row["_id"]}, {"$set": change})
    (finding,) = findings()
    assert finding[0] == "altered"
    assert "lane 1, record 7" in finding[1]
    assert row["_id"] in finding[1]
    assert verify()[0] == 1


@pytest.mark.parametrize("part", ["before", "reason", "subject.label", "personal.salt", "actor"])
def test_a_record_that_lost_a_part_is_named(log, part):
    log.update_one({"_id": at(log, 1, 7)["_id"]}, {"$unset": {part: ""}})
    ((kind, text),) = findings()
    assert (kind, "lane 1, record 7" in text) == ("altered", True)


def test_a_deleted_record_is_named(log):
    log.delete_one({"_id": at(log, 1, 7)["_id"]})
    assert findings() == [("deleted", "lane 1: record 7 is missing")]


def test_several_deleted_records_are_named_together_also_the_first_ones(log):
    log.delete_many({"chain.lane": 0, "chain.seq": {"$lte": 3}})
    log.delete_many({"chain.lane": 1, "chain.seq": {"$in": [7, 8, 9]}})
    assert findings() == [
        ("deleted", "lane 0: records 1 to 3 are missing"),
        ("deleted", "lane 1: records 7 to 9 are missing"),
    ]


def test_a_cut_end_is_told_by_the_head(log):
    log.delete_many({"chain.lane": 1, "chain.seq": {"$gt": 25}})
    assert findings() == [("deleted", "lane 1: records 26 to 30 are missing")]


def rewind(mongo: Any, lane: int, seq: int) -> None:
    mongo.audit_log.delete_many({"chain.lane": lane, "chain.seq": {"$gt": seq}})
    mac = at(mongo.audit_log, lane, seq)["chain"]["mac"]
    mongo.audit_heads.update_one({"_id": lane}, {"$set": {"seq": seq, "mac": mac}})


def test_an_end_cut_together_with_its_head_is_told_by_a_row_of_another_lane(
    mongo, log, monkeypatch
):
    monkeypatch.setattr(chain._home, "lane", 5)
    kept_head()
    rewind(mongo, 1, 25)
    assert ("deleted", "lane 1: records 26 to 30 are missing") in findings()


def test_a_log_cut_everywhere_is_told_by_a_digest_kept_elsewhere(mongo, log):
    digest = kept_head()
    mongo.audit_heads.delete_many({"_id": {"$nin": [0, 1]}})
    log.delete_many({"action": "audit.verify"})
    rewind(mongo, 0, 25)
    rewind(mongo, 1, 25)
    assert findings() == []
    assert findings(digest) == [("deleted", "the head that was kept is not in the chain any more")]
    assert verify("--since", digest)[0] == 1


def test_a_deleted_or_altered_head_is_named(mongo, log):
    mongo.audit_heads.delete_one({"_id": 0})
    mongo.audit_heads.update_one({"_id": 1}, {"$set": {"mac": b"x"}})
    assert findings() == [
        ("head", "lane 0: its head was deleted"),
        ("head", "lane 1: its head was altered"),
    ]


def test_an_inserted_record_is_named(mongo, log):
    copy = at(log, 1, 7) | {"_id": "forged"}
    mongo.audit_log.drop_index("chain")
    try:
        log.insert_one(copy)
        ((kind, text),) = findings()
    finally:
        log.delete_one({"_id": "forged"})
        from devora_admin.core import mongo as core_mongo

        core_mongo.ensure_indexes()
    assert kind in ("inserted", "altered")
    assert "forged" in text


@pytest.mark.parametrize(
    "link",
    [
        None,
        {"lane": 1, "seq": 31},
        {"lane": 1, "seq": "7"},
        {"lane": 1, "seq": 0},
        {"lane": "x", "seq": 1},
        {"seq": 5},
        {"lane": 99, "seq": 1},
    ],
    ids=str,
)
def test_a_record_put_beside_the_chain_is_named(log, link):
    copy = at(log, 1, 7) | {"_id": "forged"}
    del copy["chain"]
    log.insert_one(copy | ({"chain": link} if link else {}))
    found = findings()
    assert any("forged" in text for _, text in found)


def test_records_that_changed_places_are_named(log):
    one, other = at(log, 1, 7), at(log, 1, 8)
    log.delete_many({"_id": {"$in": [one["_id"], other["_id"]]}})
    one["chain"]["seq"], other["chain"]["seq"] = 8, 7
    log.insert_many([one, other])
    assert findings() == [
        ("reordered", f"{other['_id']} stands at lane 1, record 7 and belongs at lane 1, record 8"),
        ("reordered", f"{one['_id']} stands at lane 1, record 8 and belongs at lane 1, record 7"),
    ]


def test_records_that_changed_their_whole_links_are_named(log):
    one, other = at(log, 0, 7), at(log, 1, 9)
    log.delete_many({"_id": {"$in": [one["_id"], other["_id"]]}})
    one["chain"], other["chain"] = other["chain"], one["chain"]
    log.insert_many([one, other])
    assert [kind for kind, _ in findings()] == ["reordered", "reordered"]


def test_a_forgotten_customers_records_are_whole_and_others_emptied_alike_are_named(log, actor):
    audit.forget_customer("c1", actor=actor)
    assert findings() == []
    victim = log.find_one({"customer_id": "c2"})
    gone = {"before": "", "after": "", "reason": "", "subject.label": "", "personal.salt": ""}
    log.update_one({"_id": victim["_id"]}, {"$unset": gone})
    ((kind, text),) = findings()
    assert (kind, victim["_id"] in text) == ("altered", True)


def test_an_erasure_covers_nothing_recorded_after_it(log, actor):
    audit.forget_customer("c1", actor=actor)
    later = audit.record(
        "project.rename", actor=actor, subject=audit.Subject("project", "p", "P", "c1")
    )
    gone = {"before": "", "after": "", "reason": "", "subject.label": "", "personal.salt": ""}
    log.update_one({"_id": later}, {"$unset": gone})
    ((_, text),) = findings()
    assert later in text


def test_old_keys_still_verify_and_new_rows_take_the_new_one(settings, log, actor):
    settings.SECRETS_KEYS = (b"n" * 32, *settings.SECRETS_KEYS)
    audit.record("project.rename", actor=actor, subject=audit.Subject("project", "p"))
    assert findings() == []
    assert len(log.distinct("chain.key")) == 2
    settings.SECRETS_KEYS = settings.SECRETS_KEYS[:1]
    assert len(findings()) == ROWS


def test_a_log_that_grows_and_forgets_meanwhile_is_whole(log, actor):
    stop = threading.Event()

    def write(number: int) -> None:
        customer = f"w{number}"
        while not stop.is_set():
            for _ in range(5):
                subject = audit.Subject("project", "p", "P", customer)
                audit.record("project.rename", actor=actor, subject=subject)
            audit.forget_customer(customer, actor=actor)

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, number) for number in range(4)]
        try:
            assert [findings() for _ in range(5)] == [[]] * 5
        finally:
            stop.set()
    for writer in writers:
        writer.result()
    assert findings() == []


WRITER = """
import django; django.setup()
from devora_admin.core import mongo
from devora_admin.staff import audit
n = 0
print("ready", flush=True)
while True:
    n += 1
    key = f"{__import__('os').getpid()}-{n}"
    def work(session):
        mongo.database().changed.insert_one({"_id": key}, session=session)
        audit.record("project.rename", actor=audit.SYSTEM,
                     subject=audit.Subject("project", key), session=session)
    mongo.run_in_transaction(work)
"""


def test_a_writer_killed_at_any_moment_leaves_both_or_neither(mongo):
    mongo.changed.insert_one({"_id": "made"})
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "devora_admin.config.settings"}
    for attempt in range(4):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER], env=environment, stdout=subprocess.PIPE
        )
        assert writer.stdout
        writer.stdout.readline()
        time.sleep(0.15 + attempt * 0.037)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        killing.roll_back_what_they_left(mongo.client)
    changed = {row["_id"] for row in mongo.changed.find()} - {"made"}
    recorded = {row["subject"]["id"] for row in mongo.audit_log.find()}
    assert len(changed) > 4
    assert changed == recorded
    assert findings() == []
