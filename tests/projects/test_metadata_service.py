"""Metadata edits change one thing and no bit of anything else."""

import json
from typing import Any

import bson
import pytest
from bson import Binary, Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from bson.raw_bson import RawBSONDocument
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devora_admin.core import raw_bson
from devora_admin.core.errors import Conflict, InvalidInput, NotFound, TooLarge
from devora_admin.core.raw_bson import Element
from devora_admin.core.values import ejson, kinds, paths
from devora_admin.projects.services import metadata as service
from tests import factories

RETYPED_BY_PYTHON = {
    "symbol": Element(0x0E, "", b"\2\0\0\0x\0"),
    "undefined": Element(0x06, "", b""),
    "db_pointer": Element(0x0C, "", b"\2\0\0\0x\0" + b"0" * 12),
    "year_300000": Element(0x09, "", b"\xff\xff\xff\xff\xff\xff\0\0"),
    "nan_with_payload": Element(0x01, "", b"\1\0\0\0\0\0\xf8\x7f"),
}
EVERY_TYPE = {
    "double": 1.0, "minus_zero": -0.0, "string": "ä\n\0b", "object": {"b": 1, "a": 2, "": {}},
    "array": [1, Int64(1), 1.0, [None]], "binary": Binary(b"\0\1", 128), "old": Binary(b"ab", 2),
    "uuid": Binary(b"0" * 16, 4), "object_id": ObjectId(), "bool": True, "null": None,
    "regex": Regex("^a/b", "im"), "code": Code("x"), "scoped": Code("x", {"y": Int64(1)}),
    "int32": 1, "int64": Int64(1), "timestamp": Timestamp(1, 2), "decimal": Decimal128("1.10"),
    "min": MinKey(), "max": MaxKey(), "a.b": 1, "$dollar": {"in.side": 2},
}  # fmt: skip


def every_type() -> Element:
    parts = raw_bson.elements(bson.encode(EVERY_TYPE))
    odd = [part.named(name) for name, part in RETYPED_BY_PYTHON.items()]
    return Element(raw_bson.DOCUMENT, "metadata", raw_bson.build([*parts, *odd]))


def store(mongo: Any, metadata: Element, *, project_id: str = "p1") -> str:
    document = bson.encode(
        {**factories.project(id=project_id, missing=("metadata",)), "revision": 3}
    )
    body = [
        *raw_bson.elements(document),
        metadata.named("metadata"),
        RETYPED_BY_PYTHON["symbol"].named("unknown"),
    ]
    mongo.projects.insert_one(RawBSONDocument(raw_bson.build(body)))
    return project_id


def stored(mongo: Any, project_id: str = "p1") -> dict[str, Element]:
    collection = mongo.projects.with_options(codec_options=raw_bson.RAW)
    found = collection.find_one({"id": project_id})
    return {part.name: part for part in raw_bson.elements(bytes(found.raw))}


def leaves(part: Element, path: paths.Path = ()) -> dict[paths.Path, bytes]:
    """Every value that holds no others, by its path."""
    inner = raw_bson.elements(part.data) if part.is_container else []
    if not inner:
        return {path: part.value}
    found: dict[paths.Path, bytes] = {}
    for index, child in enumerate(inner):
        step = index if part.kind == raw_bson.ARRAY else child.name
        found |= leaves(child, (*path, step))
    return found


def mark(mongo: Any, path: paths.Path) -> str:
    return paths.mark_of(paths.find(stored(mongo)["metadata"], path))


def set_value(mongo: Any, path: paths.Path, kind: str, text: str, actor: Any) -> None:
    service.set_value("p1", path, kind=kind, text=text, seen=mark(mongo, path), actor=actor)


