"""Canned replies: written once, filled in for each issue, everybody's or one's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devora_admin.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from devora_admin.staff import audit, undo
from devora_admin.support import variables
from devora_admin.support.queries.canned import canned_of, one, words_of
from devora_admin.support.services import canned

LIST = "/support/settings/canned/"
HELLO = "Hello {{customer.first_name|there}}, about #{{issue.number}}."


@pytest.fixture
def reply(actor):
    """reply(title=…) → the id of a new canned reply, everybody's by default."""

    def make(by=actor, **fields):
        values = {"title": "Hello", "word": "hi", "text": HELLO, "tags": [], "is_shared": True}
        return canned.create(by, **{**values, **fields}).id

    return make


def test_a_reply_is_filled_in_for_the_issue_it_is_wanted_for(client_for, opened, reply):
    number, key = opened(), reply(text=HELLO + "\n{{customer.email}} {{ staff.name }}")
    page = client_for("support").get(f"/support/{number}/canned/{key}/").content.decode()
    assert f"Hello Zoe, about #{number}.\nzoe.quill@marked.example Support Person" in page


def test_what_is_empty_gives_way_to_what_stands_behind_the_bar(client_for, opened, reply, mongo):
    mongo.users.update_many({}, {"$set": {"name": ""}})
    number, key = opened(), reply(text="Hi {{customer.first_name|there}}: {{project.name}}.")
    page = client_for("support").get(f"/support/{number}/canned/{key}/").content.decode()
    assert "Hi there: ." in page
    assert "Empty here: project.name" in page


def test_what_is_filled_in_is_never_read_for_variables(client_for, opened, reply):
    number, key = opened(subject="{{customer.email}} {% debug %}"), reply(text="{{issue.subject}}")
    page = client_for("support").get(f"/support/{number}/canned/{key}/").content.decode()
    assert "{{customer.email}} {% debug %}</textarea>" in page


@given(st.text(max_size=60), st.dictionaries(st.sampled_from(list(variables.VARIABLES)), st.text()))
def test_a_text_without_variables_stays_as_it_is(text, values):
    whole = text.replace("{{", "")
    assert variables.fill(whole, values).text == whole


@pytest.mark.parametrize(
    "text",
    [
        "{{customer.nmae}}",
        "{{name}}",
        "{{ customer.name }",
        "{{customer name}}",
        "{{staff.name|a|b}}",
    ],
)
def test_what_is_no_variable_is_told_at_the_field(client_for, text):
    data = {"title": "Hello", "text": f"Dear {text},", "word": "", "tags": ""}
    answer = client_for("support").post(f"{LIST}new/", data)
    assert answer.status_code == 422
    assert "id_text_error" in answer.content.decode()
    assert canned_of("") == []


def test_braces_of_code_are_part_of_the_text(reply, actor):
    text = 'Write <p style={{color: "red"}}> instead.'
    assert one(reply(text=text), actor.id).text == text
    assert variables.fill(text, {}).text == text


def test_one_of_ones_own_is_seen_by_nobody_else(client_for, opened, actor, colleague):
    client = client_for("support")
    data = {"title": "Mine", "word": "mine", "text": "Just me", "tags": "a, b"}
    assert client.post(f"{LIST}new/", data).status_code == 302
    [row] = canned_of(colleague.id)
    assert (row.title, row.word, row.tags, row.is_own) == ("Mine", "mine", ("a", "b"), True)
    number = opened()
    for address in (f"{LIST}{row.id}/", f"/support/{number}/canned/{row.id}/"):
        assert client.get(address).status_code == 200
        assert client_for("admin").get(address).status_code == 404
    with pytest.raises(NotFound):
        canned.delete(row.id, revision=1, actor=actor)


