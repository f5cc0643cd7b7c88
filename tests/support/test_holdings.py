"""Issues go with their customer: into a copy, away with an erasure, along with a merge."""

import io
import json
import zipfile

import pytest

from devora_admin.core import job_runner
from devora_admin.staff import audit, undo
from devora_admin.support.mail import csat, sending
from devora_admin.support.queries.issue import issue
from devora_admin.support.queries.thread import thread
from devora_admin.support.services import attaching, linking, merging, watching, writing
from devora_admin.users.exporting import requests
from devora_admin.users.merging.preview import preview
from devora_admin.users.merging.switch import Choices, merge_customers
from tests.users.traces import approved, found_everywhere

EMAIL, NAME = "zoe.quill@marked.example", "Zoe Quillfeather"
STORES = (
    "support_issues", "support_messages", "support_attachments", "support_files.files",
    "support_files.chunks", "support_outbox", "support_csat",
)  # fmt: skip


def run_jobs():
    while job_runner.run_next("test"):
        pass


def held(mongo):
    return {name: mongo[name].count_documents({}) for name in STORES}


@pytest.fixture
def traced(opened, customer, actor, settings):
    """Two issues of the customer, one of them merged into the other, that name them in all but one
    message with its file."""
    file = attaching.keep_file(f"{NAME}.txt", "text/plain", EMAIL.encode(), actor=actor)
    one = opened(subject=f"From {NAME}", text=f"Write to {EMAIL}", attachment_ids=[file.id])
    two = opened(text=f"I am {NAME}", tags=[EMAIL])
    settings.PUBLIC_URL = "https://admin.example.com"
    reply = writing.reply(one, f"Dear {NAME}", seen=1, actor=actor, status="resolved")
    sending.step()
    csat.answer(csat.token_of(reply.message_id), "good", comment=f"{NAME} says so", address="")
    writing.add_note(one, f"{NAME} is kind", actor=actor)
    plain = attaching.keep_file("plain.txt", "text/plain", b"nobody", actor=actor)
    writing.add_note(one, "No name here", actor=actor, attachment_ids=[plain.id])
    watching.watch(one, actor=actor)
    seen = issue(one).revision, issue(two).revision
    merging.merge_issues(one, two, seen=seen[0], absorbed_seen=seen[1], actor=actor)
    return customer["id"], one


@pytest.fixture
def others(opened, make_customer, traced, actor):
    """An issue of somebody else, linked to the customer's, with a file."""
    file = attaching.keep_file("b.txt", "text/plain", b"theirs", actor=actor)
    number = opened(user_id=make_customer()["id"], attachment_ids=[file.id])
    writing.reply(number, "Hello", seen=1, actor=actor, status="resolved", revision=1)
    linking.link(number, traced[1], actor=actor)
    return number


def erase(customer_id, staff):
    asker, decider = (
        audit.actor_for(staff("admin", email=f"{name}@devora.example")) for name in ("a", "b")
    )
    erasure_id = approved(customer_id, asker, decider)
    run_jobs()
    return erasure_id


def test_erasing_a_customer_leaves_no_issue_message_or_file_of_theirs(traced, others, mongo, staff):
    customer_id, _ = traced
    assert set(found_everywhere(mongo, [EMAIL, NAME, customer_id])) >= {
        "support_issues", "support_messages", "support_attachments", "support_files.chunks",
        "support_outbox", "support_csat",
    }  # fmt: skip
    erasure_id = erase(customer_id, staff)
    assert mongo.erasures.find_one({"_id": erasure_id})["state"] == "done"
    left = found_everywhere(mongo, [EMAIL, NAME, customer_id])
    assert set(left) == {"audit_log", "erasures"}
    assert left["audit_log"] == left["erasures"] == {customer_id}
    assert held(mongo) == {**dict.fromkeys(STORES, 1), "support_messages": 2}
    assert issue(others).links == ()
    assert thread(others)[0].attachments[0].name == "b.txt"


def test_a_mention_in_another_customers_issue_stays_theirs(traced, others, mongo, staff, actor):
    writing.customer_replied(others, f"Ask {EMAIL}", actor=actor)
    erase(traced[0], staff)
    assert [each.text for each in thread(others)][-1] == f"Ask {EMAIL}"


def test_what_belongs_to_no_issue_any_more_is_found_by_its_bytes(traced, mongo, staff):
    customer_id, _ = traced
    mongo.support_issues.delete_many({})
    erase(customer_id, staff)
    assert set(found_everywhere(mongo, [EMAIL, NAME, customer_id])) == {"audit_log", "erasures"}


def test_a_copy_holds_issues_threads_and_files_and_no_member_of_staff(traced, others, actor):
    customer_id, number = traced
    requests.ask(customer_id, actor=actor)
    run_jobs()
    [copy] = requests.mine(customer_id, actor_id=actor.id)
    _, pieces = requests.open_copy(customer_id, copy.id, actor=actor)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    issues = [json.loads(line) for line in archive.read("issues/issues.jsonl").splitlines()]
    assert len(issues) == 2
    assert {each["subject"] for each in issues} == {f"From {NAME}", "Cannot deploy"}
    lines = archive.read(f"issues/{number}/messages.jsonl").splitlines()
    said = [json.loads(line) for line in lines]
    assert [each["text"] for each in said] == [
        f"Write to {EMAIL}", f"Dear {NAME}", f"{NAME} is kind", "No name here", f"I am {NAME}",
    ]  # fmt: skip
    assert archive.read(f"issues/{number}/files/{NAME}.txt") == EMAIL.encode()
    rated = json.loads(archive.read(f"issues/{number}/satisfaction.jsonl"))
    assert (rated["rating"], rated["comment"]) == ("good", f"{NAME} says so")
    mailed = json.loads(archive.read(f"issues/{number}/mails.jsonl"))
    assert (mailed["state"], mailed["address"]) == ("sent", EMAIL)
    ours = [name for name in archive.namelist() if name.startswith("issues/")]
    for name in ours:
        content = archive.read(name)
        assert actor.id.encode() not in content, name
        assert actor.label.encode() not in content, name
    assert not any("b.txt" in name for name in ours)


def test_merging_two_customers_moves_their_issues_and_an_undo_moves_them_back(
    traced, make_customer, mongo, actor
):
    customer_id, number = traced
    kept = make_customer()["id"]
    mark = preview(kept, customer_id).mark
    started = merge_customers(
        kept, customer_id, choices=Choices(), mark=mark, reason="Same", actor=actor
    )
    run_jobs()
    assert {row["user_id"] for row in mongo.support_issues.find()} == {kept}
    writing.customer_replied(number, "since then", actor=actor)
    undo.perform(started.row_id, actor=actor)
    run_jobs()
    assert {row["user_id"] for row in mongo.support_issues.find()} == {customer_id}
    assert [each.text for each in thread(number)][-1] == "since then"
