"""Preferences: the known ones as fields, every other as a typed tree, none ever retyped."""

import json
import threading
from html import unescape
from typing import Any

import pytest
from bson import Binary, Decimal128, Int64, ObjectId, Regex

from devora_admin.core import raw_bson
from devora_admin.core.values import tree
from devora_admin.staff import audit, undo
from devora_admin.staff.documents import AUDIT_LOG
from devora_admin.usersettings import forms
from devora_admin.usersettings.queries.page import known_values, preferences_of
from devora_admin.usersettings.services import preferences as service
from tests.usersettings.conftest import OPENAI, hidden

HTMX = {"HTTP_HX_REQUEST": "true"}
KNOWN = {"theme": "dark", "model": "m-1", "autosave": True, "font_size": 14}
UNKNOWN = {
    "int64": Int64(5), "money": Decimal128("1.10"), "id": ObjectId("0" * 24), "none": None,
    "binary": Binary(b"a", 128), "regex": Regex("a", "i"), "list": [1, Int64(1), 1.0],
    "a.b": 1, "$x": {"": 2},
}  # fmt: skip


def save(client, user_id, shown=None, **values):
    shown = known_values(preferences_of(user_id)) if shown is None else shown
    form = forms.PreferencesForm(shown=shown)
    data = {name: form.initial[name] for name in shown if form.initial[name] is not False}
    data = {**data, "seen": forms.seen_text(shown), **values}
    data = {name: value for name, value in data.items() if value is not None}
    return client.post(f"/users/{user_id}/settings/preferences/save/", data, **HTMX)


def same(left: Any, right: Any) -> bool:
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    return type(left) is type(right) and left == right


def test_known_preferences_are_fields_with_their_values(admin, settings_of):
    settings_of(preferences={"model": "seen-elsewhere"})
    user_id = settings_of(preferences={**KNOWN, "locale": "de"})
    html = admin.get(f"/users/{user_id}/settings/").content.decode()
    assert '<option value="dark" selected>' in html
    assert 'name="font_size" value="14"' in html
    assert "checked" in html
    assert 'name="locale" value="de"' in html
    assert '<option value="seen-elsewhere">' in html
    assert 'name="timezone"' not in html


def test_saving_changes_what_was_changed_and_no_other_bit(admin, settings_of, held, mongo):
    user_id = settings_of(preferences={**KNOWN, **UNKNOWN}, more={"x": Int64(1)})
    before = held(user_id)
    assert save(admin, user_id, theme="light", font_size="16").status_code == 204
    after = held(user_id)
    expected = {**before, "preferences": {**before["preferences"], "theme": "light",
                                          "font_size": 16}}  # fmt: skip
    assert same(after, expected)
    [row] = mongo[AUDIT_LOG].find({"action": "settings.preferences.save"})
    assert row["before"] == {"preferences.theme": '"dark"',
                             "preferences.font_size": '{"$numberInt": "14"}'}  # fmt: skip


@pytest.mark.parametrize("number", [Int64(14), 14.0, 14])
def test_a_number_keeps_the_type_it_has(admin, settings_of, held, number):
    user_id = settings_of(preferences={"font_size": number})
    save(admin, user_id, font_size="20")
    after = held(user_id)["preferences"]["font_size"]
    assert type(after) is type(number)
    assert after == 20


def test_what_nobody_touched_is_not_written(admin, settings_of, held, mongo):
    for preferences in ({}, KNOWN, {"theme": "", "model": ""}, {"theme": "solarized"}):
        user_id = settings_of(preferences=preferences)
        assert save(admin, user_id).status_code == 204
        assert held(user_id)["preferences"] == preferences
    assert mongo[AUDIT_LOG].count_documents({}) == 0


def test_an_emptied_field_removes_the_preference(admin, settings_of, held):
    user_id = settings_of(preferences={**KNOWN, "other": 1})
    save(admin, user_id, model="", font_size="")
    assert held(user_id)["preferences"] == {"theme": "dark", "autosave": True, "other": 1}


