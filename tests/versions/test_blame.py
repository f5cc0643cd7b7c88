"""Which version, and so which turn, last changed a line."""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from devora_admin.core import mongo as core_mongo
from devora_admin.versions import manifest
from devora_admin.versions.diffs import manifests
from devora_admin.versions.documents import versions
from devora_admin.versions.queries import blame as queries
from devora_admin.versions.queries.versions import contents
from devora_admin.versions.queries.versions import version as read_version
from tests import factories
from tests.versions.factory import STAFF, by_turn, make_version
from tests.versions.test_history import open_version


def entries(files: dict[str, str]) -> tuple[list[manifest.Entry], dict[bytes, bytes]]:
    found = {manifest.sha_of(text.encode()): text.encode() for text in files.values()}
    listed = [
        manifest.Entry(path, manifest.sha_of(text.encode()), len(text.encode()))
        for path, text in files.items()
    ]
    return listed, found


def record(project: Any, states: list[dict[str, str]], **fields: Any) -> None:
    """A version for each state, with its changes as the worker counts them."""
    before: dict[str, str] = {}
    for number, files in enumerate(states, start=1):
        old, new = entries(before), entries(files)
        changes = manifests.changes_between(old[0], new[0], old[1] | new[1])
        rows = [
            {"p": each.path, "st": each.status, "a": each.added, "r": each.removed}
            | ({"f": each.from_path} if each.from_path else {})
            for each in changes
        ]
        make_version(project, number, files, changes=rows, **fields)
        before = files


def origins(project: Any, number: int, path: str) -> list[queries.Origin]:
    version = read_version(project["id"], number)
    sha = version.entry(path).sha
    return queries.blame(version, path, contents([sha], version)[sha])


def numbers(project: Any, number: int, path: str) -> list[tuple[int, int | None]]:
    return [(each.version.number, each.after) for each in origins(project, number, path)]


@dataclass
class Written:
    """A file whose lines each know the version that wrote them."""

    path: str
    lines: list[tuple[str, int]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line, _ in self.lines)


edits = st.lists(
    st.tuples(
        st.sampled_from(["insert", "insert", "replace", "delete", "rename", "other", "other"]),
        st.integers(0, 1000),
        st.integers(1, 4),
    ),
    min_size=1,
    max_size=14,
)


def _edit(file: Written, edit: tuple[str, int, int], number: int) -> None:
    kind, place, count = edit
    at = place % (len(file.lines) + 1)
    fresh = [(f"line {number}.{each} of its own words {number * 31 + each}", number)
             for each in range(count)]  # fmt: skip
    if kind == "insert":
        file.lines[at:at] = fresh
    elif kind == "replace":
        file.lines[at : at + count] = fresh
    elif kind == "delete" and len(file.lines) > count:
        del file.lines[at : at + count]
    elif kind == "rename":
        file.path = f"src/{number}.ts"


@settings(max_examples=40, deadline=None)
@given(edits=edits, gone=st.sets(st.integers(1, 15), max_size=9))
@example(edits=[("insert", 0, 1), ("other", 0, 1), ("other", 0, 1)], gone={2})
@example(edits=[("insert", 3, 2), ("rename", 0, 1), ("other", 0, 1)], gone={2, 1})
def test_every_line_is_traced_as_if_each_had_been_followed(edits, gone):
    project = factories.project()
    file = Written("a.ts", [(f"first {at}", 1) for at in range(6)])
    states = [{file.path: file.text, "other.ts": "0"}]
    renames = set()
    for number, edit in enumerate(edits, start=2):
        _edit(file, edit, number)
        states.append({file.path: file.text, "other.ts": str(number)})
        if edit[0] == "rename":
            renames.add(number)
    last = len(states)
    record(project, states)
    # A rename that was removed cannot be known.
    removed = gone - renames - {last}
    versions().delete_many({"project_id": project["id"], "number": {"$in": sorted(removed)}})
    kept = [number for number in range(1, last + 1) if number not in removed]
    expected = []
    for _, written in file.lines:
        number = min(each for each in kept if each >= written)
        before = max((each for each in kept if each < number), default=0)
        expected.append((number, before if before != number - 1 else None))
    assert numbers(project, last, file.path) == expected
    for at, (number, _) in enumerate(expected, start=1):
        found = read_version(project["id"], last)
        sha = found.entry(file.path).sha
        text = contents([sha], found)[sha]
        one = queries.blame_line(found, file.path, text, at)
        assert one.origin.version.number == number
        there = states[number - 1][one.origin.path].splitlines()
        assert there[one.line - 1] == file.lines[at - 1][0]


