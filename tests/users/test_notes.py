"""Internal notes about a customer."""

import pytest

from devora_admin.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from devora_admin.staff import audit, undo
from devora_admin.users.services import notes
from tests.users.acting import HTMX, rows


@pytest.fixture
def other_actor(staff):
    return audit.actor_for(staff("support"))


def test_a_note_keeps_its_text_author_and_time(mongo, make_customer, actor):
    customer = make_customer()
    notes.add_note(customer["id"], text=" Called\r\n**twice** ", actor=actor)
    [note] = notes.latest(customer["id"])
    assert note.text == "Called\n**twice**"
    assert "<strong>twice</strong>" in note.html
    assert note.author == actor.label
    assert rows(mongo)[0]["action"] == "users.note.add"


def test_markup_in_a_note_stays_text(make_customer, actor):
    customer = make_customer()
    evil = "<script>alert(1)</script> [x](javascript:alert(1)) ![i](https://evil.example/x.png)"
    notes.add_note(customer["id"], text=evil, actor=actor)
    [note] = notes.latest(customer["id"])
    assert "<script" not in note.html
    assert "<img" not in note.html
    assert 'href="javascript' not in note.html


def test_only_who_wrote_a_note_may_change_it(make_customer, actor, other_actor):
    customer = make_customer()
    notes.add_note(customer["id"], text="mine", actor=actor)
    [note] = notes.latest(customer["id"])
    with pytest.raises(Forbidden):
        notes.edit_note(customer["id"], note.id, text="x", expected="mine", actor=other_actor)
    with pytest.raises(Forbidden):
        notes.delete_note(customer["id"], note.id, actor=other_actor)
    notes.edit_note(customer["id"], note.id, text="better", expected="mine", actor=actor)
    [note] = notes.latest(customer["id"])
    assert (note.text, note.edited_at is not None) == ("better", True)
    with pytest.raises(Conflict):
        notes.edit_note(customer["id"], note.id, text="x", expected="mine", actor=actor)


@pytest.mark.parametrize("text", ["", " \n", "a\0b", "x" * 10_001])
def test_a_text_that_is_none_is_refused(mongo, make_customer, actor, text):
    with pytest.raises(InvalidInput) as refused:
        notes.add_note(make_customer()["id"], text=text, actor=actor)
    assert refused.value.field == "text"
    assert mongo.customer_notes.count_documents({}) == 0


def test_a_note_is_found_under_its_customer_alone(make_customer, actor):
    customer, other = make_customer(), make_customer()
    notes.add_note(customer["id"], text="a", actor=actor)
    [note] = notes.latest(customer["id"])
    for user_id, note_id in ((other["id"], note.id), (customer["id"], "nope"), ("nobody", "x")):
        with pytest.raises(NotFound):
            notes.delete_note(user_id, note_id, actor=actor)
    with pytest.raises(NotFound):
        notes.add_note("nobody", text="x", actor=actor)


def test_each_change_of_a_note_can_be_taken_back(make_customer, actor):
    customer = make_customer()
    user_id = customer["id"]
    added = notes.add_note(user_id, text="one", actor=actor)
    [note] = notes.latest(user_id)
    edited = notes.edit_note(user_id, note.id, text="two", expected="one", actor=actor)
    with pytest.raises(Conflict, match="changed or deleted"):
        undo.perform(added.row_id, actor=actor)
    undo.perform(edited.row_id, actor=actor)
    assert notes.latest(user_id)[0].text == "one"
    deleted = notes.delete_note(user_id, note.id, actor=actor)
    assert notes.latest(user_id) == []
    undo.perform(deleted.row_id, actor=actor)
    [back] = notes.latest(user_id)
    assert (back.id, back.text, back.created_at) == (note.id, "one", note.created_at)
    undo.perform(added.row_id, actor=actor)
    assert notes.latest(user_id) == []


def test_notes_are_written_and_changed_from_the_page(client_for, make_customer):
    customer = make_customer()
    client, url = client_for("support"), f"/users/{customer['id']}/notes/"
    assert client.post(f"{url}add/", {"text": "hello"}, headers=HTMX).status_code == 204
    [note] = notes.latest(customer["id"])
    assert "hello" in client.get(f"{url}{note.id}/", headers=HTMX).content.decode()
    sent = {"text": "changed", "expected": "hello"}
    assert client.post(f"{url}{note.id}/", sent, headers=HTMX).status_code == 204
    assert client_for("editor").post(f"{url}{note.id}/delete/").status_code == 403
    assert client_for("viewer").post(f"{url}add/", {"text": "x"}).status_code == 403
    assert client.post(f"{url}{note.id}/delete/").status_code == 302
    assert notes.latest(customer["id"]) == []
