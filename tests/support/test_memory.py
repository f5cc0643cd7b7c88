"""What memory keeps of an issue: what was reported, what was said last, how it was resolved."""

from datetime import UTC, datetime

import pytest
from bson import Timestamp

from devora_admin.core.consumers import Change
from devora_admin.core.mongo import run_in_transaction
from devora_admin.memory.indexing import work
from devora_admin.memory.indexing.consumer import apply
from devora_admin.memory.store.models import Chunk, Source
from devora_admin.support.queries.issue import issue
from devora_admin.support.services import writing
from tests.support.conftest import scanned

pytestmark = pytest.mark.usefixtures("memory")


def kept(number):
    work.index_document("support_issues", issue(number).id)
    return [
        (chunk.role, chunk.turn, chunk.text)
        for chunk in Chunk.objects.filter(kind="issue").order_by("ordinal")
    ]


def test_an_issue_is_remembered_with_its_resolution_and_without_its_notes(opened, customer, actor):
    number = opened()
    writing.add_note(number, "He is on the free plan", actor=actor)
    assert kept(number) == [("customer", 1, "Cannot deploy\n\nIt says E_QUOTA")]
    writing.reply(number, "Raised the quota", seen=2, actor=actor, status="resolved")
    assert kept(number) == [
        ("customer", 1, "Cannot deploy\n\nIt says E_QUOTA"),
        ("resolution", None, "Raised the quota"),
    ]
    source = Source.objects.get(kind="issue")
    assert (source.user_id, source.facts) == (
        customer["id"], {"number": number, "status": "resolved"},
    )  # fmt: skip


def test_what_was_found_is_no_word_of_the_customer(opened):
    assert kept(opened(text="A key in config.py", **scanned("x"))) == [
        ("system", None, "Cannot deploy")
    ]


@pytest.mark.parametrize(
    ("path", "matters"), [("latest", True), ("status", True), ("tags", False), ("watchers", False)]
)
def test_memory_looks_again_only_when_something_it_holds_has_changed(mongo, path, matters):
    at = datetime(2026, 1, 1, tzinfo=UTC)
    change = Change("support_issues", "i", "update", at, Timestamp(at, 1), set=((path, 0),))
    run_in_transaction(apply([change]))
    assert bool(mongo.memory_queue.count_documents({})) is matters
