"""A name keeps a version for ever."""

from typing import Any

import pytest

from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.versions.documents import versions
from devora_admin.versions.queries import versions as queries
from devora_admin.versions.services.naming import name_version
from tests.versions.factory import make_version
from tests.versions.following import following


def named(project: Any, number: int) -> tuple[str, str]:
    head = queries.version(project["id"], number).head
    return head.name, head.named_by


def test_a_version_is_named_renamed_and_unnamed_on_record(mongo, make_project, actor):
    project = make_project()
    make_version(project, 1, {"a.ts": "x"})
    name_version(project["id"], 1, name="  Before   launch ", actor=actor)
    assert named(project, 1) == ("Before launch", "Admin Person")
    name_version(project["id"], 1, name="", expected="Before launch", actor=actor)
    assert named(project, 1) == ("", "")
    rows = list(mongo.audit_log.find({"action": "project.version.name"}).sort("at", 1))
    assert [row["after"]["name"] for row in rows] == ["Before launch", ""]


def test_naming_the_open_version_ends_it(mongo, make_project, actor):
    with following() as follower:
        project = make_project()
        follower.catch_up()
        assert queries.version(project["id"], 1).head.is_open
        name_version(project["id"], 1, name="Start", actor=actor)
        assert not queries.version(project["id"], 1).head.is_open
        mongo.projects.update_one({"id": project["id"]}, {"$set": {"files.0.content": "more"}})
        follower.catch_up()
        assert queries.latest(project["id"]).number == 2
        assert named(project, 1) == ("Start", "Admin Person")


def test_somebody_elses_name_is_not_written_over(make_project, actor):
    project = make_project()
    make_version(project, 1, {"a.ts": "x"}, name="Theirs")
    with pytest.raises(Conflict, match="Theirs"):
        name_version(project["id"], 1, name="Mine", expected="", actor=actor)


@pytest.mark.parametrize("name", ["x" * 121, "a\0b", "a\u202eb"])
def test_a_name_that_cannot_be_shown_is_refused(make_project, actor, name: str):
    project = make_project()
    make_version(project, 1, {"a.ts": "x"})
    with pytest.raises(InvalidInput):
        name_version(project["id"], 1, name=name, actor=actor)


def test_no_such_version_and_no_such_project(make_project, actor):
    with pytest.raises(NotFound):
        name_version(make_project()["id"], 1, name="x", actor=actor)
    with pytest.raises(NotFound):
        name_version("nobody", 1, name="x", actor=actor)
    assert versions().count_documents({}) == 0