@pytest.mark.parametrize(
    "path", [(key,) for key in EVERY_TYPE] + [(key,) for key in RETYPED_BY_PYTHON]
)
def test_editing_one_key_leaves_every_other_byte(mongo, actor, path):
    store(mongo, every_type())
    before = stored(mongo)
    set_value(mongo, path, "int64", "77", actor)
    after = stored(mongo)
    assert paths.find(after["metadata"], path).decoded() == Int64(77)
    was, now = leaves(before["metadata"]), leaves(after["metadata"])
    kept = {place: value for place, value in was.items() if place[:1] != path}
    assert {place: now.get(place) for place in kept} == kept
    assert [part.name for part in raw_bson.elements(after["metadata"].data)] == [
        part.name for part in raw_bson.elements(before["metadata"].data)
    ]
    others = before.keys() - {"metadata", "updated_at", "revision"}
    assert {key: after[key] for key in others} == {key: before[key] for key in others}
    assert after["revision"].decoded() == 4


TYPABLE = [
    key
    for key in (*EVERY_TYPE, *RETYPED_BY_PYTHON)
    if key not in ("object", "array", "scoped", "undefined", "db_pointer", "nan_with_payload")
]


@pytest.mark.parametrize("key", TYPABLE)
def test_what_is_shown_reads_back_as_the_same_bytes(key):
    part = paths.find(every_type(), (key,))
    value = kinds.shown(part)
    if value.is_editable:
        assert kinds.parsed(value.kind, value.text, previous=part).value == part.value


def test_text_a_browser_would_alter_is_not_edited_as_text():
    for text in ("a\rb", "a\r\nb\nc", "a\0b"):
        assert not kinds.shown(raw_bson.element(text)).is_editable
    windows = raw_bson.element("a\r\nb")
    assert kinds.parsed("string", "a\r\nb!", previous=windows).decoded() == "a\r\nb!"
    assert kinds.parsed("string", "a\r\nb", previous=raw_bson.element("")).decoded() == "a\nb"


def test_the_whole_of_it_passes_through_json_unchanged():
    for write in (ejson.readable, ejson.canonical):
        tree = json.loads(json.dumps(write(every_type())))
        back = ejson.to_element(tree)
        was, now = leaves(every_type()), leaves(back)
        assert {key for key in was if was[key] != now.get(key)} == {("nan_with_payload",)}


KEYS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6) | st.sampled_from(
    ["a.b", "$set", "", "0", "id", "$ref"]
)
bson_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31 - 1)
    | st.integers(-(2**63), 2**63 - 1).map(Int64) | st.floats()
    | st.text(st.characters(codec="utf-8"), max_size=8)
    | st.builds(Binary, st.binary(max_size=8), st.sampled_from([0, 1, 2, 5, 6, 128]))
    | st.binary(min_size=12, max_size=12).map(ObjectId)
    | st.datetimes(timezones=st.just(bson.tz_util.utc))
    | st.builds(Decimal128, st.decimals(-1000, 1000, places=2))
    | st.sampled_from([Regex("a.b", "im"), Code("f()"), Code("f()", {"x": Int64(2)})])
    | st.sampled_from([MinKey(), MaxKey()])
    | st.builds(Timestamp, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    content=st.dictionaries(KEYS, bson_values, min_size=1, max_size=6),
    data=st.data(),
    verb=st.sampled_from(["set", "remove", "rename", "json"]),
)
def test_whatever_is_edited_nothing_else_moves(mongo, actor, content, data, verb):
    mongo.projects.delete_many({})
    store(mongo, Element(raw_bson.DOCUMENT, "metadata", bson.encode(content)))
    before = stored(mongo)
    was = leaves(before["metadata"])
    path = data.draw(st.sampled_from([each for each in was if each] or [()]))
    seen = mark(mongo, path)
    if verb == "set":
        service.set_value("p1", path, kind="int64", text="42", seen=seen, actor=actor)
    elif verb == "rename" and isinstance(path[-1], str):
        service.rename_key("p1", path, key="fresh-key", seen=seen, actor=actor)
    elif verb == "json":
        base = ejson.dumps(ejson.readable(before["metadata"]))
        changed = paths.applied(
            before["metadata"], paths.Change("put", path, raw_bson.element(Int64(42)))
        )
        text = ejson.dumps(ejson.readable(changed))
        service.replace_json("p1", base=base, text=text, actor=actor)
    else:
        service.remove_value("p1", path, seen=seen, actor=actor)
    after = stored(mongo)
    now = leaves(after["metadata"])
    around = path[:-1]
    kept = {place: value for place, value in was.items() if place[: len(around)] != around}
    assert {place: now.get(place) for place in kept} == kept
    siblings = [
        value for place, value in was.items() if place[: len(around)] == around and place != path
    ]
    left = [value for place, value in now.items() if place[: len(around)] == around]
    assert [value for value in siblings if value not in left] == []
    others = before.keys() - {"metadata", "updated_at", "revision"}
    assert {key: after[key] for key in others} == {key: before[key] for key in others}