@pytest.mark.parametrize("size", ["7", "33", "x", "14.5", "1e400", "9" * 400])
def test_a_number_out_of_range_is_refused_at_its_field(admin, settings_of, held, size):
    user_id = settings_of(preferences=KNOWN)
    answer = save(admin, user_id, font_size=size)
    assert answer.status_code == 422
    assert "invalid-feedback" in answer.content.decode()
    assert held(user_id)["preferences"] == KNOWN


def test_a_wrongly_typed_one_is_shown_as_what_it_is_and_corrected(admin, settings_of, held):
    user_id = settings_of(preferences={"font_size": "14", "theme": "dark"})
    html = admin.get(f"/users/{user_id}/settings/").content.decode()
    assert 'name="font_size"' not in html
    assert "a whole number from 8 to 32 is expected" in html
    address = f"/users/{user_id}/settings/preferences/set/?path=%5B%22font_size%22%5D&kind=int32"
    assert address.replace("&", "&amp;") in html
    form = admin.get(address)
    assert '<option value="int32" selected>' in form.content.decode()
    data = {"path": '["font_size"]', "seen": hidden(form, "seen"), "kind": "int32", "value": "14"}
    assert admin.post(address, data).status_code == 302
    assert same(held(user_id)["preferences"], {"font_size": 14, "theme": "dark"})


def test_a_change_of_the_same_preference_meanwhile_is_a_conflict_with_both_values(
    admin, settings_of, held, mongo
):
    user_id = settings_of(preferences=KNOWN)
    shown = known_values(preferences_of(user_id))
    mongo.settings.update_one(
        {"user_id": user_id}, {"$set": {"preferences.theme": "system", "preferences.new": 1}}
    )
    answer = save(admin, user_id, shown, theme="light", model="m-2")
    html = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "Theme is now “system”; yours is “light”" in html
    assert '<option value="light" selected>' in html
    assert held(user_id)["preferences"] == {**KNOWN, "theme": "system", "new": 1}
    again = {"theme": "light", "model": "m-2", "autosave": "on", "font_size": "14"}
    answer = admin.post(
        f"/users/{user_id}/settings/preferences/save/",
        {**again, "seen": hidden(answer, "seen")}, **HTMX,
    )  # fmt: skip
    assert answer.status_code == 204
    assert held(user_id)["preferences"]["theme"] == "light"


def test_a_change_of_another_preference_meanwhile_is_kept(admin, settings_of, held, mongo):
    user_id = settings_of(preferences=KNOWN)
    shown = known_values(preferences_of(user_id))
    mongo.settings.update_one({"user_id": user_id}, {"$set": {"preferences.theme": "system"}})
    assert save(admin, user_id, shown, model="m-2").status_code == 204
    assert held(user_id)["preferences"] == {**KNOWN, "theme": "system", "model": "m-2"}


@pytest.mark.parametrize(
    "seen", ["", "x", "[]", '{"theme": 5}', '{"password": "\\"x\\""}', '{"theme": "{"}',
             '{"font_size": "{\\"$numberInt\\": \\"x\\"}"}', '{"theme": "5"}', "[" * 9999],
)  # fmt: skip
def test_a_tampered_form_is_refused(admin, settings_of, held, seen):
    user_id = settings_of(preferences=KNOWN)
    address = f"/users/{user_id}/settings/preferences/save/"
    assert admin.post(address, {"seen": seen, "theme": "light"}).status_code == 422
    assert held(user_id)["preferences"] == KNOWN


def test_a_missing_document_is_made_once_by_many_at_once(admin, actor, make_customer, mongo):
    user_id = make_customer()["id"]
    faults: list[BaseException] = []
    names = ("theme", "model", "locale", "timezone")

    def work(name: str) -> None:
        try:
            service.save_known(user_id, shown={name: None}, wanted={name: "x"}, actor=actor)
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    [stored] = mongo.settings.find({"user_id": user_id})
    assert stored["preferences"] == dict.fromkeys(names, "x")
    assert stored["api_keys"] == stored["integrations"] == {}


def test_settings_of_nobody_are_not_made(admin, mongo):
    answer = save(admin, "nobody", {"theme": None}, theme="dark")
    assert answer.status_code == 404
    assert mongo.settings.count_documents({}) == 0


