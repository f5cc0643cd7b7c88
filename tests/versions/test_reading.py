"""A version is read whole, whatever its number."""

import pytest

from devora_admin.core import mongo as core_mongo
from devora_admin.core.errors import NotFound
from devora_admin.versions.queries import versions as queries
from devora_admin.versions.recording import reading
from tests.versions.factory import make_version


def test_a_version_is_read_with_its_contents_in_two_round_trips(make_project):
    project = make_project()
    for number in range(1, 40):
        make_version(project, number, {"a.ts": f"let a = {number};\n", "b.ts": "same\n"})
    for number in (1, 39):
        core_mongo.round_trips.reset()
        found = queries.version(project["id"], number)
        texts = queries.contents([each.sha for each in found.files], found)
        assert core_mongo.round_trips.count == 2
        assert texts[found.entry("a.ts").sha] == f"let a = {number};\n".encode()


def test_one_content_is_stored_once(mongo, make_project):
    for project in (make_project(), make_project()):
        make_version(project, 1, {"a.ts": "same\n", "copy.ts": "same\n"})
    assert mongo.file_blobs.count_documents({}) == 1


def test_a_version_that_never_was_and_one_that_was_pruned_are_told_apart(make_project):
    project = make_project()
    make_version(project, 5, {"a.ts": "x"})
    with pytest.raises(queries.Pruned) as pruned:
        queries.version(project["id"], 3)
    assert pruned.value.nearest == 5
    with pytest.raises(NotFound) as absent:
        queries.version(project["id"], 6)
    assert not isinstance(absent.value, queries.Pruned)


def test_the_collections_are_compressed_with_zstd(mongo):
    for name in ("file_blobs", "project_versions", "project_heads"):
        stats = mongo.command("collStats", name)
        assert "block_compressor=zstd" in stats["wiredTiger"]["creationString"]


def test_without_a_collection_of_projects_there_is_none_to_read(mongo):
    mongo.projects.drop()
    try:
        assert reading.projects_after(None, limit=10) == []
    finally:
        core_mongo.ensure_indexes(only={"projects"})