@pytest.mark.parametrize(
    ("kind", "text"),
    [("int32", "2147483648"), ("int32", "1.0"), ("int32", "1_0"), ("int64", "9" * 19),
     ("double", "one"), ("decimal128", "1,5"), ("date", "yesterday"), ("date", "2026-01-01"),
     ("date", "2026-01-01T00:00:00.0001Z"), ("ObjectId", "123"), ("binary", "!"), ("bool", "yes"),
     ("regex", "a"), ("regex", "/a/z"), ("timestamp", "1"), ("timestamp", "9999999999:1"),
     ("string", "a\0"), ("array?", "1")],
)  # fmt: skip
def test_a_value_that_is_not_of_its_type_is_refused(mongo, make_project, actor, kind, text):
    project = make_project(metadata={"a": 1})
    seen = paths.mark_of(raw_bson.element(1))
    with pytest.raises(InvalidInput) as refused:
        service.set_value(project["id"], ("a",), kind=kind, text=text, seen=seen, actor=actor)
    assert refused.value.field in ("value", "kind")
    assert mongo.projects.find_one({"id": project["id"]})["metadata"] == {"a": 1}


def test_a_key_someone_else_changed_is_a_conflict_with_their_value(mongo, make_project, actor):
    project = make_project(metadata={"a": "theirs"})
    with pytest.raises(Conflict, match="theirs"):
        service.set_value(
            project["id"], ("a",), kind="string", text="mine",
            seen=paths.mark_of(raw_bson.element("seen")), actor=actor,
        )  # fmt: skip


def test_int32_becoming_int64_meanwhile_is_a_conflict_too(make_project, actor):
    project = make_project(metadata={"a": Int64(1)})
    with pytest.raises(Conflict):
        service.remove_value(
            project["id"], ("a",), seen=paths.mark_of(raw_bson.element(1)), actor=actor
        )


def test_json_edits_of_different_keys_are_both_kept(mongo, make_project, actor):
    project = make_project(metadata={"a": 1, "b": Int64(2)})
    base = '{"a": 1, "b": {"$numberLong": "2"}}'
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"metadata.a": 9}})
    service.replace_json(
        project["id"], base=base, text='{"a": 1, "b": {"$numberLong": "3"}}', actor=actor
    )
    assert mongo.projects.find_one({"id": project["id"]})["metadata"] == {"a": 9, "b": 3}


def test_json_edits_of_the_same_key_are_a_conflict_that_shows_both(mongo, make_project, actor):
    project = make_project(metadata={"a": 5})
    with pytest.raises(Conflict, match="a meanwhile") as refused:
        service.replace_json(project["id"], base='{"a": 1}', text='{"a": 2}', actor=actor)
    assert json.loads(refused.value.detail["current"]) == {"a": 5}


@pytest.mark.parametrize(
    "text",
    ["{", '{"a": 1, "a": 2}', '{"a": NaN}', '{"a": {"$oid": "x"}}', '{"a": {"$numberInt": 1}}',
     '{"a": {"$numberInt": "9999999999"}}', '{"a": 99999999999999999999}', '{"a": "\\ud800"}',
     '{"a": {"$binary": "x"}}', '{"a": {"$date": "x"}}', '{"a": {"$oid": "x", "b": 1}}',
     "[" * 5000, '{"a":' * 150 + "1" + "}" * 150],
)  # fmt: skip
def test_json_that_is_none_is_refused_with_the_place(mongo, make_project, actor, text):
    project = make_project(metadata={"a": 1})
    with pytest.raises(InvalidInput) as refused:
        service.replace_json(project["id"], base='{"a": 1}', text=text, actor=actor)
    assert refused.value.field == "text"
    assert refused.value.message