def edit(client, user_id, action, *path, **values):
    address = f"/users/{user_id}/settings/preferences/{action}/?path={json.dumps(path)}"
    form = client.get(address)
    names = [name for name in ("path", "seen") if f'name="{name}"' in form.content.decode()]
    return client.post(address, {**{name: hidden(form, name) for name in names}, **values}, **HTMX)


def test_the_tree_edits_any_value_and_keeps_the_others(admin, settings_of, held):
    user_id = settings_of(preferences={**KNOWN, **UNKNOWN})
    assert edit(admin, user_id, "set", "int64", kind="int64", value="6").status_code == 204
    assert edit(admin, user_id, "add", key="new", kind="date",
                value="2026-01-01T00:00:00Z").status_code == 204  # fmt: skip
    assert edit(admin, user_id, "rename", "none", key="nothing").status_code == 204
    assert edit(admin, user_id, "remove", "regex").status_code == 204
    after = held(user_id)["preferences"]
    assert isinstance(after["int64"], Int64)
    assert after["nothing"] is None
    for key in ("money", "id", "binary", "list", "a.b", "$x"):
        assert same(after[key], UNKNOWN[key]), key


def test_preferences_that_are_no_object_can_be_made_one(admin, settings_of, held):
    user_id = settings_of(preferences="broken")
    html = admin.get(f"/users/{user_id}/settings/").content.decode()
    assert "kind=object" in html
    assert edit(admin, user_id, "set", kind="object", value="").status_code == 204
    assert held(user_id)["preferences"] == {}


def test_a_secret_among_the_preferences_stays_where_it_is(admin, settings_of, held):
    preferences = {"editor": {"api_key": OPENAI, "tab": 2}}
    user_id = settings_of(preferences=preferences)
    for answer in (
        edit(admin, user_id, "set", "editor", "api_key", kind="string", value="x"),
        edit(admin, user_id, "set", "editor", kind="null", value=""),
        edit(admin, user_id, "rename", "editor", key="other"),
        edit(admin, user_id, "remove", "editor"),
    ):
        assert answer.status_code == 422
        assert OPENAI[-6:] not in answer.content.decode()
    assert held(user_id)["preferences"] == preferences
    assert edit(admin, user_id, "set", "editor", "tab", kind="int32", value="4").status_code == 204
    base = hidden(admin.get(f"/users/{user_id}/settings/preferences/json/"), "base")
    assert OPENAI[-6:] not in base
    address = f"/users/{user_id}/settings/preferences/json/"
    text = base.replace('"tab": 4', '"tab": 8')
    assert admin.post(address, {"base": base, "text": text}).status_code == 302
    moved = base.replace('"editor"', '"elsewhere"')
    assert admin.post(address, {"base": base, "text": moved}).status_code in (409, 422)
    assert held(user_id)["preferences"] == {"editor": {"api_key": OPENAI, "tab": 8}}


def last_row(mongo) -> audit.AuditRow:
    [row] = mongo[AUDIT_LOG].find().sort([("at", -1)]).limit(1)
    return audit.find(row["_id"])


def test_a_change_is_taken_back_and_not_over_a_later_one(admin, settings_of, held, mongo, actor):
    user_id = settings_of(preferences={**KNOWN, **UNKNOWN})
    before = held(user_id)
    save(admin, user_id, theme="light", model="")
    undo.perform(last_row(mongo).id, actor=actor)
    after = held(user_id)
    assert dict(after["preferences"]) == before["preferences"]
    assert all(same(after["preferences"][key], value) for key, value in UNKNOWN.items())
    edit(admin, user_id, "rename", "a.b", key="c.d")
    row = last_row(mongo)
    mongo.settings.update_one({"user_id": user_id}, {"$set": {"preferences.later": 1}})
    with pytest.raises(undo.Conflict, match="changed since"):
        undo.perform(row.id, actor=actor)


def test_a_tree_masks_what_it_is_told_to():
    def mask(path, part):
        return "••••" if path and path[-1] in "ac" else None

    root = raw_bson.element({"a": "secret", "b": {"c": "secret"}})
    shown = tree.tree(root, name="x", mask=mask)
    assert "secret" not in str(shown)
    assert {row.shape for row in shown.rows} == {"masked", "open", "close"}