def test_everybodys_are_changed_by_who_sets_support_up(client_for, reply, colleague):
    key = reply()
    client = client_for("support")
    data = {"title": "Other", "text": "x", "revision": "1"}
    page = client.get(f"{LIST}{key}/").content.decode()
    assert "Hello {{customer.first_name|there}}" in page
    assert "<textarea" not in page
    assert client.post(f"{LIST}{key}/", data).status_code == 403
    assert client.post(f"{LIST}{key}/delete/", {"revision": "1"}).status_code == 403
    with pytest.raises(Forbidden):
        canned.create(colleague, title="x", word="", text="x", tags=[], is_shared=True)
    editor = client_for("editor")
    assert editor.post(f"{LIST}{key}/", data | {"is_shared": "on"}).status_code == 302
    assert one(key, "").title == "Other"


def test_two_who_change_one_at_once_do_not_overwrite_each_other(client_for, reply):
    key, client = reply(), client_for("editor")
    data = {"title": "First", "text": "x", "revision": "1", "is_shared": "on"}
    assert client.post(f"{LIST}{key}/", data).status_code == 302
    late = client.post(f"{LIST}{key}/", data | {"title": "Second", "text": "my long draft"})
    assert late.status_code == 409
    assert "my long draft" in late.content.decode()
    assert one(key, "").title == "First"


def test_a_word_is_one_replys_and_ones_own_goes_before_everybodys(reply, colleague, actor):
    shared = reply(word="/Hi")
    with pytest.raises(InvalidInput) as refused:
        reply(title="Again", word="hi")
    assert refused.value.field == "word"
    own = reply(by=colleague, title="Mine", is_shared=False)
    assert (words_of(colleague.id), words_of(actor.id)) == ({"hi": own}, {"hi": shared})


def test_the_words_lead_to_texts_for_the_one_who_types(client_for, opened, reply):
    number, key = opened(), reply()
    client = client_for("support")
    url = client.get(f"/support/{number}/canned/words/").json()["words"]["hi"]
    assert url == f"/support/{number}/canned/{key}/"
    text = client.get(url, headers={"Accept": "application/json"}).json()["text"]
    assert text == f"Hello Zoe, about #{number}."


def test_a_search_finds_all_the_words_and_shared_tags_come_first(client_for, opened, reply):
    reply(title="Alpha refund", word="a")
    reply(title="Beta refund", word="b", tags=["billing"])
    reply(title="Gamma", word="c")
    number = opened(tags=["billing"])
    page = client_for("support").get(f"/support/{number}/canned/?q=REFUND").content.decode()
    assert page.index("Beta refund") < page.index("Alpha refund")
    assert "Gamma" not in page


def test_making_changing_and_deleting_are_undone_from_the_record(reply, actor, mongo):
    key = reply()
    row = mongo.audit_log.find_one({"action": "canned.create"})["_id"]
    values = {"title": "Hello", "word": "hi", "text": "New", "tags": [], "is_shared": True}
    changed = canned.edit(key, revision=1, actor=actor, **values)
    with pytest.raises(Conflict):
        undo.perform(row, actor=actor)
    undo.perform(changed.row_id, actor=actor)
    assert one(key, "").text == HELLO
    gone = canned.delete(key, revision=one(key, "").revision, actor=actor)
    assert canned_of("") == []
    undo.perform(gone.row_id, actor=actor)
    assert one(key, "").text == HELLO
    undo.perform(row, actor=actor)
    assert canned_of("") == []
    assert [each.action for each in _rows(mongo)][-1] == "canned.create.undo"


def test_a_deleted_one_does_not_come_back_beside_another_of_its_word(reply, actor):
    gone = canned.delete(reply(), revision=1, actor=actor)
    reply(title="Another")
    with pytest.raises(Conflict, match="has this word"):
        undo.perform(gone.row_id, actor=actor)


def test_a_preview_shows_a_text_for_somebody_made_up(client_for):
    client = client_for("support")
    page = client.post(f"{LIST}preview/", {"text": "Dear **{{customer.name}}**"}).content.decode()
    assert "<strong>Ada Lovelace</strong>" in page
    assert "is no variable" in client.post(f"{LIST}preview/", {"text": "{{x}}"}).content.decode()


def _rows(mongo):
    found = mongo.audit_log.find({"subject.kind": "canned"}).sort("at", 1)
    return [audit.find(row["_id"]) for row in found]