def test_keys_and_items_are_added_where_they_belong(mongo, make_project, actor):
    project = make_project(metadata={"tags": ["a"], "in": {"b.c": {"d": 1}}})
    add = lambda path, key, kind, text: service.add_value(  # noqa: E731
        project["id"], path, key=key, kind=kind, text=text, actor=actor
    )
    add(("tags",), "", "int64", "5")
    add(("in", "b.c"), "$e", "double", "1")
    add((), "new", "object", "")
    stored = mongo.projects.find_one({"id": project["id"]})["metadata"]
    assert stored == {"tags": ["a", 5], "in": {"b.c": {"d": 1, "$e": 1.0}}, "new": {}}
    assert isinstance(stored["tags"][1], Int64)
    with pytest.raises(InvalidInput, match="already"):
        add((), "new", "null", "")


@pytest.mark.parametrize("key", ["", "a\0b", "x" * 1001])
def test_a_key_that_cannot_be_one_is_refused(make_project, actor, key):
    project = make_project(metadata={})
    with pytest.raises(InvalidInput) as refused:
        service.add_value(project["id"], (), key=key, kind="null", text="", actor=actor)
    assert refused.value.field == "key"


def test_removing_an_item_closes_the_gap(mongo, make_project, actor):
    project = make_project(metadata={"tags": ["a", "b", "c"]})
    service.remove_value(
        project["id"], ("tags", 1), seen=paths.mark_of(raw_bson.element("b")), actor=actor
    )
    assert mongo.projects.find_one({"id": project["id"]})["metadata"] == {"tags": ["a", "c"]}


def test_a_project_without_metadata_gets_its_first_key(mongo, make_project, actor):
    project = make_project(missing=("metadata",))
    service.add_value(project["id"], (), key="a", kind="int32", text="1", actor=actor)
    found = mongo.projects.find_one({"id": project["id"]})
    assert (found["metadata"], found["revision"]) == ({"a": 1}, 1)


def test_metadata_that_is_no_object_can_be_replaced(mongo, make_project, actor):
    project = make_project(metadata="broken", revision="broken")
    service.replace_json(project["id"], base='"broken"', text='{"a": 1}', actor=actor)
    found = mongo.projects.find_one({"id": project["id"]})
    assert (found["metadata"], found["revision"]) == ({"a": 1}, 1)


def test_passing_16_mb_is_refused_and_nothing_written(mongo, make_project, actor):
    project = make_project(metadata={"a": 1}, big="x" * (15 * 1024 * 1024))
    with pytest.raises(TooLarge, match="16 MB"):
        service.add_value(
            project["id"], (), key="b", kind="string", text="x" * 2_000_000, actor=actor
        )
    assert mongo.projects.find_one({"id": project["id"]})["metadata"] == {"a": 1}
    assert mongo.audit_log.count_documents({}) == 0


def test_an_edit_leaves_an_audit_row_with_typed_values(mongo, make_project, actor):
    project = make_project(metadata={"plan": {"seats": Int64(5)}})
    service.set_value(
        project["id"], ("plan", "seats"), kind="int64", text="6",
        seen=paths.mark_of(raw_bson.element(Int64(5))), actor=actor,
    )  # fmt: skip
    row = mongo.audit_log.find_one()
    assert row["action"] == "project.metadata.set"
    assert json.loads(row["before"]["metadata.plan.seats"]) == {"$numberLong": "5"}
    assert json.loads(row["after"]["metadata.plan.seats"]) == {"$numberLong": "6"}


def test_an_unknown_project_is_not_found(actor):
    with pytest.raises(NotFound):
        service.remove_value("nope", ("a",), seen="", actor=actor)
