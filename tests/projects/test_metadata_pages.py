"""The metadata tab: the typed tree and its forms, over HTTP."""

import json
import re
from html import unescape
from typing import Any

import bson
import pytest
from bson import Binary, Decimal128, Int64, MinKey, ObjectId, Regex, Timestamp
from bson.raw_bson import RawBSONDocument

from devora_admin.core import raw_bson

HTMX = {"HTTP_HX_REQUEST": "true"}


def url(project: dict[str, Any], action: str = "", *path: Any) -> str:
    query = f"?path={json.dumps(path)}" if path else ""
    return f"/projects/{project['id']}/metadata/{action}{query}"


def hidden(answer: Any, name: str) -> str:
    found = re.search(
        rf'<input type="hidden" name="{name}" value="([^"]*)"', answer.content.decode()
    )
    assert found, name
    return unescape(found[1])


def stored(mongo: Any, project: dict[str, Any]) -> Any:
    return mongo.projects.find_one({"id": project["id"]})["metadata"]


def fill(client: Any, project: dict[str, Any], action: str, *path: Any, **values: str) -> Any:
    """Opens a form and sends it as a browser would."""
    form = client.get(url(project, action, *path))
    data = {
        name: hidden(form, name)
        for name in ("path", "seen")
        if f'name="{name}"' in form.content.decode()
    }
    return client.post(url(project, action, *path), {**data, **values})


def test_the_tree_names_the_type_of_every_value(admin, make_project):
    project = make_project(
        metadata={"int64": Int64(5), "money": Decimal128("1.10"), "id": ObjectId("0" * 24),
                  "bin": Binary(b"a", 4 - 3), "null": None, "re": Regex("a", "i"), "min": MinKey(),
                  "stamp": Timestamp(5, 6), "list": [1.0, {"deep": True}]}
    )  # fmt: skip
    html = admin.get(url(project)).content.decode()
    for kind in ("int64", "decimal128", "ObjectId", "binary · subtype 1", "null", "regex",
                 "minKey", "timestamp", "array", "double", "object", "bool"):  # fmt: skip
        assert f">{kind}<" in html, kind
    for value in ("1.10", "0" * 24, "/a/i", "5:6", "1.0", "true"):
        assert f">{value}<" in html, value


def test_a_value_is_edited_and_keeps_its_type(admin, mongo, make_project):
    project = make_project(metadata={"plan": {"seats": Int64(5), "price": Decimal128("1.10")}})
    answer = fill(admin, project, "set/", "plan", "seats", kind="int64", value="6")
    assert answer.status_code == 302
    assert stored(mongo, project) == {"plan": {"seats": 6, "price": Decimal128("1.10")}}
    assert isinstance(stored(mongo, project)["plan"]["seats"], Int64)


def test_the_form_proposes_the_type_the_value_has(admin, make_project):
    project = make_project(metadata={"n": Int64(5)})
    html = admin.get(url(project, "set/", "n"), **HTMX).content.decode()
    assert '<option value="int64" selected>' in html


def test_a_value_of_the_wrong_type_is_refused_at_the_field(admin, mongo, make_project):
    project = make_project(metadata={"n": 5})
    answer = fill(admin, project, "set/", "n", kind="int32", value="five")
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "This is not a valid int32" in html
    assert "five</textarea>" in html
    assert stored(mongo, project) == {"n": 5}
    answer = fill(admin, project, "set/", "n", kind="date", value="soon")
    assert "This is not a valid date. Write it as 2026-01-31T" in answer.content.decode()


def test_a_value_someone_else_changed_is_a_conflict_that_keeps_the_draft(
    admin, mongo, make_project
):
    project = make_project(metadata={"n": "old"})
    form = admin.get(url(project, "set/", "n"))
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"metadata.n": "theirs"}})
    data = {"path": '["n"]', "seen": hidden(form, "seen"), "kind": "string", "value": "mine"}
    answer = admin.post(url(project, "set/", "n"), data, **HTMX)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "theirs" in html
    assert "mine</textarea>" in html
    assert stored(mongo, project) == {"n": "theirs"}


def test_keys_are_added_renamed_and_removed(admin, mongo, make_project):
    project = make_project(metadata={"a": 1, "b": [1]})
    assert fill(admin, project, "add/", key="c.d", kind="date", value="2026-01-01T00:00:00Z")
    fill(admin, project, "add/", "b", kind="null", value="")
    fill(admin, project, "rename/", "a", key="$a")
    fill(admin, project, "remove/", "b", 0)
    found = stored(mongo, project)
    assert list(found) == ["$a", "b", "c.d"]
    assert found["b"] == [None]


