"""Searching the inbox: numbers, customers, projects, words of subjects and of messages."""

import pytest

from devora_admin.support.queries import searching
from devora_admin.support.services import fields, writing
from tests.support.test_inbox import issue_row


@pytest.fixture
def bo(client_for):
    return client_for("support")


@pytest.fixture(autouse=True)
def nothing_is_known():
    searching.forget()


def found(client, text, **more):
    page = client.get("/support/", {"q": text, **more})
    assert page.status_code == 200, page.content.decode()[:3000]
    return [row.issue.number for row in page.context["page"].rows]


def test_a_number_finds_its_issue_with_and_without_its_mark(bo, opened):
    one, two = opened(), opened()
    assert found(bo, f"#{one}") == [one]
    assert found(bo, str(two)) == [two]
    assert found(bo, "#999999999999999999") == []


def test_a_plain_number_is_also_a_word(bo, opened):
    one = opened(subject="Everything answers 404")
    assert found(bo, "404") == [one]
    assert found(bo, "#404") == []


def test_customers_are_found_by_name_address_and_id(bo, opened, customer, make_customer):
    one = opened()
    opened(user_id=make_customer(name="Else", email="else@example.com")["id"])
    for text in ("Zoe Qu", "zoe.quill@", customer["id"]):
        assert found(bo, text) == [one], text


def test_projects_are_found_by_name_and_id(bo, opened, customer, make_project):
    project = make_project(user_id=customer["id"], name="Lighthouse Keeper")
    one, _ = opened(project_id=project["id"]), opened()
    assert found(bo, "lighthouse k") == [one]
    assert found(bo, project["id"]) == [one]


def test_all_words_have_to_be_in_one_message_or_in_the_subject(bo, opened, actor):
    one = opened(subject="Preview stays white", text="since Monday")
    writing.add_note(one, "The registry holds walrus images", actor=actor)
    writing.reply(one, "Try again", seen=2, actor=actor)
    opened()
    assert found(bo, "WALRUS registry") == [one]
    assert found(bo, "white preview") == [one]
    assert found(bo, "walrus white") == []
    assert found(bo, "walr") == []


def test_a_search_keeps_to_the_view_and_the_filters(bo, opened, actor):
    one, two = opened(priority="high"), opened()
    fields.set_status(two, "pending", seen=1, actor=actor)
    assert found(bo, "deploy") == [two, one]
    assert found(bo, "deploy", view="waiting") == [two]
    assert found(bo, "deploy", priority="high") == [one]
    assert "Search all issues" in bo.get("/support/?q=deploy&view=waiting").content.decode()


def test_words_that_very_many_hold_are_found_in_subjects_and_told(bo, opened, monkeypatch):
    monkeypatch.setattr(searching, "MOST_GATHERED", 2)
    numbers = [opened() for _ in range(4)]
    assert found(bo, "deploy") == numbers[::-1]
    assert "Very many messages hold these words" in bo.get("/support/?q=deploy").content.decode()
    assert found(bo, "e_quota says") == numbers[::-1]


def test_a_rare_word_is_enough_beside_one_that_very_many_hold(bo, opened, monkeypatch):
    monkeypatch.setattr(searching, "MOST_GATHERED", 2)
    for _ in range(4):
        opened()
    one = opened(text="Otherwise fine", subject="Cannot deploy my walrus")
    assert found(bo, "deploy walrus") == [one]
    assert found(bo, "cannot walrus") == [one]
    assert found(bo, "walrus nothing") == []
    assert "Very many" not in bo.get("/support/?q=cannot+walrus").content.decode()


def test_words_of_a_subject_and_of_a_resolution_are_found_together(bo, opened, actor):
    one = opened(subject="Old page is shown")
    how = {"seen": 1, "actor": actor, "resolution": "Purge the edge cache"}
    fields.set_status(one, "resolved", **how)
    for text in ("purge cache", "old cache", "cache"):
        assert found(bo, text) == [one], text


@pytest.mark.parametrize("text", ['"', "-", "$where", "(", "\\", "%", "é" * 200, '"a" -b', "#"])
def test_a_text_of_any_kind_is_a_search(bo, opened, text):
    opened()
    assert found(bo, text) == []


def test_a_search_that_takes_too_long_is_told(bo, mongo, monkeypatch):
    mongo.support_issues.insert_many([issue_row(number) for number in range(1, 200)])
    inner = {"$reduce": {"input": {"$range": [0, 1000]}, "initialValue": 0, "in": "$$this"}}
    slow = {"$reduce": {"input": {"$range": [0, 1000]}, "initialValue": 0, "in": inner}}
    monkeypatch.setattr(searching, "meaning", lambda text: {"$expr": {"$lt": [slow, 0]}})
    page = bo.get("/support/?q=deploy")
    assert page.status_code == 422
    assert "takes too long" in page.content.decode()
