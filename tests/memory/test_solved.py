"""What memory adds beside an issue: issues like it that were solved, and what is preferred."""

import time

import pytest

from devora_admin.memory.indexing import work
from devora_admin.memory.store import reach, schema
from devora_admin.memory.store.models import Chunk, Preference, Source
from devora_admin.support.documents import issues
from devora_admin.support.queries.issue import issue
from devora_admin.support.services import fields, writing
from devora_admin.support.services.opening import NewIssue, open_issue
from tests.memory import rows
from tests.memory.hanging import hung

pytestmark = pytest.mark.usefixtures("memory")
HTMX = {"HTTP_HX_REQUEST": "true"}
MOST_S = 1.0


@pytest.fixture
def customer(make_customer):
    return make_customer()


@pytest.fixture
def report(customer, actor):
    """report("subject", "text", answer="…") → the number of an issue, resolved with an answer."""

    def make(subject, text="Please help", answer="", **more):
        new = NewIssue(more.pop("user_id", customer["id"]), subject, text, **more)
        number = open_issue(new, actor=actor).number
        if answer:
            writing.reply(number, answer, seen=1, actor=actor, status="resolved")
        return number

    return make


@pytest.fixture
def remember(embedder):
    """remember() → all issues are in memory as they are now, with vectors."""

    def make():
        for row in issues().find({}, {"_id": 1}):
            work.index_document("support_issues", row["_id"])
        bare = list(Chunk.objects.filter(embeddings=None))
        rows.embed(embedder, rows.EmbeddingModel.objects.first() or rows.a_model(embedder), bare)

    return make


def shown(client_for, number, part="similar"):
    answer = client_for("support").get(f"/support/{number}/{part}/", **HTMX)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_what_is_said_in_other_words_is_found_by_meaning(client_for, report, remember):
    done = report(
        "I cannot sign in any more", "The password is refused", answer="Sent a reset link."
    )
    report("The logo is too small", "Make the picture bigger", answer="Set its width.")
    number = report("Locked out of my account", "It does not accept my credentials for login")
    remember()
    page = shown(client_for, number)
    assert "Found by meaning" in page
    assert page.index(f"#{done}<") > 0
    assert "Sent a reset link." in page
    assert "Set its width." not in page


def test_an_issue_that_memory_does_not_have_yet_is_asked_for_by_its_words(
    client_for, report, remember
):
    report("I cannot sign in any more", "The password is refused", answer="Sent a reset link.")
    remember()
    page = shown(client_for, report("Locked out of my account", "My password is not accepted"))
    assert "Found by meaning" in page
    assert "Sent a reset link." in page


def test_what_memory_has_and_the_store_has_no_more_is_not_shown(
    client_for, report, remember, actor
):
    gone = report("I cannot sign in", "The password is refused", answer="Sent a reset link.")
    again = report("I cannot sign in now", "The password is refused", answer="Another link.")
    number = report("I cannot sign in today", "My password is refused")
    remember()
    issues().delete_one({"number": gone})
    fields.set_status(again, "open", seen=issue(again).revision, actor=actor)
    assert Source.objects.filter(kind="issue").count() == 3
    page = shown(client_for, number)
    assert "Sent a reset link." not in page
    assert "Another link." not in page


def test_where_nothing_is_close_in_meaning_words_are_tried(client_for, report, remember):
    done = report("ZX9000", "Grapefruit marmalade recipe", answer="Turned the knob.")
    number = report("Invoice of the company", "The tax number ZX9000 is missing on the bill")
    remember()
    page = shown(client_for, number)
    assert "Found by words: nothing is close in meaning" in page
    assert f"#{done}<" in page


def test_while_the_first_vectors_are_made_words_find_them(client_for, report):
    done = report("E_QUOTA", answer="Raise the quota.")
    schema.make_ready()
    page = shown(client_for, report("E_QUOTA again"))
    assert "Found by words: the first vectors are still being made" in page
    assert f"#{done}<" in page


def test_while_postgresql_hangs_words_find_them_within_a_second(client_for, report, own_postgres):
    schema.make_ready()
    done = report("E_QUOTA", answer="Raise the quota.")
    number = report("E_QUOTA again")
    client_for("support")
    reach.breaker.reset()
    with hung(own_postgres):
        started = time.monotonic()
        page = shown(client_for, number)
        assert time.monotonic() - started < MOST_S
        assert "Memory is not answering" in shown(client_for, number, "preferences")
    reach.breaker.reset()
    assert "Found by words: memory is not answering" in page
    assert f"#{done}<" in page


def test_the_three_surest_preferences_stand_beside_an_issue(client_for, report, customer):
    said = [("css", "tailwind", 0.9), ("framework", "next.js", 0.8),
            ("language", "typescript", 0.7), ("database", "postgresql", 0.6),
            ("tests", "vitest", -0.9)]  # fmt: skip
    for topic, value, score in said:
        Preference.objects.create(
            user_id=customer["id"], project_id="", topic=topic, value=value, score=score,
            confidence=0.9, evidence_count=1, reckoned_at=rows.NOW,
        )  # fmt: skip
    page = shown(client_for, report("Colours"), "preferences")
    for value in ("tailwind", "next.js", "typescript"):
        assert f">{value}" in page
    assert "postgresql" not in page
    assert "vitest" not in page


def test_a_customer_of_whom_nothing_is_known_is_told_as_that(client_for, report):
    assert "Nothing sure enough is known yet." in shown(client_for, report("x"), "preferences")