def test_a_line_that_never_changed_is_of_the_first_version(make_project):
    project = make_project()
    record(project, [{"a.ts": "same\n", "b.ts": str(at)} for at in range(30)])
    assert numbers(project, 30, "a.ts") == [(1, None)]


def test_only_versions_that_changed_the_file_are_read(make_project):
    project = make_project()
    record(project, [{"a.ts": f"{at // 50}\n", "b.ts": str(at)} for at in range(100)])
    core_mongo.round_trips.reset()
    assert numbers(project, 100, "a.ts") == [(51, None)]
    assert core_mongo.round_trips.count == 6


def test_a_history_that_is_too_long_says_how_far_it_was_followed(make_project, monkeypatch):
    monkeypatch.setattr(queries, "MOST_POINTS", 5)
    project = make_project()
    record(project, [{"a.ts": f"first\n{at}\n"} for at in range(12)])
    found = origins(project, 12, "a.ts")
    assert (found[0].version.number, found[0].is_older) == (8, True)
    assert (found[1].version.number, found[1].is_older) == (12, False)


def test_the_open_version_and_a_rename_in_it_are_followed(mongo, make_project):
    project = make_project()
    text = "".join(f"line {at}\n" for at in range(10))
    record(project, [{"a.ts": text}, {"a.ts": text + "more\n"}])
    open_version(mongo, project, 3, {"b.ts": text + "more\nnew\n"})
    assert [number for number, _ in numbers(project, 3, "b.ts")] == [1] * 10 + [2, 3]


def test_a_version_of_more_files_than_are_named_is_looked_at(make_project):
    project = make_project()
    record(project, [{"a.ts": "1\n"}, {"a.ts": "1\n2\n"}, {"a.ts": "1\n2\n", "b": "x"}])
    versions().update_one(
        {"project_id": project["id"], "number": 2},
        {"$set": {"changes": [], "totals.files": 5000}},
    )
    assert numbers(project, 3, "a.ts") == [(1, None), (2, None)]


@pytest.fixture
def told(make_project):
    project = make_project()
    make_version(project, 1, {"a.ts": "one\n"}, why="found")
    make_version(project, 2, {"a.ts": "one\ntwo\n"}, author=by_turn(4, "between"),
                 changes=[{"p": "a.ts", "st": "changed", "a": 1, "r": 0}])  # fmt: skip
    make_version(project, 9, {"a.ts": "one\ntwo\nthree\n"}, author=STAFF,
                 changes=[{"p": "a.ts", "st": "changed", "a": 1, "r": 0}])  # fmt: skip
    return project


def line(client, project, at, **headers):
    return client.get(f"/projects/{project['id']}/versions/9/blame/?file=a.ts&line={at}", **headers)


def test_a_line_tells_its_turn_its_tracking_or_its_gap(admin, told):
    first, second, third = (line(admin, told, at).content.decode() for at in (1, 2, 3))
    assert "was there when tracking began" in first
    assert "turn 5" in second
    assert "written between the message and the answer" in second
    assert "after version 2 and by version 9" in third
    assert re.search(r"versions/2/\?file=a.ts#L2", second)


def test_htmx_gets_the_line_alone_and_a_wrong_line_is_refused(admin, told):
    answer = line(admin, told, 2, HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in answer
    assert "turn 5" in answer
    assert line(admin, told, 4).status_code == 404
    assert line(admin, told, 0).status_code == 422
    assert line(admin, told, "x").status_code == 422


def test_the_whole_file_has_a_margin(admin, told):
    html = admin.get(f"/projects/{told['id']}/versions/9/?file=a.ts&blame=1").content.decode()
    runs = re.findall(r'class="line-by[^"]*">(.*?)</span>\s*<a class="line-no"', html, re.DOTALL)
    assert len(runs) == 3
    assert "turn 5" in runs[1]
    assert "Ada Editor" in runs[2]
