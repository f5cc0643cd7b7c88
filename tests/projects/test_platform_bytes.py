"""Whatever the platform stored, a write of the dashboard changes what it says and no other byte."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from devora_admin.core import raw_bson
from devora_admin.projects.queries.metadata import metadata_text, metadata_value
from devora_admin.projects.services import file_undo, files, lifecycle, metadata, tree
from tests.projects import bson_values
from tests.projects.platform_documents import changes, project, stored

# A document holds a value of each type: made smaller it says no more, and takes minutes.
BUILT = settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
TIME, COUNT, BY = "updated_at", "revision", "edited_by"


def save_file(actor: Any) -> None:
    files.save_file(
        "p", path="a.ts", content="let a;\n", base_content="// a.ts\n", base_revision=0,
        actor=actor, tab="t",
    )  # fmt: skip


def save_several(actor: Any) -> None:
    edits = [tree.Edit("a.ts", "1", "// a.ts\n"), tree.Edit("c.md", "2", "// c.md\n")]
    tree.save_files("p", edits, actor=actor)


def create_file(actor: Any) -> None:
    tree.create_files("p", [tree.NewFile("new.ts", "x")], actor=actor)


def move_file(actor: Any) -> None:
    tree.move_files("p", [tree.Move("a.ts", "b/a.ts")], actor=actor)


def delete_last_file(actor: Any) -> None:
    tree.delete_files("p", ["c.md"], actor=actor)


def delete_and_undo(actor: Any) -> None:
    undo = tree.delete_files("p", ["a.ts", "c.md"], actor=actor).undo
    file_undo.undo_change("p", undo, actor=actor)


def replace_and_undo(actor: Any) -> None:
    undo = tree.create_files("p", [tree.NewFile("a.ts", "x", replace=True)], actor=actor).undo
    file_undo.undo_change("p", undo, actor=actor)


def edit_metadata(actor: Any) -> None:
    seen = metadata_value("p", ("edited",)).seen
    metadata.set_value("p", ("edited",), kind="string", text="after", seen=seen, actor=actor)


def edit_metadata_as_json(actor: Any) -> None:
    shown = metadata_text("p")
    assert '"edited": "before"' in shown
    text = shown.replace('"edited": "before"', '"edited": "after"')
    metadata.replace_json("p", base=shown, text=text, actor=actor)


def add_metadata(actor: Any) -> None:
    metadata.add_value("p", (), key="brand new", kind="int64", text="7", actor=actor)


def remove_metadata(actor: Any) -> None:
    seen = metadata_value("p", ("edited",)).seen
    metadata.remove_value("p", ("edited",), seen=seen, actor=actor)


def rename(actor: Any) -> None:
    lifecycle.rename("p", name="Another", actor=actor)


def describe(actor: Any) -> None:
    lifecycle.describe("p", description="Words", actor=actor)


def archive(actor: Any) -> None:
    lifecycle.archive_project("p", actor=actor)


def archive_and_restore(actor: Any) -> None:
    lifecycle.archive_project("p", actor=actor)
    lifecycle.restore_project("p", actor=actor)


def transfer(actor: Any) -> None:
    lifecycle.transfer("p", user_id="user-2", actor=actor)


WRITES: list[tuple[Callable[[Any], None], set[str]]] = [
    (save_file, {TIME, COUNT, BY, "files/0/content"}),
    (save_several, {TIME, COUNT, BY, "files/0/content", "files/2/content"}),
    (create_file, {TIME, COUNT, BY, "files/3"}),
    (move_file, {TIME, COUNT, BY, "files/0/name"}),
    (delete_last_file, {TIME, COUNT, BY, "files/2"}),
    (delete_and_undo, {TIME, COUNT, BY}),
    (replace_and_undo, {TIME, COUNT, BY}),
    (edit_metadata, {TIME, COUNT, BY, "metadata/edited"}),
    (edit_metadata_as_json, {TIME, COUNT, BY, "metadata/edited"}),
    (add_metadata, {TIME, COUNT, BY, "metadata/brand new"}),
    (remove_metadata, {TIME, COUNT, BY, "metadata/edited"}),
    (rename, {TIME, "name"}),
    (describe, {TIME, "description"}),
    (archive, {TIME, "archived_at"}),
    (archive_and_restore, {TIME}),
    (transfer, {TIME, "user_id"}),
]


def keys_of(data: Any) -> dict[str, raw_bson.Element]:
    """One value of every type, and a few nested ones under names of any kind."""
    odd = data.draw(st.dictionaries(bson_values.KEY, bson_values.VALUES, max_size=3))
    return bson_values.every_leaf(data) | {f"odd {name}": part for name, part in odd.items()}


@pytest.mark.parametrize(
    ("write", "expected"), [pytest.param(*w, id=w[0].__name__) for w in WRITES]
)
@BUILT
@given(data=st.data())
def test_a_write_changes_only_what_it_says(mongo, actor, make_customer, write, expected, data):
    mongo.users.delete_many({})
    mongo.projects.delete_many({})
    make_customer(id="user-2")
    mongo.projects.insert_one(project("p", keys_of(data)))
    before = stored(mongo, "p")
    write(actor)
    assert changes(before, stored(mongo, "p")) == expected


@BUILT
@given(data=st.data())
def test_a_copy_is_the_same_bytes(mongo, actor, data):
    mongo.projects.delete_many({})
    mongo.projects.insert_one(project("p", keys_of(data)))
    before = stored(mongo, "p")
    copy_id = lifecycle.duplicate("p", actor=actor)
    expected = {"_id", "id", "name", "created_at", TIME, COUNT, BY}
    assert changes(before, stored(mongo, copy_id)) == expected
    assert stored(mongo, "p") == before


@BUILT
@given(data=st.data())
def test_reading_survives_every_type_and_changes_nothing(mongo, admin, data):
    mongo.projects.delete_many({})
    mongo.projects.insert_one(project("p", keys_of(data)))
    before = stored(mongo, "p")
    for path in READS:
        assert admin.get(path).status_code == 200, path
    assert b"".join(admin.get("/projects/p/export/")).startswith(b"PK")
    assert b"".join(admin.get("/projects/p/raw/download/"))
    assert stored(mongo, "p") == before


READS = [
    "/",
    "/projects/",
    "/projects/?sort=name&q=Shop",
    "/projects/p/",
    "/projects/p/?file=a.ts",
    "/projects/p/metadata/",
    "/projects/p/metadata/json/",
    "/projects/p/conversation/",
    "/projects/p/conversation/search/?q=blue",
    "/projects/p/conversation/1/",
    "/projects/p/raw/",
    "/projects/p/edit/",
    "/projects/p/files/",
    "/projects/p/file/?path=a.ts",
]