def test_the_whole_of_it_is_edited_as_json(admin, mongo, make_project):
    project = make_project(metadata={"a": Int64(1), "b": 2.0, "c": "ä\n"})
    form = admin.get(url(project, "json/"))
    base = hidden(form, "base")
    text = base.replace('"$numberLong": "1"', '"$numberLong": "7"')
    answer = admin.post(url(project, "json/"), {"base": base, "text": text.replace("\n", "\r\n")})
    assert answer.status_code == 302
    found = stored(mongo, project)
    assert found == {"a": 7, "b": 2.0, "c": "ä\n"}
    assert isinstance(found["a"], Int64)
    assert isinstance(found["b"], float)


def test_json_that_conflicts_shows_both_sides(admin, mongo, make_project):
    project = make_project(metadata={"a": 9})
    answer = admin.post(url(project, "json/"), {"base": '{"a": 1}', "text": '{"a": 2}'}, **HTMX)
    html = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert '{"a": 2}' in html
    assert '"a": 9' in html


@pytest.mark.parametrize("text", ["{", "", "[[[", '{"a": NaN}', "\0"])
def test_json_that_is_none_is_refused_at_the_field(admin, make_project, text):
    project = make_project(metadata={"a": 1})
    answer = admin.post(url(project, "json/"), {"base": '{"a": 1}', "text": text})
    assert answer.status_code == 422
    assert "invalid-feedback" in answer.content.decode()


def test_metadata_past_16_mb_is_refused_with_the_draft_kept(admin, make_project):
    project = make_project(metadata={"a": 1}, big="x" * (15 * 1024 * 1024))
    answer = fill(admin, project, "add/", key="b", kind="string", value="y" * 1_500_000)
    html = answer.content.decode()
    assert answer.status_code == 413
    assert "16 MB" in html
    assert "yyyy" in html


@pytest.mark.parametrize("path", ["x", "{}", '"a"', "[null]", "[[]]", "[true]", "[" * 9999])
def test_a_tampered_path_is_refused(admin, make_project, path):
    project = make_project()
    answer = admin.get(f"/projects/{project['id']}/metadata/set/", {"path": path})
    assert answer.status_code == 422


def test_a_place_that_is_not_there_is_a_404(admin, make_project):
    project = make_project(metadata={"a": [1]})
    for path in (["b"], ["a", 5], ["a", -1], ["a", "0"], ["a", 0, "x"]):
        assert admin.get(url(project, "", *path)).status_code == 404


def test_a_very_large_tree_is_drawn_in_parts(admin, make_project):
    wide = {f"key{at}": {"in": at} for at in range(900)}
    project = make_project(metadata={"wide": wide, "deep": _deep(60)})
    answer = admin.get(url(project))
    assert answer.status_code == 200
    assert "700 more" in answer.content.decode()
    assert len(answer.content) < 1_500_000
    assert admin.get(url(project, "", "wide") + "&from=200").status_code == 200


def _deep(levels: int) -> dict[str, Any]:
    return {"in": _deep(levels - 1)} if levels else {}


def test_a_viewer_reads_but_cannot_edit(client_for, make_project):
    project, viewer = make_project(metadata={"a": 1}), client_for("viewer")
    assert "metadata/set" not in viewer.get(url(project)).content.decode()
    for action in ("set/", "add/", "rename/", "remove/", "json/"):
        assert viewer.get(url(project, action, "a")).status_code == 403


def send_json(client: Any, project: dict[str, Any], base: str, text: str) -> Any:
    return client.post(url(project, "json/"), {"base": base, "text": text})


# As bytes this key would end early, and what follows it would be read as more of the update.
SMUGGLED = "x\0\1\0\0\0\0\2files"


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({SMUGGLED: ""}),
        json.dumps({"deep": {SMUGGLED: ""}}),
        '{"half": "\\ud800"}',
        '{"\\ud800": 1}',
        '{"\\udc80": 1}',
        '{"deep": {"\\ud800": 1, "\\udc80": 1}}',
        '{"\\ud800": {"$oid": "x"}}',
        '{"n": ' + "9" * 5000 + "}",
        '{"n": {"$numberDecimal": "1e9999"}}',
        '{"n": {"$numberDecimal": "1.23456789012345678901234567890123456789"}}',
        '{"n": {"$dbPointer": {"$ref": "x", "$id": "longer than twelve"}}}',
        '{"n": {"$dbPointer": {"$ref": "x", "$id": {"a": 1}}}}',
    ],
)
def test_json_that_no_document_can_hold_is_refused_and_writes_nothing(
    admin, mongo, make_project, text
):
    project = make_project(metadata={})
    answer = send_json(admin, project, "{}", text)
    assert answer.status_code == 422, answer.content[:300]
    assert mongo.projects.find_one({"id": project["id"]}) == project


