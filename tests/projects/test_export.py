"""A project as a zip."""

import io
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devora_admin.projects.archives.collect import collect
from devora_admin.projects.archives.export_names import place_names
from devora_admin.projects.archives.zip_reader import open_zip
from devora_admin.projects.archives.zip_writer import zip_chunks


def exported(client: Any, project: dict[str, Any]) -> zipfile.ZipFile:
    response = client.get(f"/projects/{project['id']}/export/")
    assert response.status_code == 200
    return zipfile.ZipFile(io.BytesIO(b"".join(response)))


def file(name: Any, content: Any = "x") -> dict[str, Any]:
    return {"name": name, "content": content, "language": "plaintext"}


def test_the_zip_holds_the_files_in_one_folder_named_after_the_project(admin, make_project):
    project = make_project(name="My Shop!", files=[file("app/a.ts", "é\r\n"), file("b.txt", "")])
    archive = exported(admin, project)
    assert archive.testzip() is None
    assert archive.namelist() == ["My-Shop/app/a.ts", "My-Shop/b.txt"]
    assert archive.read("My-Shop/app/a.ts") == "é\r\n".encode()


@pytest.mark.parametrize("name", ['a"; x="', "é/../..", "\r\nX-Evil: 1", "...", None, 5])
def test_the_download_has_a_harmless_name(admin, make_project, name):
    response = admin.get(f"/projects/{make_project(name=name)['id']}/export/")
    disposition = response["Content-Disposition"]
    stem = disposition.removeprefix('attachment; filename="').removesuffix('.zip"')
    assert stem.replace("-", "").replace(".", "").isalnum()
    assert not stem.startswith(".")


def test_an_export_is_streamed_and_always_the_same(admin, make_project):
    project = make_project(files=[file(f"{n}.txt", str(n) * 9_000) for n in range(50)])
    first, second = (admin.get(f"/projects/{project['id']}/export/") for _ in range(2))
    assert first.streaming
    assert b"".join(first) == b"".join(second)


def test_a_large_export_comes_in_pieces():
    import random

    noise = random.Random(1)
    files = [file(f"{n}.txt", noise.randbytes(100_000).hex()) for n in range(20)]
    pieces = list(zip_chunks(files, folder="x"))
    assert len(pieces) > 4


def test_an_export_changes_nothing(admin, mongo, make_project):
    project = make_project()
    exported(admin, project)
    assert mongo.projects.find_one({"id": project["id"]}) is not None
    assert mongo.audit_log.count_documents({}) == 0


def test_a_project_that_is_not_there_cannot_be_exported(admin):
    assert admin.get("/projects/nothing/export/").status_code == 404


def test_a_viewer_may_not_export(client_for, make_project):
    assert client_for("viewer").get(f"/projects/{make_project()['id']}/export/").status_code == 403


def test_harmful_names_are_made_safe_and_listed(admin, make_project):
    names = ["../../etc/passwd", "/abs.txt", "C:\\win.txt", "a\0b.txt", "fine.txt"]
    archive = exported(admin, make_project(name="p", files=[file(name) for name in names]))
    assert archive.namelist() == [
        "p/etc/passwd", "p/abs.txt", "p/C_/win.txt", "p/a_b.txt", "p/fine.txt", "p/MALFORMED.txt",
    ]  # fmt: skip
    listed = archive.read("p/MALFORMED.txt").decode()
    assert "'../../etc/passwd' is here as 'etc/passwd'" in listed
    assert "fine" not in listed


def test_names_used_twice_are_told_apart(admin, make_project):
    files = [file("a.ts", "1"), file("a.ts", "2"), file("a (2).ts", "3"), file("d"), file("d/e")]
    archive = exported(admin, make_project(name="p", files=files))
    assert archive.namelist()[:5] == ["p/a.ts", "p/a (3).ts", "p/a (2).ts", "p/d (2)", "p/d/e"]
    assert archive.read("p/a (3).ts") == b"2"


def test_malformed_entries_are_listed_and_the_rest_is_exported(admin, make_project):
    files = [
        7,
        None,
        {"content": "x"},
        file(3),
        file("a.txt", b"bytes"),
        file("MALFORMED.txt"),
        file("b"),
    ]
    archive = exported(admin, make_project(name="p", files=files))
    assert archive.namelist() == ["p/MALFORMED.txt", "p/b", "p/MALFORMED (2).txt"]
    listed = archive.read("p/MALFORMED (2).txt").decode().splitlines()
    assert [line.partition(":")[0] for line in listed] == [f"files[{n}]" for n in range(5)]


@pytest.mark.parametrize("files", [None, "text", {"a": 1}, 5])
def test_files_that_are_no_list_are_said_to_be_malformed(admin, make_project, files):
    archive = exported(admin, make_project(name="p", files=files))
    assert archive.namelist() == ["p/MALFORMED.txt"]


def test_a_project_without_files_is_an_empty_zip(admin, make_project):
    assert exported(admin, make_project(files=[])).namelist() == []


def test_thousands_of_files_of_one_name_do_not_hold_up_an_export():
    assert len(set(place_names(["a.txt"] * 20_000))) == 20_000


ANY_NAME = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    ["a", "a/b", "A", "a (2)", "../a", "..", "/", "C:\\a", "a//b", "./a", "a/b/c", "\0"]
)


@settings(max_examples=200, deadline=None)
@given(names=st.lists(ANY_NAME, max_size=8))
def test_any_names_come_out_safe_and_unique(names):
    placed = place_names(names)
    assert len(set(placed)) == len(names)
    folders = {
        part
        for name in placed
        for part in (name.rsplit("/", n)[0] for n in range(1, 9))
        if part != name
    }
    assert not folders & set(placed)
    for name in placed:
        assert name
        assert not name.startswith("/")
        assert "\\" not in name
        assert ".." not in name.split("/")


WORD = st.text("abcdefé.-_", min_size=1, max_size=8).filter(lambda w: w.strip(". ") == w)
PATHS = st.lists(
    st.lists(WORD, min_size=1, max_size=3).map("/".join), min_size=1, max_size=8, unique=True
)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)


@settings(max_examples=200, deadline=None)
@given(data=st.data(), paths=PATHS)
def test_an_export_that_is_imported_again_is_the_same_files(data, paths):
    folders = {path.rsplit("/", n)[0] for path in paths for n in (1, 2) if path.count("/") >= n}
    files = {path: data.draw(TEXT) for path in paths if path not in folders}
    stored = [file(name, content) for name, content in files.items()]
    archive = b"".join(zip_chunks(stored, folder="project"))
    with open_zip(io.BytesIO(archive)) as root:
        assert {each.name: each.content for each in collect(root).files} == files