@pytest.mark.parametrize(
    "text", ["[1]", "5", "null", '"a"', '{"$oid": "0123456789abcdef01234567"}']
)
def test_metadata_that_is_no_object_is_refused_at_the_field(admin, mongo, make_project, text):
    project = make_project(metadata={"a": 1})
    for base in ('{"a": 1}', text):
        answer = send_json(admin, project, base, text)
        assert answer.status_code == 422
        assert "Metadata must be an object" in answer.content.decode()
    assert mongo.projects.find_one({"id": project["id"]}) == project


@pytest.mark.parametrize("held", [[1], 5, None])
def test_malformed_metadata_may_stay_and_may_be_mended(admin, mongo, make_project, held):
    project = make_project(metadata=held)
    base = hidden(admin.get(url(project, "json/")), "base")
    assert send_json(admin, project, base, base).status_code == 302
    assert mongo.projects.find_one({"id": project["id"]}) == project
    assert send_json(admin, project, base, "[2]").status_code == 422
    assert send_json(admin, project, base, '{"a": 1}').status_code == 302
    assert stored(mongo, project) == {"a": 1}


@pytest.mark.parametrize("number", ["1e400", "-1e400", '{"$numberDouble": "1e400"}'])
def test_a_number_that_would_be_stored_as_infinity_is_refused(admin, mongo, make_project, number):
    project = make_project(metadata={"n": 1.0})
    answer = send_json(admin, project, '{"n": 1.0}', f'{{"n": {number}}}')
    assert answer.status_code == 422
    assert "too large to store" in answer.content.decode()
    answer = fill(admin, project, "set/", "n", kind="double", value="1e400")
    assert answer.status_code == 422
    assert "too large to store" in answer.content.decode()
    assert mongo.projects.find_one({"id": project["id"]}) == project
    assert fill(admin, project, "set/", "n", kind="double", value="Infinity").status_code == 302


def test_json_nested_beyond_reason_is_refused(admin, make_project):
    deep = '{"a":' * 400 + "1" + "}" * 400
    project = make_project(metadata={})
    for base in ("{}", deep):
        assert send_json(admin, project, base, deep.replace("1", "2")).status_code in (409, 422)


@pytest.mark.parametrize("text", ["1e9999", "1.23456789012345678901234567890123456789"])
def test_a_decimal_of_too_many_digits_is_told_at_its_field(admin, make_project, text):
    project = make_project(metadata={"price": Decimal128("1.10")})
    answer = fill(admin, project, "set/", "price", kind="decimal128", value=text)
    assert answer.status_code == 422
    assert "not a valid decimal128" in answer.content.decode()


@pytest.mark.parametrize("action", ["", "set/", "add/", "rename/", "remove/"])
def test_a_path_with_half_a_character_is_not_found(admin, make_project, action):
    project = make_project(metadata={"a": 1})
    answer = admin.get(url(project, action), {"path": '["\\ud800"]'})
    assert answer.status_code in (404, 422)


def test_a_key_that_is_no_utf_8_is_shown_and_breaks_nothing(admin, mongo, make_project):
    project = make_project(missing=("metadata",))
    broken = raw_bson.Element(0x10, "key\udcff", b"\1\0\0\0")
    body = raw_bson.build([broken])
    collection = mongo.projects
    collection.delete_one({"id": project["id"]})
    parts = raw_bson.elements(bson.encode(project))
    parts.append(raw_bson.Element(raw_bson.DOCUMENT, "metadata", body))
    collection.insert_one(RawBSONDocument(raw_bson.build(parts)))
    for page in ("", "json/"):
        assert admin.get(url(project, page)).status_code == 200, page
    assert admin.get(f"/projects/{project['id']}/raw/").status_code == 200
    assert admin.get(f"/projects/{project['id']}/raw/download/").status_code == 200
